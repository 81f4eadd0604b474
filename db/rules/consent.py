"""What may happen to a consent: who must sign, and its moves from draft to its end (domain.md §5)."""
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from db.rules.errors import Refused
from db.rules.grant import OSLO, birthday
from db.rules.words import ConsentState


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


def signers(owner: UUID, born: date, guardians: Collection[UUID], at: datetime, consent_age: int, *,
            guardians_too: bool) -> frozenset[UUID]:
    """Who must sign on the day. Refused where nobody could.

    Every guardian; from `consent_age` the owner (⚙ and they); from 18 the owner alone."""
    if at >= birthday(born, 18):
        return frozenset({owner})
    if at >= birthday(born, consent_age):
        return frozenset({owner, *(guardians if guardians_too else ())})
    if not guardians:
        raise Refused("NO_SIGNER", "planId")
    return frozenset(guardians)


def period(valid_from: date | None, valid_until: date | None, now: datetime,
           days: int) -> tuple[datetime, datetime]:
    """From a day's start to the end of its last day, in Norway.

    By default from now and for `days` days (⚙ one year), and for twice that at most. Refused otherwise."""
    today = now.astimezone(OSLO).date()
    last = valid_until or (valid_from or today) + timedelta(days=days)
    if valid_from is not None and not today <= valid_from <= today + timedelta(days=days):
        raise Refused("BAD_PERIOD", "validFrom")
    if not (valid_from or today) <= last <= (valid_from or today) + timedelta(days=2 * days):
        raise Refused("BAD_PERIOD", "validUntil")
    return max(_midnight(valid_from or today), now), _midnight(last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=OSLO)


@dataclass(frozen=True)
class Form:
    """All that a signer agrees to, in one language; `names`: person or unit, the mask held back, if
    whereabouts are told. The consent's id is in it: else siblings' forms could be taken for each other."""
    consent: UUID
    text: str
    language: str
    valid_from: datetime
    valid_until: datetime
    names: tuple[tuple[UUID, int, bool], ...]


def form_hash(form: Form) -> str:
    """SHA-256, hexadecimal, of the whole form; of the text alone, one text could stand over other names."""
    names = sorted([str(who), held_back, whereabouts] for who, held_back, whereabouts in form.names)
    times = [moment.astimezone(UTC).isoformat() for moment in (form.valid_from, form.valid_until)]
    whole = [str(form.consent), form.text, form.language, times, names]
    said = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return sha256(said.encode()).hexdigest()


def check_send(times: ConsentTimes, now: datetime) -> None:
    if state(times, now) is not ConsentState.DRAFT:
        raise Refused("NOT_A_DRAFT", "consentId")
    if times.valid_until <= now:
        raise Refused("TOO_EARLY", "validUntil")


def sign(times: ConsentTimes, signed: Mapping[UUID, datetime | None], by: UUID, now: datetime,
         valid_from: datetime) -> datetime | None:
    """One required signer signs; when the consent opens if that was the last signature, else None."""
    check_awaited(times, signed, by, now)
    missing = [person for person, at in signed.items() if at is None and person != by]
    return None if missing else max(now, valid_from)


def check_awaited(times: ConsentTimes, signed: Mapping[UUID, datetime | None], by: UUID,
                  now: datetime) -> None:
    """Whether one may sign or decline now; one refusal declines the whole."""
    if by not in signed:
        raise Refused("NOT_A_SIGNER", "consentId")
    if state(times, now) is not ConsentState.SENT:
        raise Refused("NOT_AWAITING_SIGNATURE", "consentId")
    if signed[by] is not None:
        raise Refused("ALREADY_SIGNED", "consentId")


def check_meant(signer: UUID, required: Collection[UUID]) -> None:
    """Whether one is a signer whose word, given on paper or by mouth, the stafettholder may enter."""
    if signer not in required:
        raise Refused("NOT_FOUND", "personId")


def check_withdraw(times: ConsentTimes, required: Collection[UUID], by: UUID, now: datetime) -> None:
    """Whoever had to sign it or would have to today, at any time, in one call; before it begins as well."""
    if by not in required:
        raise Refused("NOT_A_SIGNER", "consentId")
    if state(times, now) not in (ConsentState.IN_FORCE, ConsentState.SENT):
        raise Refused("NOT_IN_FORCE", "consentId")


def check_signers(required: Collection[UUID], today: frozenset[UUID]) -> None:
    """Who must sign on the day of the last signature has signed: somebody may have come of age since."""
    if not today <= set(required):
        raise Refused("SIGNERS_CHANGED", "consentId")
