"""When people are reminded: a consent runs out, a birthday changes who signs (domain.md §5)."""
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from db.rules.grant import OSLO, ConsentFacts, PlanFacts, birthday
from db.rules.words import NoticeKind, PlanStatus

MORNING = time(9)  # in Norway: no telephone shall wake anybody
BEFORE_BIRTHDAY = 60  # days


@dataclass(frozen=True)
class Reminder:
    """Due from a morning on, and of no use from the moment that what it tells of has come.

    It goes to the stafettholder; `owner`: and to the owner. Nobody's rights change by it."""
    about: NoticeKind
    due: datetime
    ends: datetime
    owner: bool = False


def reminders(facts: PlanFacts, days: Collection[int]) -> Iterator[Reminder]:
    """All of a plan, past and to come; `days`: how long before a consent's end (⚙). None while it is closed.

    What was due before the consent held, or before there was a plan, is nobody's to be told."""
    if not facts.statuses or facts.statuses[-1][1] is PlanStatus.CLOSED:
        return
    for consent in facts.consents:
        due = [_morning(consent.valid_until, n) for n in days] if _runs_out(consent, facts) else []
        yield from (Reminder(NoticeKind.CONSENT_EXPIRES, at, consent.valid_until) for at in due
                    if consent.opens and at > consent.opens)
    for age in sorted({facts.consent_age, 18}):
        day = birthday(facts.born, age)
        due_at = _morning(day, BEFORE_BIRTHDAY)
        if due_at > facts.statuses[0][0]:
            yield Reminder(NoticeKind.SIGNERS_CHANGE, due_at, day, owner=age == 18)


def _runs_out(consent: ConsentFacts, facts: PlanFacts) -> bool:
    """Whether it ends by time, and no other that all have signed goes on where it ends."""
    on = (c.opens and c.opens <= consent.valid_until < c.closes for c in facts.consents)
    return consent.closes == consent.valid_until and not any(on)


def _morning(end: datetime, days: int) -> datetime:
    day = end.astimezone(OSLO).date() - timedelta(days=days)
    return datetime.combine(day, MORNING, OSLO)
