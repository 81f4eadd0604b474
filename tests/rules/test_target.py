"""When a target rests after failures, and when nothing goes out to it."""
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from db.rules.delivery import DeliveryFault
from db.rules.errors import Refused
from db.rules.target import CLOSED, IN_A_ROW, RESTS, Breaker, after, check_pause, check_resume

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
FAILED = DeliveryFault.RETRYABLE


@pytest.mark.parametrize("failures, seconds", [
    (1, None), (2, None), (3, None), (4, None), (5, 30), (6, 60), (7, 120), (8, 300), (9, 900), (50, 900)])
def test_it_rests_longer_the_longer_it_fails(failures: int, seconds: int | None) -> None:
    until = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert after(Breaker(failures - 1, NOW), FAILED, NOW) == Breaker(failures, until)


@pytest.mark.parametrize("answer", [None, *sorted({*DeliveryFault} - {FAILED})])
def test_whoever_answers_is_there(answer: DeliveryFault | None) -> None:
    assert after(Breaker(9, NOW), answer, NOW) == CLOSED


@given(st.lists(st.sampled_from([None, FAILED, DeliveryFault.PERMANENT])))
def test_only_failures_in_a_row_count(answers: Sequence[DeliveryFault | None]) -> None:
    breaker = CLOSED
    for answer in answers:
        breaker = after(breaker, answer, NOW)
    last = next((n for n, answer in enumerate(reversed(answers)) if answer is not FAILED), len(answers))
    assert breaker.failures == last
    assert (breaker.resting_until is None) == (last < IN_A_ROW)
    assert breaker.resting_until is None or breaker.resting_until <= NOW + RESTS[-1]


def test_nobody_pauses_or_resumes_twice() -> None:
    check_pause(None)
    check_resume(NOW)
    with pytest.raises(Refused, match="PAUSED_ALREADY"):
        check_pause(NOW)
    with pytest.raises(Refused, match="NOT_PAUSED"):
        check_resume(None)
