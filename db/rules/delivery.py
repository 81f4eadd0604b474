"""The life of one delivery: its states, what a failed attempt means, and when to try again."""
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from db.rules.errors import Refused


class DeliveryState(StrEnum):
    """What people see; only CONFIRMED, a business receipt, ends our duty to keep what was sent."""
    ORDERED = "ORDERED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    DEAD = "DEAD"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class DeliveryFault(StrEnum):
    """Why an attempt failed, as far as it decides what happens next."""
    RETRYABLE = "RETRYABLE"
    PERMANENT = "PERMANENT"
    AUTH = "AUTH"
    GONE = "GONE"
    UNKNOWN_PERSON = "UNKNOWN_PERSON"
    AMBIGUOUS = "AMBIGUOUS"


class FactKind(StrEnum):
    """What a delivery tells: a fact for a fagsystem, a meeting's conclusion, a version of the plan for the
    archive, or to one person that there is something for them."""
    OPENED = "OPENED"
    HOLDER_CHANGED = "HOLDER_CHANGED"
    CORRECTED = "CORRECTED"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"
    CONCLUSION = "CONCLUSION"
    ARCHIVED = "ARCHIVED"
    NOTICE = "NOTICE"


class RecordState(StrEnum):
    """What a target holds by its own word, beside what it has confirmed."""
    SAME = "SAME"
    MISSING = "MISSING"
    DIFFERENT = "DIFFERENT"


class CancelReason(StrEnum):
    """Why a fact does not go out any more."""
    CONSENT_ENDED = "CONSENT_ENDED"  # the service takes no part under a consent in force
    NO_IDENTITY_NUMBER = "NO_IDENTITY_NUMBER"  # of the owner: the service could not know whom it is about
    NEVER_TOLD = "NEVER_TOLD"  # there is nothing to end: the service has not heard of the plan
    NO_BUSINESS = "NO_BUSINESS"  # the person has none with the plan any more
    NO_ADDRESS = "NO_ADDRESS"  # nor the address that the notice was for, or has chosen the other channel
    TURNED_OFF = "TURNED_OFF"  # the municipality sends no conclusions any more
    BY_HAND = "BY_HAND"


DONE = frozenset({  # all others hold back what follows
    DeliveryState.CONFIRMED, DeliveryState.CANCELLED, DeliveryState.EXPIRED})
BLOCKED = frozenset({DeliveryState.REJECTED, DeliveryState.DEAD})  # wait for a person
OPENING = frozenset({FactKind.OPENED, FactKind.HOLDER_CHANGED, FactKind.CORRECTED})
ENDING = frozenset({FactKind.WITHDRAWN, FactKind.CLOSED})
NEWS = timedelta(days=7)  # how long a notice to somebody is worth telling
BACKOFF = tuple(timedelta(seconds=s) for s in (
    5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))  # about 3 days in all: interfaces.md §1

Service = tuple[UUID, str]  # a unit and the target of its fagsystem


@dataclass(frozen=True)
class Next:
    """What follows a failed attempt: another at a time, or an end that a person must look at."""
    state: DeliveryState
    at: datetime | None = None


def next_attempt(fault: DeliveryFault, attempts: int, now: datetime, jitter: float,
                 retry_after: timedelta | None = None) -> Next:
    """After `attempts` attempts (1 or more), the last with this `fault`; `jitter` is uniform in [0, 1).

    Full jitter: uniform between nothing and the step, but never before the receiver's own Retry-After.
    Unknown person and several hits stop until a person has looked: a later try would say the same."""
    match fault:
        case DeliveryFault.AUTH | DeliveryFault.GONE:  # the target is paused by it: `rules.target`
            return Next(DeliveryState.ORDERED, now)
        case DeliveryFault.RETRYABLE if attempts <= len(BACKOFF):
            wait = BACKOFF[attempts - 1] * jitter
            return Next(DeliveryState.ORDERED, now + max(wait, retry_after or timedelta()))
        case DeliveryFault.RETRYABLE:
            return Next(DeliveryState.DEAD)
        case _:
            return Next(DeliveryState.REJECTED)


def settled(told: frozenset[Service], wanted: frozenset[Service],
            ending: FactKind) -> list[tuple[Service, FactKind]]:
    """What must be told so that just the `wanted` services know of the plan, where those in `told` do now."""
    ends = [(service, ending) for service in sorted(told - wanted)]
    return [*ends, *((service, FactKind.OPENED) for service in sorted(wanted - told))]


def cancelled_because(kind: FactKind, *, wanted: bool, numbered: bool, heard: bool) -> CancelReason | None:
    """Why a fact may not go out any more, asked again at every attempt; None where it may.

    `wanted`: the service takes part under the consent in force; `numbered`: the owner has an identity number;
    `heard`: it may have been told before. What is never attempted needs no end to be told, which would be
    refused as well, and stand in the way of the plan's deletion for ever."""
    if kind in OPENING and not wanted:
        return CancelReason.CONSENT_ENDED
    if kind in OPENING and not numbered:
        return CancelReason.NO_IDENTITY_NUMBER
    if kind in ENDING and not heard:
        return CancelReason.NEVER_TOLD
    return None


def check_retry(state: DeliveryState, kind: FactKind, record: RecordState | None) -> None:
    """What waits for its next attempt, or for a person, can be tried at once; and a fact that its target has
    lost. A version is not sent again, for it would be made anew: another is archived."""
    confirmed, kept = state is DeliveryState.CONFIRMED, record in (None, RecordState.SAME)
    lost = confirmed and not kept and kind is not FactKind.ARCHIVED
    if (state in DONE and not lost) or state is DeliveryState.SENT:
        raise Refused("CANT_RETRY", "deliveryId", state=state)


def check_cancel(state: DeliveryState, kind: FactKind) -> None:
    """What is under way or done can't be taken back; and an end must be told, or a record stays for ever."""
    if kind in ENDING or state in DONE or state is DeliveryState.SENT:
        raise Refused("CANT_CANCEL", "deliveryId", state=state)
