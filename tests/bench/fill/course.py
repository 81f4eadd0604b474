"""When what happened to one plan."""
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.rules.words import PlanStatus

DAY = timedelta(days=1)
STATUSES = {
    PlanStatus.ACTIVE: 85, PlanStatus.PASSIVE: 5, PlanStatus.CLOSED: 7, PlanStatus.AWAITING_CONSENT: 3}


@dataclass(frozen=True)
class Course:
    opened: datetime
    status: PlanStatus
    ended: datetime | None = None
    renewed: datetime | None = None  # when the second year's consent was sent

    @property
    def in_force(self) -> datetime:
        return self.opened + 3 * DAY

    def statuses(self) -> Iterator[tuple[datetime, PlanStatus]]:
        yield self.opened, PlanStatus.DRAFT
        yield self.opened + DAY, PlanStatus.AWAITING_CONSENT
        if self.status is not PlanStatus.AWAITING_CONSENT:
            yield self.in_force, PlanStatus.ACTIVE
        if self.ended:
            yield self.ended, self.status


def course(rnd: random.Random, now: datetime) -> Course:
    """Most plans are active, the older half under a renewed consent; the rest has ended or not begun."""
    [status] = rnd.choices(list(STATUSES), list(STATUSES.values()))
    if status is PlanStatus.AWAITING_CONSENT:
        return Course(now - 2 * DAY, status)
    age = rnd.randrange(90, 660)
    opened = now - timedelta(days=age, minutes=rnd.randrange(1_440))
    ended = None if status is PlanStatus.ACTIVE else now - timedelta(days=rnd.randrange(1, age - 60))
    renewed = opened + 350 * DAY
    return Course(opened, status, ended, renewed if renewed + 3 * DAY < (ended or now) else None)
