"""The life of one delivery: its states, what a failed attempt means, and when to try again."""
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class DeliveryState(StrEnum):
    """What people see; only CONFIRMED, a business receipt, ends our duty to keep what was sent."""
    ORDERED = "ORDERED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    DEAD = "DEAD"
    CANCELLED = "CANCELLED"


class DeliveryFault(StrEnum):
    """Why an attempt failed, as far as it decides what happens next."""
    RETRYABLE = "RETRYABLE"
    PERMANENT = "PERMANENT"
    AUTH = "AUTH"
    UNKNOWN_PERSON = "UNKNOWN_PERSON"
    AMBIGUOUS = "AMBIGUOUS"


class FactKind(StrEnum):
    """What a delivery tells: a fact for a fagsystem, or a version of the plan for the archive."""
    OPENED = "OPENED"
    HOLDER_CHANGED = "HOLDER_CHANGED"
    CORRECTED = "CORRECTED"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"
    ARCHIVED = "ARCHIVED"


OPEN_STATES = frozenset({DeliveryState.ORDERED, DeliveryState.SENT, DeliveryState.ACCEPTED})
BACKOFF = tuple(timedelta(seconds=s) for s in (
    5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))  # about 3 days in all: interfaces.md §1


@dataclass(frozen=True)
class Next:
    """What follows a failed attempt: another at a time, or an end that a person must look at."""
    state: DeliveryState
    at: datetime | None = None


def next_attempt(fault: DeliveryFault, attempts: int, now: datetime, jitter: float,
                 retry_after: timedelta | None = None) -> Next:
    """After `attempts` attempts (1 or more) of which the last failed with `fault`; `jitter` is uniform in [0, 1).

    Full jitter: uniform between nothing and the step, but never before the receiver's own Retry-After.
    Unknown person and several hits stop until a person has looked: a later try would say the same."""
    match fault:
        case DeliveryFault.RETRYABLE | DeliveryFault.AUTH if attempts <= len(BACKOFF):
            wait = BACKOFF[attempts - 1] * jitter
            return Next(DeliveryState.ORDERED, now + max(wait, retry_after or timedelta()))
        case DeliveryFault.RETRYABLE | DeliveryFault.AUTH:
            return Next(DeliveryState.DEAD)
        case _:
            return Next(DeliveryState.REJECTED)
