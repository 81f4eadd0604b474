"""What a unit is to note in its own fagsystem by hand: when it is reminded, and what it may answer."""
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

from db.rules.delivery import ENDING, FactKind
from db.rules.errors import Refused
from db.rules.grant import OSLO
from db.rules.reminder import MORNING
from db.rules.words import NoticeKind


class Rejection(StrEnum):
    """Why a unit can't note a fact: its system does not know the person, or has several such."""
    UNKNOWN_PERSON = "UNKNOWN_PERSON"
    AMBIGUOUS = "AMBIGUOUS"


BEFORE = timedelta(days=2)  # a reminder comes so long before a task is due
TOGETHER = timedelta(hours=12)  # what comes so soon after a notice of the same kind is in that one
REFERENCE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9./_-]{0,28}[A-Za-z0-9])?")
IDENTITY_NUMBER = 11  # digits


def due_on(now: datetime, within: timedelta) -> date:
    """The last day to note it on, in Norway."""
    return (now.astimezone(OSLO) + within).date()


def overdue(due: date, now: datetime) -> bool:
    return due < now.astimezone(OSLO).date()


def reminder(due: date, now: datetime) -> tuple[NoticeKind, datetime | None]:
    """Of what to remind now, and when next. However many mornings were missed, it is of one thing."""
    about, later = NoticeKind.TASK_WAITS, list[datetime]()
    for kind, at in _mornings(due):
        if at <= now:
            about = kind
        else:
            later.append(at)
    return about, min(later, default=None)


def _mornings(due: date) -> Iterator[tuple[NoticeKind, datetime]]:
    yield NoticeKind.TASK_DUE, datetime.combine(due - BEFORE, MORNING, OSLO)
    yield NoticeKind.TASK_OVERDUE, datetime.combine(due + timedelta(days=1), MORNING, OSLO)


def check_reference(reference: str | None, field: str) -> str | None:
    """The unit's own case number, without white space round it; None where there is none.

    Administrators read it, so it is too short of digits to be somebody's identity number."""
    text = (reference or "").strip()
    if text and not (REFERENCE.fullmatch(text) and sum(map(str.isdigit, text)) < IDENTITY_NUMBER):
        raise Refused("BAD_REFERENCE", field)
    return text or None


def check_reject(kind: FactKind) -> None:
    """Where a system does not know the person there is nothing to end, and that is the end."""
    if kind in ENDING:
        raise Refused("CONFIRM_END", "deliveryId")
