"""What may happen to a consent: who must sign, and its moves from draft to its end (domain.md §5)."""
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from db.rules.errors import Refused
from db.rules.grant import OSLO, birthday
from db.rules.words import ConsentState, SigningMethod


@dataclass(frozen=True)
class ConsentTimes:
    """All that a consent's state follows from; a time that is None has not come."""
    valid_until: datetime
    sent: datetime | None = None
    opened: datetime | None = None
    declined: datetime | None = None
    withdrawn: datetime | None = None
    superseded: datetime | None = None


def state(times: ConsentTimes, at: datetime) -> ConsentState:
    """The state at a moment; times later than `at` have not happened yet. The table in tests says the same for SQL."""
    def come(moment: datetime | None) -> bool:
        return moment is not None and moment <= at
    if come(times.declined):
        return ConsentState.DECLINED
    if come(times.withdrawn):
        return ConsentState.WITHDRAWN
    if come(times.superseded):
        return ConsentState.SUPERSEDED
    if come(times.sent) and times.valid_until <= at:
        return ConsentState.EXPIRED
    if come(times.opened):
        return ConsentState.IN_FORCE
    return ConsentState.SENT if come(times.sent) else ConsentState.DRAFT


def signers(owner: UUID, born: date, guardians: Collection[UUID], at: datetime, consent_age: int,
            *, guardians_too: bool) -> frozenset[UUID]:
    """Who must sign on the day: every guardian; from `consent_age` the owner (and the guardians too, ⚙); from 18 alone.

    Refused where nobody could sign."""
    if at >= birthday(born, 18):
        return frozenset({owner})
    if at >= birthday(born, consent_age):
        return frozenset({owner, *(guardians if guardians_too else ())})
    if not guardians:
        raise Refused("NO_SIGNER", "planId")
    return frozenset(guardians)


def period(valid_from: date | None, valid_until: date | None, now: datetime, days: int) -> tuple[datetime, datetime]:
    """From a day's start to the end of its last day, in Norway; by default from now and for `days` days (⚙ one year)."""
    opens = _midnight(valid_from) if valid_from else now
    closes = _midnight(valid_until) + timedelta(days=1) if valid_until else _midnight(opens.date()) + timedelta(days=days + 1)
    if closes <= max(opens, now):
        raise Refused("TOO_EARLY", "validUntil")
    return max(opens, now), closes


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=OSLO)


def text_hash(text: str) -> str:
    """SHA-256, hexadecimal, of the exact text that was shown (UTF-8)."""
    return sha256(text.encode()).hexdigest()


def check_send(times: ConsentTimes, now: datetime) -> None:
    if state(times, now) is not ConsentState.DRAFT:
        raise Refused("NOT_A_DRAFT", "consentId")
    if times.valid_until <= now:
        raise Refused("TOO_EARLY", "validUntil")


def sign(times: ConsentTimes, signed: Mapping[UUID, datetime | None], by: UUID, method: SigningMethod,
         now: datetime, valid_from: datetime, *, demo: bool) -> datetime | None:
    """One required signer signs; the moment at which the consent opens if that was the last signature, else None."""
    _awaiting(times, signed, by, now)
    if method is SigningMethod.DEMO_BANKID and not demo:
        raise Refused("METHOD_NOT_ALLOWED", "method")
    missing = [person for person, at in signed.items() if at is None and person != by]
    return None if missing else max(now, valid_from)


def check_decline(times: ConsentTimes, signed: Mapping[UUID, datetime | None], by: UUID, now: datetime) -> None:
    """One refusal declines the whole."""
    _awaiting(times, signed, by, now)


def _awaiting(times: ConsentTimes, signed: Mapping[UUID, datetime | None], by: UUID, now: datetime) -> None:
    if by not in signed:
        raise Refused("NOT_A_SIGNER", "consentId")
    if state(times, now) is not ConsentState.SENT:
        raise Refused("NOT_AWAITING_SIGNATURE", "consentId")
    if signed[by] is not None:
        raise Refused("ALREADY_SIGNED", "consentId")


def check_withdraw(times: ConsentTimes, required: Collection[UUID], by: UUID, now: datetime) -> None:
    """Any required signer, at any time, in one call; what has not begun to hold can be withdrawn as well."""
    if by not in required:
        raise Refused("NOT_A_SIGNER", "consentId")
    if state(times, now) not in (ConsentState.IN_FORCE, ConsentState.SENT):
        raise Refused("NOT_IN_FORCE", "consentId")
