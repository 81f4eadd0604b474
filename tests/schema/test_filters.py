"""A filter lets through what meets all of it, and what the viewer may not read meets nothing."""
from datetime import timedelta
from typing import Any

import pytest

from tests.support.asking import DAY, NOW, Asking
from tests.support.busy import GOALS

ALL = ["KN", "ÅÆ", "B%", "B_", "IO", "IO", "ZŁ", "ZŁ"]
PAGE = "{ totalCount edges { node { kind state target } } }"
NOBODY = "00000000-0000-0000-0000-000000000000"


async def names(asking: Asking, part: str, **filtered: Any) -> list[str]:
    """The short names of the plans that are left, in order of creation."""
    question = "query($f: PlanFilter) { plans(filter: $f) { totalCount edges { node { shortName } } } }"
    told = await asking.told(part, question, log=False, f=filtered)
    left = [edge["node"]["shortName"] for edge in told["plans"]["edges"]]
    assert told["plans"]["totalCount"] == len(left)
    return left


@pytest.mark.parametrize("search, left", (
    ("nordmo", ["KN"]), ("NORDMO", ["KN"]), ("kn", ["KN"]), ("im no", ["KN"]),
    ("ærlig", ["ÅÆ"]), ("ÆRLIG", ["ÅÆ"]), ("åse", ["ÅÆ"]), ("åÆ", ["ÅÆ"]),
    ("%", ["B%"]), ("00%", ["B%"]), ("_", ["B_"]), ("\\", ["IO"]), ('"sitat"', ["IO"]), ("o'n", ["IO"]),
    ("ida", ["IO", "IO"]), ("łukasz", ["ZŁ", "ZŁ"]), ("", ALL),
    ("K_N", []), ("K%N", []), (".*", []), ("' or '1'='1", []), ("$1", []), ("ukjent", []),
    ("UN", ["B_"])))  # not the neighbour's plan, which is not theirs
async def test_a_search_finds_a_part_of_a_name_in_capitals_or_not(
        busy: Asking, search: str, left: list[str]) -> None:
    assert await names(busy, "guardian1", search=search) == left


@pytest.mark.parametrize("filtered, left", (
    ({}, ALL), ({"status": ["DRAFT"]}, ["B_", "ZŁ"]), ({"status": ["CLOSED", "PASSIVE"]}, ["IO", "IO"]),
    ({"status": []}, []), ({"status": None}, ALL), ({"status": "ACTIVE"}, ["KN", "ÅÆ", "B%", "ZŁ"]),
    ({"type": "INDIVIDUAL_PLAN"}, ["ZŁ", "ZŁ"]), ({"type": "INDIVIDUAL_EDUCATION_PLAN"}, []),
    ({"level": 2}, ["KN", "IO", "IO"]), ({"level": -1}, []),
    ({"level": 2**31 - 1}, []), ({"level": -(2**31)}, []),
    ({"consentExpiresWithinDays": 20}, ["ÅÆ", "B%"]), ({"consentExpiresWithinDays": 19}, []),
    ({"consentExpiresWithinDays": 65}, ["KN", "ÅÆ", "B%"]),
    ({"consentExpiresWithinDays": 2**31 - 1}, ["KN", "ÅÆ", "B%", "ZŁ"]),
    ({"neverArchived": True}, ["KN", "B%", "IO", "ZŁ", "ZŁ"]),
    ({"neverArchived": False}, ["ÅÆ", "B_", "IO"]), ({"neverArchived": None}, ALL),
    ({"changedSince": NOW.isoformat()}, []), ({"changedSince": (NOW - 9 * DAY).isoformat()}, ["KN"]),
    ({"changedSince": (NOW - 9 * DAY + timedelta(microseconds=1)).isoformat()}, []),
    ({"changedSince": "2026-11-13T11:00:00+01:00"}, ["KN"]),
    ({"changedSince": "0001-01-01T00:00:00+14:00"}, ALL),
    ({"status": ["ACTIVE"], "neverArchived": True, "level": 3, "search": "bo"}, ["B%"]),
    ({"status": ["ACTIVE"], "level": 1, "search": "bo"}, [])), ids=str)
async def test_all_that_is_given_must_hold(busy: Asking, filtered: dict[str, Any], left: list[str]) -> None:
    assert await names(busy, "guardian1", **filtered) == left


async def test_a_plan_is_found_by_its_unit_and_its_stafettholder(busy: Asking) -> None:
    town = busy.town
    assert await names(busy, "guardian1", unit=f"Unit:{town.units['Nordmo skole']}") == ALL
    assert await names(busy, "guardian1", unit=f"Unit:{town.units['PPT Nordmo']}") == []
    assert await names(busy, "guardian1", stafettholder=f"Person:{town.persons['stafettholder']}") == ALL
    assert await names(busy, "guardian1", stafettholder=f"Person:{town.persons['nurse']}") == []
    assert await names(busy, "leader", stafettholder=f"Person:{town.persons['stranger']}") == ["UN"]


async def test_an_id_of_another_noun_finds_nothing(busy: Asking) -> None:
    school, holder = busy.town.units["Nordmo skole"], busy.town.persons["stafettholder"]
    for wrong in (f"Person:{school}", f"Plan:{school}", str(school), f"Unit:{NOBODY}",
                  "Unit:x", "", ":", f"unit:{school}"):
        assert await names(busy, "guardian1", unit=wrong) == [], wrong
    assert await names(busy, "guardian1", stafettholder=f"Unit:{holder}") == []
    assert await names(busy, "guardian1", unit=None) == ALL


async def test_what_is_withheld_matches_nothing(busy: Asking) -> None:
    assert await names(busy, "guardian1", level=2) == ["KN", "IO", "IO"]
    assert await names(busy, "stafettholder", level=2) == ["KN"]  # of the others, without consent, the shell
    assert await names(busy, "leader", level=2) == []
    assert await names(busy, "leader", status=["PASSIVE"]) == ["IO"]


async def left(asking: Asking, filtered: str, **variables: Any) -> list[str]:
    given = "($s: [DeliveryState!], $t: String, $k: FactKind, $p: ID)" if variables else ""
    question = f"query{given} {{ deliveries(filter: {filtered}) {PAGE} }}"
    told = await asking.told("stafettholder", question, **variables)
    found = [edge["node"] for edge in told["deliveries"]["edges"]]
    assert told["deliveries"]["totalCount"] == len(found)
    return [f"{row['kind']} {row['state']} {row['target']}" for row in found]


async def test_deliveries_are_found_by_state_target_kind_and_plan(busy: Asking) -> None:
    plan, given = busy.id("Plan", busy.town.plan), "{plan: $p, state: $s, target: $t, kind: $k}"
    assert set(await left(busy, "{state: [DEAD]}")) == {"OPENED DEAD fagsystem"}
    assert set(await left(busy, "{state: CONFIRMED}")) == {"ARCHIVED CONFIRMED archive"}
    assert await left(busy, "{state: []}") == []
    assert set(await left(busy, '{target: "archive"}')) == {"ARCHIVED CONFIRMED archive"}
    assert await left(busy, '{target: "Archive"}') == []
    assert {row.split()[0] for row in await left(busy, "{kind: WITHDRAWN}")} == {"WITHDRAWN"}
    assert len(await left(busy, given, p=plan)) == 4
    assert await left(busy, given, p=plan, s="DEAD", t="fagsystem", k="OPENED") == ["OPENED DEAD fagsystem"]
    for wrong in (f"Delivery:{busy.town.plan}", f"Plan:{NOBODY}", "Plan:x", ""):
        assert await left(busy, given, p=wrong) == []


async def titles(asking: Asking, filtered: str, part: str = "guardian1") -> Any:
    question = f"query($id: ID!) {{ plan(id: $id) {{ goals(filter: {filtered}) {{ title }} }} }}"
    told = await asking.told(part, question, id=asking.id("Plan", asking.town.plan), log=False)
    goals = told["plan"]["goals"]
    return goals and [goal["title"] for goal in goals]


async def test_goals_and_activities_are_found_by_status_and_arena(busy: Asking) -> None:
    assert await titles(busy, "{status: DONE}") == [GOALS[1][0]]
    assert await titles(busy, "{arena: SCHOOL}") == [GOALS[1][0], GOALS[2][0]]
    assert await titles(busy, "{arena: SCHOOL, status: CANCELLED}") == [GOALS[2][0]]
    assert await titles(busy, "{arena: PARTNER, status: DONE}") == []
    assert len(await titles(busy, "{arena: null}")) == len(await titles(busy, "null")) == 7
    question = "query($id: ID!) { plan(id: $id) { goals { activities(filter: {arena: HOME}) { title } } } }"
    told = await busy.told("guardian1", question, id=busy.id("Plan", busy.town.plan), log=False)
    assert [len(goal["activities"]) for goal in told["plan"]["goals"]] == [0, 0, 0, 0, 0, 0, 1]
