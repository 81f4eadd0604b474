"""Whether a target is tried: paused until a person looks, or at rest after failures (interfaces.md §1)."""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product

from db.rules.delivery import DeliveryFault
from db.rules.errors import Refused


class PauseReason(StrEnum):
    """Why nothing goes out to a target until somebody resumes it."""
    BY_HAND = "BY_HAND"
    AUTH = "AUTH"  # it took our credentials for wrong: another try could lock us out
    GONE = "GONE"  # it says that it is no more


PAUSES = {DeliveryFault.AUTH: PauseReason.AUTH, DeliveryFault.GONE: PauseReason.GONE}
IN_A_ROW = 5  # failures of any of its deliveries, after which it rests
RESTS = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 900))


@dataclass(frozen=True)
class Breaker:
    """A circuit breaker: closed while there is no time in it, open until then, and from then on half-open:
    one delivery may try."""
    failures: int = 0
    resting_until: datetime | None = None


CLOSED = Breaker()


def after(breaker: Breaker, fault: DeliveryFault | None, now: datetime) -> Breaker:
    """Whatever is answered but RETRYABLE closes it: somebody is there."""
    if fault is not DeliveryFault.RETRYABLE:
        return CLOSED
    failures = breaker.failures + 1
    if failures < IN_A_ROW:
        return Breaker(failures)
    return Breaker(failures, now + RESTS[min(failures - IN_A_ROW, len(RESTS) - 1)])


@dataclass(frozen=True)
class Limits:
    """How much a target takes, from all workers together: deliveries in a minute, evenly, and at once."""
    per_minute: int | None = None
    at_once: int | None = None

    def turn(self, taken: datetime | None, now: datetime) -> datetime:
        """The next one's, where the last that is taken was `taken`."""
        if taken is None or self.per_minute is None:
            return now
        return max(now, taken + timedelta(minutes=1) / self.per_minute)


UNLIMITED = Limits()
KEPT = timedelta(minutes=1)  # how long a turn is kept for who does not come, be it that the target rested


class Use(StrEnum):
    """What a target is to those it serves."""
    FAGSYSTEM = "FAGSYSTEM"  # of units
    ARCHIVE = "ARCHIVE"  # of municipalities, as what follows
    SMS = "SMS"
    EMAIL = "EMAIL"


@dataclass(frozen=True)
class Serves:
    """Whose a target is: units by organisation number, or municipalities by number."""
    uses: frozenset[Use]
    numbers: frozenset[str]


def clashes(serves: Mapping[str, Serves]) -> Iterator[tuple[str, str, str]]:
    """Each second target that a number has for one use: by its name, the number, and the first's name."""
    first = dict[tuple[Use, str], str]()
    for name, of in serves.items():
        for use, number in product(sorted(of.uses), sorted(of.numbers)):
            if first.setdefault((use, number), name) != name:
                yield name, number, first[use, number]


def check_pause(paused_at: datetime | None) -> None:
    if paused_at is not None:
        raise Refused("PAUSED_ALREADY", "targetId")


def check_resume(paused_at: datetime | None) -> None:
    if paused_at is None:
        raise Refused("NOT_PAUSED", "targetId")
