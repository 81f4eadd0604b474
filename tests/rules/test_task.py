"""When a unit is reminded of what it is to note by hand, and what it may answer."""
from datetime import UTC, date, datetime, timedelta

import pytest

from db.rules.delivery import ENDING, OPENING, FactKind
from db.rules.errors import Refused
from db.rules.task import check_reference, check_reject, due_on, overdue, reminder

DUE = date(2026, 11, 27)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(("now", "due"), [
    (datetime(2026, 11, 20, 12, tzinfo=UTC), date(2026, 11, 27)),
    (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), date(2026, 11, 28)),  # in Norway it is the next day
    (datetime(2026, 10, 20, 22, 30, tzinfo=UTC), date(2026, 10, 28))])  # and has wintertime by then
def test_it_is_due_so_many_days_after_the_day_in_norway(now: datetime, due: date) -> None:
    assert due_on(now, timedelta(days=7)) == due


def test_it_is_overdue_when_the_day_is_over() -> None:
    told = [overdue(DUE, now) for now in (at(26), at(27, 22), at(27, 23), at(28))]
    assert told == [False, False, True, True]


@pytest.mark.parametrize(("now", "about", "next_at"), [
    (at(20), "TASK_WAITS", at(25, 8)), (at(25, 7), "TASK_WAITS", at(25, 8)),
    (at(25, 8), "TASK_DUE", at(28, 8)), (at(28, 7), "TASK_DUE", at(28, 8)),
    (at(28, 8), "TASK_OVERDUE", None), (at(30), "TASK_OVERDUE", None)])
def test_it_is_told_of_in_the_morning_before_and_after(
        now: datetime, about: str, next_at: datetime | None) -> None:
    assert reminder(DUE, now) == (about, next_at)


@pytest.mark.parametrize("reference", ["7", " HS-2026/17 ", "PPI_2026.00123", "a" * 30, "1234567890"])
def test_a_case_number_is_taken_without_the_space_round_it(reference: str) -> None:
    assert check_reference(reference, "reference") == reference.strip()


@pytest.mark.parametrize("reference", [None, "", " \n"])
def test_there_may_be_no_case_number(reference: str | None) -> None:
    assert check_reference(reference, "reference") is None


@pytest.mark.parametrize("reference", [
    "12345678901", "123456-78901", "2026/000123-45", "-7", "7-", "a" * 31, "a b", "å", "\u0667", "#"])
def test_what_could_be_an_identity_number_or_is_no_code_is_refused(reference: str) -> None:
    with pytest.raises(Refused) as refused:
        check_reference(reference, "reference")
    assert [problem.code for problem in refused.value.problems] == ["BAD_REFERENCE"]


@pytest.mark.parametrize("kind", sorted(ENDING))
def test_an_end_is_not_rejected(kind: FactKind) -> None:
    with pytest.raises(Refused) as refused:
        check_reject(kind)
    assert [problem.code for problem in refused.value.problems] == ["CONFIRM_END"]


@pytest.mark.parametrize("kind", sorted(OPENING))
def test_all_else_may_be(kind: FactKind) -> None:
    check_reject(kind)
