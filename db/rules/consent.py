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
    """The state at a moment: the first of these that has come. `Consent.state` says the same in SQL."""
    ran_out = times.sent and max(times.sent, times.valid_until)  # a draft does not expire
    come = ((times.declined, ConsentState.DECLINED), (times.withdrawn, ConsentState.WITHDRAWN),
            (times.superseded, ConsentState.SUPERSEDED), (ran_out, ConsentState.EXPIRED),
            (times.opened, ConsentState.IN_FORCE), (times.sent, ConsentState.SENT))
    return next((state for moment, state in come if moment and moment <= at), ConsentState.DRAFT)


def signers(owner: UUID, born: date, guardians: Collection[UUID], at: datetime, consent_age: int,
            *, guardians_too: bool) -> frozenset[UUID]:
    """Who must sign on the day: every guardian; from `consent_age` the owner (⚙ and they);
    from 18 the owner alone.

    Refused where nobody could sign."""
    if at >= birthday(born, 18):
        return frozenset({owner})
    if at >= birthday(born, consent_age):
        return frozenset({owner, *(guardians if guardians_too else ())})
    if not guardians:
        raise Refused("NO_SIGNER", "planId")
    return frozenset(guardians)


def period(valid_from: date | None, valid_until: date | None, now: datetime,
           days: int) -> tuple[datetime, datetime]:
    """From the start of a day, or now, to the end of a day, in Norway;
    `days` (⚙ one year) later by default."""
    opens = _midnight(valid_from) if valid_from else now
    last = valid_until or opens.astimezone(OSLO).date() + timedelta(days=days)
    closes = _midnight(last) + timedelta(days=1)
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
    """One required signer signs; when the consent opens if that was the last signature, else None."""
    _awaiting(times, signed, by, now)
    if method is not SigningMethod.DEMO_BANKID or not demo:  # no other method can yet prove who signed
        raise Refused("METHOD_NOT_ALLOWED", "method")
    missing = [person for person, at in signed.items() if at is None and person != by]
    return None if missing else max(now, valid_from)


def check_decline(times: ConsentTimes, signed: Mapping[UUID, datetime | None], by: UUID,
                  now: datetime) -> None:
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
