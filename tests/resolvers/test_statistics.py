"""Statistics as they are told through the API, against a count by hand over the same rows."""
from asyncio import create_task, sleep
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest

from db.engine import plain
from db.rules.words import PlanStatus, PlanType
from db.seeds.parts import Town
from schema.operation import Request
from schema.root import schema
from tests.support.asking import Asking
from tests.support.embedded import Server, name_of
from tests.support.handcount import Half
from tests.support.histories import TICK, Level, Past, Status, at, changed, lived
from tests.support.tellevik import PLACES, UNITS, expected, filled, numbers, scope, small, told, whole

HALVES = [(year, half) for year in (2023, 2024, 2025, 2026) for half in (1, 2)]
AFTER_ALL = datetime(2027, 1, 15, tzinfo=UTC)
LATER = (  # what may happen when a half-year is over
    """insert into status_change (municipality_id, plan_id, since, status)
    select 7, plan.id, at::timestamptz, status from plan,
      (values ('2026-07-01 00:00+02', 'PASSIVE'), ('2026-12-24 12:00+01', 'CLOSED')) as said (at, status)
    where municipality_id = 7""",
    """insert into level_change (municipality_id, plan_id, since, level)
    select 7, id, '2026-07-01 00:00+02', 0 from plan where municipality_id = 7""",
    "update plan set recorded_status = 'CLOSED', level = 0")
FORGET = "delete from statistics_release"
SINCE = {  # what may become of a municipality when a half-year has been told
    "a plan moves": """update plan set unit_id = (select max(unit_id::text)::uuid from plan
      where municipality_id = 7) where municipality_id = 7""",
    "a plan is given another type": "update plan set type = 'INDIVIDUAL_PLAN'",
    "the threshold is raised": "update municipality set threshold = 15",
    "the threshold is lowered": "update municipality set threshold = 3",
    "units are regrouped": """update unit set group_id = (select max(group_id::text)::uuid from unit
      where municipality_id = 7) where municipality_id = 7""",
    "history is mended": "update status_change set since = since - interval '200 days'"}
SCOPED = """query($scope: StatisticsScope, $period: HalfYearInput) {
  statistics(scope: $scope, period: $period) { total } }"""
NULL = b'{"data":{"statistics":null},"errors":[]}'
NOT_OVER = {
    "nb": "Statistikk vises når halvåret er over.", "nn": "Statistikk blir vist når halvåret er over.",
    "en": "Statistics are told when the half-year is over."}
NO_HALF = {
    "nb": "Et halvår er 1 (januar til juni) eller 2 (juli til desember) i et år.",
    "nn": "Eit halvår er 1 (januar til juni) eller 2 (juli til desember) i eit år.",
    "en": "A half-year is 1 (January to June) or 2 (July to December) of a year."}


@pytest.fixture(scope="module")
async def tellevik(postgres: Server, template: tuple[str, Town]) -> tuple[str, Town]:
    """The cast's database with a second municipality in it."""
    async def built(url: str) -> Town:
        return filled(url)
    return await postgres.once("tellevik", built, name_of(template[0]))


@pytest.fixture
async def asking(postgres: Server, tellevik: tuple[str, Town]) -> AsyncIterator[Asking]:
    """The test's own copy, asked when every half-year of it is over."""
    made = Asking(postgres.fresh(name_of(tellevik[0])))
    made.town, made.now = tellevik[1], AFTER_ALL
    yield await made.open()
    await made.close()
    postgres.drop(made.url)


async def refused(asking: Asking, half: Half, language: str = "en", part: str = "analyst") -> str:
    """The sentence that a question is refused with."""
    variables = {"period": {"year": half[0], "half": half[1]}}
    answer = await schema.answer(Request(SCOPED, None, variables, asking.viewer(part), language), asking.hub)
    assert not answer.started
    [error] = answer.errors
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    return str(error["message"])


async def test_every_place_is_told_what_a_count_by_hand_comes_to_when_it_is_released(asking: Asking) -> None:
    for half in HALVES:
        assert await told(asking, "analyst", half) == expected(asking, half)


async def test_much_is_told_and_much_withheld_or_these_tests_prove_nothing(asking: Asking) -> None:
    answers = [answer for half in HALVES[3:] for answer in (await told(asking, "analyst", half)).values()]
    said = [count for answer in answers for count in numbers(answer).values()]
    assert 0.2 < said.count(None) / len(said) < 0.8
    assert sum(count is not None and count > 0 for count in said) > 300


async def test_nothing_small_is_told_nor_left_when_what_is_told_is_taken_off(asking: Asking) -> None:
    for half in HALVES:
        assert list(small(await told(asking, "analyst", half))) == []


async def test_a_unit_with_few_plans_is_told_nothing(asking: Asking) -> None:
    few = (await told(asking, "analyst", (2026, 2)))["clinics 2"]
    assert set(numbers(few).values()) == {None}


async def test_a_higher_threshold_withholds_more(asking: Asking) -> None:
    changed(asking.url, "update municipality set threshold = 15 where municipality_id = 7")
    for answer in (await told(asking, "analyst", (2026, 1))).values():
        assert answer["threshold"] == 15
        assert [count for count in numbers(answer).values() if count and count < 15] == []


@pytest.mark.parametrize(("part", "reached"), [
    ("analyst", PLACES), ("admin", PLACES), ("leader", ["schools 1"]),
    ("group leader", ["schools", *UNITS["schools"]]),
    ("group analyst", ["kindergartens", *UNITS["kindergartens"]]), ("unit analyst", ["clinics 1"]),
    ("creator", []), ("group creator", []), ("nobody", [])])
async def test_a_post_is_told_of_what_it_reaches_what_the_analyst_is_told(
        asking: Asking, part: str, reached: list[str]) -> None:
    everything = await told(asking, "analyst", (2026, 1))
    assert await told(asking, part, (2026, 1)) == {
        place: everything[place] if place in reached else None for place in PLACES}


@pytest.mark.parametrize(("since", "until", "reaches"), [
    (-1, None, True), (0, None, True), (1, None, False), (-2, 1, True), (-2, 0, False), (-2, -1, False)])
async def test_a_post_counts_from_its_first_moment_until_its_end(
        asking: Asking, since: int, until: int | None, reaches: bool) -> None:
    times = [None if hours is None else AFTER_ALL + timedelta(hours=hours) for hours in (since, until)]
    with psycopg.connect(plain(asking.url)) as connection:
        connection.execute("update assignment set since = %s, until = %s where post = 'ANALYST'", times)
    assert (await whole(asking, (2026, 1)) is not None) == reaches


@pytest.mark.parametrize("part", [
    "owner", "guardian1", "stafettholder", "nurse", "former", "stranger", "fagsystem"])
async def test_who_has_no_such_post_is_told_null(town: Asking, part: str) -> None:
    for place in ({}, {"unit": town.id("Unit", town.town.units["Nordmo skole"])}):
        assert await town.bytes(part, SCOPED, scope=place) == NULL


async def test_where_one_plan_runs_nobody_is_told_so(town: Asking) -> None:
    school = {"unit": town.id("Unit", town.town.units["Nordmo skole"])}
    for part, place in (("leader", school), ("admin", school), ("analyst", school), ("analyst", {})):
        assert await town.told(part, SCOPED, scope=place) == {"statistics": {"total": None}}


async def test_an_analyst_is_told_nothing_else(town: Asking) -> None:
    answer = await town.told(
        "analyst", """query($plan: ID!, $person: ID!) {
          plans { totalCount edges { cursor } } deliveries { totalCount } plan(id: $plan) { id }
          node(id: $plan) { id } person(id: $person) { name } persons(search: {name: "berg"}) { name } }""",
        plan=town.id("Plan", town.town.plan), person=town.id("Person", town.town.persons["nurse"]))
    assert answer == {"plans": {"totalCount": 0, "edges": []}, "deliveries": {"totalCount": 0},
                      "plan": None, "node": None, "person": None, "persons": None}


async def test_what_is_not_there_is_told_as_what_is_not_yours(
        asking: Asking, template: tuple[str, Town]) -> None:
    next_door, ours = template[1].units["Nordmo skole"], asking.town.units
    nowhere = [{"unit": text} for text in (
        f"Unit:{next_door}", f"Unit:{uuid4()}", f"Unit:{UUID(int=0)}", f"Unit:{ours['schools']}",
        f"UnitGroup:{ours['schools 1']}", f"{ours['schools 1']}", "Unit:", "Unit:\0", "")]
    nowhere += [{"group": text} for text in (
        f"UnitGroup:{uuid4()}", f"UnitGroup:{UUID(int=0)}", f"UnitGroup:{ours['schools 1']}",
        f"Unit:{ours['schools']}", "")]
    not_yours = [scope(asking.town, place) for place in PLACES if place != "schools 1"]
    assert {await asking.bytes("leader", SCOPED, scope=place) for place in nowhere + not_yours} == {NULL}
    assert {await asking.bytes("analyst", SCOPED, scope=place) for place in nowhere} == {NULL}


async def test_a_unit_and_a_group_at_once_are_no_place(asking: Asking) -> None:
    both = scope(asking.town, "schools") | scope(asking.town, "schools 1")
    assert await asking.bytes("analyst", SCOPED, scope=both) == NULL


async def test_a_place_or_period_that_is_null_is_not_given(asking: Asking) -> None:
    total = await asking.told("analyst", SCOPED)
    assert total["statistics"]["total"] > 100
    for place in ({}, {"unit": None}, {"unit": None, "group": None}, None):
        assert await asking.told("analyst", SCOPED, scope=place) == total
    written = "{ statistics(scope: {unit: null}, period: null) { total } }"
    assert await asking.told("analyst", written) == total


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
async def test_a_half_year_that_is_not_over_or_none_is_refused_in_clear_words(
        asking: Asking, language: str) -> None:
    assert await refused(asking, (2027, 1), language) == NOT_OVER[language]
    assert await refused(asking, (2027, 3), language) == NO_HALF[language]


@pytest.mark.parametrize("half", [
    (2026, 0), (2026, -1), (2026, 3), (1899, 2), (0, 1), (-2026, 1), (9999, 1), (2**31 - 1, 2)])
async def test_no_other_period_than_a_half_year_is_told(asking: Asking, half: Half) -> None:
    assert await refused(asking, half) == NO_HALF["en"] == await refused(asking, half, part="nobody")


@pytest.mark.parametrize(("half", "ends"), [((2026, 1), at(2026, 7)), ((2026, 2), at(2027, 1))])
async def test_a_half_year_is_over_when_the_clock_strikes_in_norway(
        asking: Asking, half: Half, ends: datetime) -> None:
    asking.now = (ends - TICK).astimezone(UTC)
    assert await refused(asking, half) == NOT_OVER["en"]
    last = await asking.told("analyst", "{ statistics { year half } }")
    asking.now = ends.astimezone(UTC)
    assert (await whole(asking, half))["total"] > 100
    newest = await asking.told("analyst", "{ statistics { year half } }")
    assert newest == {"statistics": {"year": half[0], "half": half[1]}} != last


async def test_the_same_question_has_the_same_answer_whatever_happens_later(asking: Asking) -> None:
    over, asking.now = HALVES[:-1], at(2026, 7).astimezone(UTC)
    before = [await told(asking, "analyst", half) for half in over]
    drafted, level = [Status(asking.now, PlanStatus.DRAFT)], [Level(asking.now, 2)]
    lived(asking.url, 7, [Past(asking.town.units[unit], PlanType.STAFETTLOGG, drafted, level)
                          for units in UNITS.values() for n, unit in enumerate(units) for _ in range(n)])
    changed(asking.url, *LATER, FORGET)  # so that it is the counts that stay, and not what was kept of them
    asking.now = AFTER_ALL
    assert [await told(asking, "analyst", half) for half in over] == before
    assert (await whole(asking, (2026, 2)))["total"] == 0


@pytest.mark.parametrize("statement", SINCE.values(), ids=list(SINCE))
async def test_what_was_told_is_told_again_whatever_becomes_of_plans_and_places(
        asking: Asking, statement: str) -> None:
    before = await told(asking, "analyst", (2026, 1))
    changed(asking.url, statement)
    assert await told(asking, "analyst", (2026, 1)) == before
    changed(asking.url, FORGET)
    assert await told(asking, "analyst", (2026, 1)) != before, "the change is one that a new count tells"


async def test_a_place_is_told_of_as_it_was_and_to_those_who_lead_it_now(asking: Asking) -> None:
    before, moved = await told(asking, "analyst", (2026, 1)), "kindergartens 1"
    places, new = asking.town.units, uuid4()
    changed(asking.url, f"update unit set group_id = '{places['schools']}' where id = '{places[moved]}'",
            f"""insert into unit (municipality_id, id, group_id, name, organisation_number)
              values (7, '{new}', '{places["schools"]}', 'New', '1')""")
    now = await told(asking, "group leader", (2026, 1))
    assert (now["schools"], now[moved]) == (before["schools"], before[moved])
    assert (await told(asking, "group analyst", (2026, 1)))[moved] is None
    half = {"year": 2026, "half": 1}
    assert await asking.bytes("group leader", SCOPED, scope={"unit": f"Unit:{new}"}, period=half) == NULL


async def test_of_two_who_are_first_at_once_both_are_told_what_one_has_written_down(asking: Asking) -> None:
    """The other, whose count is another, has written and not yet committed: it is waited for."""
    written = """insert into statistics_release (municipality_id, year, half, threshold, told, told_at)
      select 7, 2026, 1, 5, replace(told::text, %s, %s)::json, told_at from statistics_release"""
    total = (await whole(asking, (2025, 2)))["total"]
    with psycopg.connect(plain(asking.url)) as connection:
        connection.execute(written, [f"[{total},", "[4321,"])
        both = [create_task(whole(asking, (2026, 1))) for _ in range(2)]
        await sleep(0.3)
        assert not any(one.done() for one in both)
        connection.commit()
    assert {(await one)["total"] for one in both} == {4321}


async def test_those_who_are_told_nothing_make_no_release(asking: Asking) -> None:
    for part in ("creator", "nobody", "leader"):
        assert await asking.bytes(part, SCOPED, scope=scope(asking.town, "clinics")) == NULL
    with psycopg.connect(plain(asking.url)) as connection:
        assert connection.execute("select from statistics_release").rowcount == 0


async def test_aliases_fragments_variables_and_typenames_are_read_as_in_any_question(asking: Asking) -> None:
    question = """query($unit: ID!, $half: Int = 1, $no: Boolean!) {
        kind: __typename
        all: statistics(period: {half: $half, year: 2026}) { ...some byType { __typename it: type count } }
        school: statistics(scope: {unit: $unit}, period: {half: 1, year: 2026}) { ...some }
        none: statistics @skip(if: $no) { year }
        last: statistics @include(if: $no) { __typename year half } }
      fragment some on Statistics { of: year __typename ... on Statistics { half } total }"""
    answer = await asking.told("analyst", question, unit=scope(asking.town, "schools 1")["unit"], no=True)
    known = await told(asking, "analyst", (2026, 1))
    types = [{"__typename": "TypeCount", "it": row["type"], "count": row["count"]}
             for row in known["all"]["byType"]]
    some = {"of": 2026, "__typename": "Statistics", "half": 1}
    assert list(answer) == ["kind", "all", "school", "last"]
    assert answer == {
        "kind": "Query", "all": some | {"total": known["all"]["total"], "byType": types},
        "school": some | {"total": known["schools 1"]["total"]},
        "last": {"__typename": "Statistics", "year": 2026, "half": 2}}


async def test_statistics_stand_beside_other_fields_in_the_order_that_is_asked(town: Asking) -> None:
    question = """{ viewer { name } statistics { threshold } plans { totalCount }
      again: statistics { half } municipality { number } }"""
    assert await town.bytes("admin", question) == (
        b'{"data":{"viewer":{"name":"Eva Lund"},"statistics":{"threshold":5},"plans":{"totalCount":1},'
        b'"again":{"half":1},"municipality":{"number":"9901"}},"errors":[]}')


async def test_a_fault_of_ours_costs_its_own_field_alone_and_is_masked(asking: Asking) -> None:
    changed(asking.url, "alter table level_change rename to gone")
    answer = await asking.answer("analyst", "{ viewer { name } counts: statistics { total } units { name } }")
    data = orjson.loads(orjson.dumps(answer.data))
    assert data.pop("counts") is None
    assert (data["viewer"], len(data["units"])) == ({"name": "analyst"}, 12)
    [error] = answer.errors
    assert (error["path"], error["extensions"]) == (["counts"], {"code": "INTERNAL"})
    assert "level_change" not in str(error)


async def test_a_question_that_is_refused_leaves_no_reading_in_the_access_log(own_town: Asking) -> None:
    ask = """query($half: HalfYearInput) {
      plans { edges { node { goals { title } } } } statistics(period: $half) { total } }"""
    with psycopg.connect(plain(own_town.url), autocommit=True) as connection:
        def logged() -> int:
            return connection.execute("select from access_log").rowcount
        before = logged()
        assert not (await own_town.answer("guardian1", ask, half={"year": 2999, "half": 1})).started
        assert logged() == before
        await own_town.told("guardian1", ask, half={"year": 2020, "half": 1})
        assert logged() > before
