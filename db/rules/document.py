"""What may be put beside a consent: the form signed on paper, as a PDF, and no more (domain.md §5, §6)."""
from datetime import date, datetime, timedelta

from db.rules.errors import Refused
from db.rules.grant import OSLO

KEPT = timedelta(hours=24)  # an upload that nothing names
WAITING = 10  # uploads of one person that nothing names yet
PAGES = 12  # a form has one or two; room for a scan with its back sides, none for a report
BYTES = 10 * 1024 * 1024


def check_waiting(uploads: int) -> None:
    if uploads >= WAITING:
        raise Refused("TOO_MANY", "paper", most=WAITING)


def check_signed_on(day: date, sent: datetime | None, now: datetime) -> None:
    """Not before the form went out, nor after today; in Norway."""
    if sent is None or not sent.astimezone(OSLO).date() <= day <= now.astimezone(OSLO).date():
        raise Refused("BAD_SIGNING_DAY", "signedOn")
