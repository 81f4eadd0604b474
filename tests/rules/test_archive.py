"""What a version for the archive holds, and on which days plans are archived."""
from datetime import UTC, datetime, timedelta

import pytest

from db.rules.archive import CHOSEN, KEPT, by_custom, days, held, last_due, may_choose, named
from db.rules.errors import Refused
from db.rules.plan_template import Switch
from db.rules.rights import ARCHIVE_ALWAYS, ARCHIVE_BY_CUSTOM, Element, Right
from db.rules.words import PlanType

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DATES = ["06-01", "12-01"]
E = Element


def chosen(*switches: tuple[Element, bool]) -> Right:
    return held(Switch(NOW + timedelta(n), element, on) for n, (element, on) in enumerate(switches))


@pytest.mark.parametrize(("switches", "mask"), [
    ((), ARCHIVE_BY_CUSTOM),
    (((E.OVERVIEW, False),), ARCHIVE_BY_CUSTOM & ~Right.OVERVIEW_READ),
    (((E.OVERVIEW, False), (E.OVERVIEW, True)), ARCHIVE_BY_CUSTOM),
    (((E.LIFE_AREAS, True), (E.ACCESS_LOG, True)),
     ARCHIVE_BY_CUSTOM | Right.LIFE_AREAS_READ | Right.ACCESS_LOG_READ),
    (tuple((element, False) for element in (*KEPT, E.ADMINISTRATION)), ARCHIVE_BY_CUSTOM),
    (((E.ADMINISTRATION, True),), ARCHIVE_BY_CUSTOM)])
def test_the_last_choice_counts_and_none_of_what_is_always_there_or_never(
        switches: tuple[tuple[Element, bool], ...], mask: Right) -> None:
    assert chosen(*switches) == mask


@pytest.mark.parametrize("elements", [[], [E.GOALS], [E.OVERVIEW, E.ACCESS_LOG], [E.ADMINISTRATION], [*E]])
def test_who_agreed_to_what_and_how_it_went_is_in_every_version(elements: list[Element]) -> None:
    always = Right(sum(element.read for element in KEPT)) | ARCHIVE_ALWAYS
    assert named(elements) & always == always
    assert not named(elements) & Right.ADMINISTRATION_READ
    assert {element for element in CHOSEN if element.read & named(elements)} == CHOSEN & set(elements)


@pytest.mark.parametrize("of", PlanType)
def test_what_a_type_never_has_is_in_no_version_of_it_and_nobodys_to_choose(of: PlanType) -> None:
    never = {E.LIFE_AREAS, E.PROFESSIONAL_PLANS} if of is PlanType.STAFETTLOGG else set()
    assert {element for element in Element if may_choose(of, element)} == {
        E.OVERVIEW, E.MESSAGES, E.CALENDAR, E.TIMELINE, E.LIFE_AREAS, E.PROFESSIONAL_PLANS, E.DOCUMENTS,
        E.MAPPING, E.ACCESS_LOG} - never
    assert {element for element in Element if not by_custom(of, element)} == {
        E.LIFE_AREAS, E.ACCESS_LOG, E.ADMINISTRATION} | never


def test_days_are_put_in_order_and_said_once() -> None:
    assert days(["12-20", "01-01", "12-20", "06-15"]) == ["01-01", "06-15", "12-20"]


@pytest.mark.parametrize(("given", "refused"), [
    ([], [("TWICE_A_YEAR", "dates")]), (["06-01", "06-01"], [("TWICE_A_YEAR", "dates")]),
    (["06-01", "02-29", "6-1", "06-31", "13-01", "W01-1", "", "06-01\n"],
     [("BAD_DAY", f"dates.{n}") for n in range(1, 8)]),
    (["06-01"] * 13, [("TOO_MANY", "dates")])])
def test_a_day_is_one_that_every_year_has(given: list[str], refused: list[tuple[str, str]]) -> None:
    with pytest.raises(Refused) as refusal:
        days(given)
    assert [(problem.code, problem.field) for problem in refusal.value.problems] == refused


def oslo(*moment: int, winter: bool) -> datetime:
    """A moment on a Norwegian clock."""
    return datetime(*moment, tzinfo=UTC) - timedelta(hours=1 if winter else 2)  # type: ignore[arg-type,misc]


JUNE, DECEMBER = oslo(2026, 6, 1, winter=False), oslo(2026, 12, 1, winter=True)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("now", "due"), [
    (JUNE - SECOND, oslo(2025, 12, 1, winter=True)), (JUNE, JUNE), (JUNE + timedelta(100), JUNE),
    (DECEMBER - SECOND, JUNE), (DECEMBER, DECEMBER), (oslo(2027, 1, 1, winter=True), DECEMBER)])
def test_a_day_comes_at_midnight_in_norway_and_counts_until_the_next(now: datetime, due: datetime) -> None:
    assert last_due(DATES, datetime(2020, 1, 1, tzinfo=UTC), now) == due


@pytest.mark.parametrize(("since", "due"), [
    (JUNE - SECOND, JUNE), (JUNE, None), (JUNE + timedelta(hours=9), None)])
def test_a_day_that_was_chosen_when_it_had_come_waits_for_the_next_year(
        since: datetime, due: datetime | None) -> None:
    assert last_due(DATES, since, JUNE + timedelta(40)) == due


def test_without_days_nothing_is_due() -> None:
    assert last_due([], datetime(2020, 1, 1, tzinfo=UTC), NOW) is None
