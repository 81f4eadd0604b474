"""Who must sign a consent, what may happen to it, and what state its times come to."""
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from db.rules.consent import (
    ConsentTimes,
    Form,
    check_awaited,
    check_send,
    check_signers,
    check_withdraw,
    form_hash,
    period,
    sign,
    signers,
    state,
)
from db.rules.errors import Refused
from db.rules.grant import OSLO
from db.rules.words import ConsentState
from tests.support.refusal import code

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NOW, TODAY = datetime(2026, 11, 22, 10, tzinfo=UTC), date(2026, 11, 22)
CHILD, MOTHER, FATHER, NURSE, FORM = (UUID(int=n) for n in range(1, 6))
PARENTS = (MOTHER, FATHER)
TO_SIGN = dict.fromkeys(PARENTS)


def times(sent: int | None = -9, opened: int | None = None, declined: int | None = None,
          withdrawn: int | None = None, superseded: int | None = None, *, until: int = 99) -> ConsentTimes:
    """In days from now."""
    moments = (sent, opened, declined, withdrawn, superseded)
    return ConsentTimes(NOW + until * DAY, *(None if each is None else NOW + each * DAY for each in moments))


DRAFT, SENT, SIGNED, IN_FORCE = times(sent=None), times(), times(opened=2), times(opened=-1)
EXPIRED, UNSIGNED_IN_TIME = times(opened=-5, until=0), times(until=0)
DECLINED = times(declined=0)
WITHDRAWN, REPLACED = times(opened=-5, withdrawn=0), times(opened=-5, superseded=0)
ALL = {"draft": DRAFT, "sent": SENT, "signed, not begun": SIGNED, "in force": IN_FORCE,
       "expired": EXPIRED, "not signed in time": UNSIGNED_IN_TIME, "declined": DECLINED,
       "withdrawn": WITHDRAWN, "replaced": REPLACED}


@pytest.mark.parametrize("kind, is_now", list(zip(ALL, (
    ConsentState.DRAFT, ConsentState.SENT, ConsentState.SENT, ConsentState.IN_FORCE,
    ConsentState.EXPIRED, ConsentState.EXPIRED, ConsentState.DECLINED,
    ConsentState.WITHDRAWN, ConsentState.SUPERSEDED), strict=True)))
def test_the_state_follows_from_the_times(kind: str, is_now: ConsentState) -> None:
    assert state(ALL[kind], NOW) is is_now


def test_what_has_not_come_yet_does_not_count() -> None:
    """Of any times: the state at a moment is the state of the times up to that moment."""
    moments = (-2, 0, 2, None)
    for known in product(moments, repeat=5):
        so_far = [moment if moment is not None and moment <= 0 else None for moment in known]
        assert state(times(*known), NOW) is state(times(*so_far), NOW)


@pytest.mark.parametrize("turns, consent_age, guardians_too, must_sign", [
    (15, 15, True, {CHILD, *PARENTS}), (15, 15, False, {CHILD}), (15, 16, True, {*PARENTS}),
    (15, 16, False, {*PARENTS}), (16, 16, True, {CHILD, *PARENTS}), (16, 16, False, {CHILD}),
    (18, 15, True, {CHILD}), (18, 16, False, {CHILD})])
def test_who_must_sign_on_a_birthday(
        turns: int, consent_age: int, must_sign: set[UUID], *, guardians_too: bool) -> None:
    born, today = date(2026 - turns, 11, 22), datetime(2026, 11, 22, tzinfo=OSLO)
    assert signers(CHILD, born, PARENTS, today, consent_age, guardians_too=guardians_too) == must_sign


@pytest.mark.parametrize("turns, must_sign", [(15, {*PARENTS}), (18, {CHILD, *PARENTS})])
def test_who_must_sign_a_second_before_a_birthday(turns: int, must_sign: set[UUID]) -> None:
    born, before = date(2026 - turns, 11, 22), datetime(2026, 11, 22, tzinfo=OSLO) - SECOND
    assert signers(CHILD, born, PARENTS, before, 15, guardians_too=True) == must_sign


def test_a_small_child_without_guardians_has_nobody_who_could_sign() -> None:
    assert code(lambda: signers(CHILD, date(2018, 5, 4), (), NOW, 15, guardians_too=True)) == "NO_SIGNER"
    assert signers(CHILD, date(1990, 5, 4), (), NOW, 15, guardians_too=True) == {CHILD}


@pytest.mark.parametrize("valid_from, valid_until, opens, closes", [
    (None, None, NOW, datetime(2027, 11, 23, tzinfo=OSLO)),
    (None, TODAY, NOW, datetime(2026, 11, 23, tzinfo=OSLO)),
    (TODAY, TODAY, NOW, datetime(2026, 11, 23, tzinfo=OSLO)),
    (date(2027, 1, 1), None, datetime(2027, 1, 1, tzinfo=OSLO), datetime(2028, 1, 2, tzinfo=OSLO)),
    (date(2027, 1, 1), date(2027, 1, 1),
     datetime(2027, 1, 1, tzinfo=OSLO), datetime(2027, 1, 2, tzinfo=OSLO)),
    (date(2027, 3, 28), date(2027, 3, 28),  # the clocks go forward: a day of 23 hours
     datetime(2027, 3, 28, tzinfo=OSLO), datetime(2027, 3, 28, 22, tzinfo=UTC)),
    (None, TODAY + 730 * DAY, NOW, datetime(2028, 11, 22, tzinfo=OSLO)),
    (TODAY + 365 * DAY, None, datetime(2027, 11, 22, tzinfo=OSLO), datetime(2028, 11, 22, tzinfo=OSLO))])
def test_a_period_runs_to_the_end_of_its_last_day_in_norway(
        valid_from: date | None, valid_until: date | None, opens: datetime, closes: datetime) -> None:
    assert period(valid_from, valid_until, NOW, 365) == (opens, closes)


def test_the_usual_period_is_counted_from_the_day_that_it_is_in_norway() -> None:
    just_after_midnight = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert period(None, None, just_after_midnight, 365)[1] == datetime(2027, 11, 23, tzinfo=OSLO)


@pytest.mark.parametrize("valid_from, valid_until, field", [
    (None, TODAY - DAY, "validUntil"), (date(2027, 1, 2), date(2027, 1, 1), "validUntil"),
    (TODAY - DAY, None, "validFrom"), (TODAY + 366 * DAY, None, "validFrom"),
    (None, TODAY + 731 * DAY, "validUntil"), (None, date.max, "validUntil"), (date.min, None, "validFrom")])
def test_a_period_that_is_over_or_turned_round_or_too_long_is_refused(
        valid_from: date | None, valid_until: date | None, field: str) -> None:
    with pytest.raises(Refused, match="BAD_PERIOD") as refused:
        period(valid_from, valid_until, NOW, 365)
    assert refused.value.problems[0].field == field


def test_the_hash_is_of_all_that_is_agreed_to() -> None:
    form = Form(FORM, "Jeg samtykker – ja", "nb", NOW, NOW + DAY, ((MOTHER, 0, False), (NURSE, 4, True)))
    others = [replace(form, consent=CHILD),
              replace(form, text="Jeg samtykker - ja"), replace(form, language="nn"),
              replace(form, valid_from=NOW - DAY), replace(form, valid_until=NOW + 2 * DAY),
              replace(form, names=form.names[:1]),
              replace(form, names=((MOTHER, 0, False), (NURSE, 0, True))),
              replace(form, names=((MOTHER, 0, False), (NURSE, 4, False)))]
    assert len({form_hash(other) for other in [form, *others]}) == len(others) + 1


def test_the_hash_is_the_same_however_the_form_is_read() -> None:
    form = Form(FORM, "Jeg samtykker – ja", "nb", NOW, NOW + DAY, ((MOTHER, 0, False), (NURSE, 4, True)))
    again = replace(form, names=form.names[::-1], valid_from=form.valid_from.astimezone(OSLO))
    assert form_hash(form) == form_hash(again)


@pytest.mark.parametrize("kind, refusal", list(zip(ALL, (None, *["NOT_A_DRAFT"] * 8), strict=True)))
def test_only_a_draft_is_sent(kind: str, refusal: str | None) -> None:
    assert code(lambda: check_send(ALL[kind], NOW)) == refusal


def test_a_draft_whose_period_is_over_is_not_sent() -> None:
    assert code(lambda: check_send(times(sent=None, until=0), NOW)) == "TOO_EARLY"


@pytest.mark.parametrize("kind, refusal", list(zip(ALL, (
    "NOT_AWAITING_SIGNATURE", None, None, *["NOT_AWAITING_SIGNATURE"] * 6), strict=True)))
def test_only_what_is_out_for_signing_is_signed_or_declined(kind: str, refusal: str | None) -> None:
    assert code(lambda: sign(ALL[kind], TO_SIGN, MOTHER, NOW, NOW)) == refusal
    assert code(lambda: check_awaited(ALL[kind], TO_SIGN, MOTHER, NOW)) == refusal


@pytest.mark.parametrize("by", [CHILD, NURSE])
def test_nobody_signs_declines_or_withdraws_for_another(by: UUID) -> None:
    assert code(lambda: sign(SENT, TO_SIGN, by, NOW, NOW)) == "NOT_A_SIGNER"
    assert code(lambda: check_awaited(SENT, TO_SIGN, by, NOW)) == "NOT_A_SIGNER"
    assert code(lambda: check_withdraw(IN_FORCE, PARENTS, by, NOW)) == "NOT_A_SIGNER"


def test_nobody_signs_or_declines_after_having_signed() -> None:
    signed = {MOTHER: NOW - DAY, FATHER: None}
    assert code(lambda: sign(SENT, signed, MOTHER, NOW, NOW)) == "ALREADY_SIGNED"
    assert code(lambda: check_awaited(SENT, signed, MOTHER, NOW)) == "ALREADY_SIGNED"
    assert code(lambda: check_awaited(SENT, signed, FATHER, NOW)) is None


def test_it_opens_with_the_last_signature_or_when_its_period_begins() -> None:
    waits, last = TO_SIGN, {MOTHER: NOW - DAY, FATHER: None}
    assert sign(SENT, waits, FATHER, NOW, NOW - DAY) is None
    assert sign(SENT, last, FATHER, NOW, NOW - DAY) == NOW
    assert sign(SENT, last, FATHER, NOW, NOW + DAY) == NOW + DAY


@pytest.mark.parametrize("kind, refusal", list(zip(ALL, (
    "NOT_IN_FORCE", None, None, None, *["NOT_IN_FORCE"] * 5), strict=True)))
def test_what_holds_or_may_come_to_hold_can_be_withdrawn(kind: str, refusal: str | None) -> None:
    assert code(lambda: check_withdraw(ALL[kind], PARENTS, FATHER, NOW)) == refusal


def test_those_who_must_sign_on_the_day_of_the_last_signature_have_all_signed() -> None:
    """One comes of age between the first signature and the last."""
    check_signers({CHILD, *PARENTS}, frozenset(PARENTS))
    check_signers(PARENTS, frozenset(PARENTS))
    assert code(lambda: check_signers(PARENTS, frozenset({CHILD, *PARENTS}))) == "SIGNERS_CHANGED"
