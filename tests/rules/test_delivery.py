"""When a delivery is tried again, what must be told to whom, and what may be undone."""
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from db.rules.delivery import (
    BACKOFF,
    CancelReason,
    DeliveryFault,
    DeliveryState,
    FactKind,
    Next,
    RecordState,
    cancelled_because,
    check_cancel,
    check_retry,
    next_attempt,
    settled,
)
from db.rules.errors import Refused
from db.rules.target import PAUSES

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
RETRYABLE = DeliveryFault.RETRYABLE
CLINIC, SCHOOL = (UUID(int=1), "health"), (UUID(int=2), "pupils")
STARTS = (FactKind.OPENED, FactKind.HOLDER_CHANGED, FactKind.CORRECTED)
ENDS = (FactKind.WITHDRAWN, FactKind.CLOSED)


@pytest.mark.parametrize("attempts, minutes", [
    (1, 5 / 60), (2, 5), (3, 30), (4, 120), (5, 300), (6, 600), (7, 840), (8, 1200), (9, 1440)])
def test_what_may_pass_is_tried_again_within_a_growing_time(attempts: int, minutes: float) -> None:
    for jitter in (0.0, 0.25, 0.999):
        at = NOW + timedelta(minutes=minutes) * jitter
        assert next_attempt(RETRYABLE, attempts, NOW, jitter) == Next(DeliveryState.ORDERED, at)


def test_all_tries_take_three_days_at_most() -> None:
    assert timedelta(days=3) <= sum(BACKOFF, timedelta()) <= timedelta(days=3, hours=4)


def test_the_receiver_may_ask_for_more_time_but_not_for_less() -> None:
    def after(asked: timedelta) -> Next:
        return next_attempt(RETRYABLE, 2, NOW, 0.5, asked)
    assert after(timedelta(hours=1)).at == NOW + timedelta(hours=1)
    assert after(timedelta(seconds=1)).at == NOW + timedelta(seconds=150)


def test_after_the_last_try_a_person_must_look() -> None:
    assert next_attempt(RETRYABLE, len(BACKOFF) + 1, NOW, 0.5) == Next(DeliveryState.DEAD)


@pytest.mark.parametrize("fault", sorted(PAUSES))
@pytest.mark.parametrize("attempts", [1, 5, 20])
def test_what_the_target_is_paused_by_waits_for_it(fault: DeliveryFault, attempts: int) -> None:
    assert next_attempt(fault, attempts, NOW, 0.5) == Next(DeliveryState.ORDERED, NOW)


@pytest.mark.parametrize("fault", sorted({*DeliveryFault} - {RETRYABLE, *PAUSES}))
@pytest.mark.parametrize("attempts", [1, 5, 20])
def test_what_a_later_try_would_not_change_stops_at_once(fault: DeliveryFault, attempts: int) -> None:
    assert next_attempt(fault, attempts, NOW, 0.5) == Next(DeliveryState.REJECTED)


@pytest.mark.parametrize("told, wanted, facts", [
    (set(), set(), []),
    (set(), {CLINIC}, [(CLINIC, FactKind.OPENED)]),
    ({CLINIC}, {CLINIC}, []),
    ({CLINIC}, set(), [(CLINIC, FactKind.WITHDRAWN)]),
    ({SCHOOL}, {CLINIC}, [(SCHOOL, FactKind.WITHDRAWN), (CLINIC, FactKind.OPENED)]),  # an end before a start
    ({CLINIC, SCHOOL}, set(), [(CLINIC, FactKind.WITHDRAWN), (SCHOOL, FactKind.WITHDRAWN)])])
def test_just_the_services_under_the_consent_come_to_know(
        told: set[tuple[UUID, str]], wanted: set[tuple[UUID, str]],
        facts: list[tuple[tuple[UUID, str], FactKind]]) -> None:
    assert settled(frozenset(told), frozenset(wanted), FactKind.WITHDRAWN) == facts


@pytest.mark.parametrize("kinds, wanted, heard, reason", [
    (STARTS, False, True, "CONSENT_ENDED"), (STARTS, False, False, "CONSENT_ENDED"),
    (STARTS, True, False, None), (ENDS, False, True, None), (ENDS, True, True, None),
    (ENDS, False, False, "NEVER_TOLD"), ((FactKind.ARCHIVED,), False, False, None)])
def test_nothing_is_told_without_consent_and_no_end_of_what_was_never_told(
        kinds: tuple[FactKind, ...], reason: str | None, *, wanted: bool, heard: bool) -> None:
    assert {cancelled_because(kind, wanted=wanted, numbered=True, heard=heard) for kind in kinds} == {reason}


def test_a_service_is_told_of_nobody_without_a_number() -> None:
    said = {kind: cancelled_because(kind, wanted=True, numbered=False, heard=False) for kind in FactKind}
    assert {kind for kind, reason in said.items() if reason is CancelReason.NO_IDENTITY_NUMBER} == {*STARTS}


@pytest.mark.parametrize("state, may", [
    (DeliveryState.ORDERED, True), (DeliveryState.SENT, False), (DeliveryState.ACCEPTED, True),
    (DeliveryState.CONFIRMED, False), (DeliveryState.REJECTED, True), (DeliveryState.DEAD, True),
    (DeliveryState.CANCELLED, False), (DeliveryState.EXPIRED, False)])
def test_what_is_done_or_under_way_is_left_alone(state: DeliveryState, *, may: bool) -> None:
    for refused, check in (("CANT_RETRY", partial(check_retry, state, FactKind.OPENED, None)),
                           ("CANT_CANCEL", partial(check_cancel, state, FactKind.OPENED))):
        if may:
            check()
        else:
            with pytest.raises(Refused, match=refused):
                check()


@pytest.mark.parametrize("record", [None, *RecordState])
@pytest.mark.parametrize("kind", FactKind)
def test_a_fact_that_its_target_has_lost_is_told_again(kind: FactKind, record: RecordState | None) -> None:
    try:
        check_retry(DeliveryState.CONFIRMED, kind, record)
    except Refused:
        assert kind is FactKind.ARCHIVED or record in (None, RecordState.SAME)
    else:
        assert kind is not FactKind.ARCHIVED and record in (RecordState.MISSING, RecordState.DIFFERENT)


@pytest.mark.parametrize("kind", ENDS)
def test_an_end_that_must_be_told_is_not_cancelled(kind: FactKind) -> None:
    with pytest.raises(Refused, match="CANT_CANCEL"):
        check_cancel(DeliveryState.DEAD, kind)
