"""What is read of a plan's content is written down with the answer;
the family sees by whom, what, and why it was open."""
import asyncio
from datetime import timedelta
from typing import Any

import psycopg

from db.rules.rights import Element, Right
from schema.errors import INTERNAL
from tests.support.asking import DAY, NOW, Asking
from tests.support.changing import rows

GOALS = "query($id: ID!) { plan(id: $id) { goals { title } } }"
BOTH = "query($id: ID!) { plan(id: $id) { goals { title } overview { strengths } } }"
SHELL = """query($id: ID!) { plan(id: $id) {
  id shortName type status startDate changedAt consentExpiresInDays lastArchivedAt
  owner { name } unit { name } stafettholder { name } viewerAccess { element level } } }"""
LOG = """query($id: ID!) { plan(id: $id) { accessLog(orderBy: AT) { totalCount edges { node {
  at action person { name } read because consent } } } } }"""


def entries(asking: Asking) -> list[tuple[str, str]]:
    """Who read which elements, in the order in which it was written."""
    parts = {key: part for part, key in asking.town.persons.items()}
    with psycopg.connect(asking.url) as connection:
        rows = connection.execute("select person_id, elements from access_log order by id").fetchall()
    return [(parts[person], " ".join(e for e in Element if Right(elements) & e.read))
            for person, elements in rows]


async def read(asking: Asking, part: str, question: str, **variables: Any) -> Any:
    return await asking.told(part, question, **{"id": asking.id("Plan", asking.town.plan), **variables})


async def test_reading_content_is_written_down_once_an_hour(own_town: Asking) -> None:
    for _ in range(2):
        await read(own_town, "nurse", GOALS)
        own_town.now += timedelta(minutes=29)
    assert entries(own_town) == [("nurse", "GOALS")]
    with psycopg.connect(own_town.url) as connection:
        assert connection.execute("select plan_id, at, hour, action from access_log").fetchone() == (
            own_town.town.plan, NOW, NOW, "READ")
    await read(own_town, "nurse", BOTH)
    await read(own_town, "guardian1", GOALS)
    own_town.now = NOW + timedelta(hours=1)
    await read(own_town, "nurse", GOALS)
    assert entries(own_town) == [
        ("nurse", "GOALS"), ("nurse", "OVERVIEW GOALS"), ("guardian1", "GOALS"), ("nurse", "GOALS")]


async def test_each_element_that_is_shown_is_written_down(own_town: Asking) -> None:
    await read(own_town, "guardian1", """query($id: ID!) { plan(id: $id) {
      owner { birthDate } participants { role } goals { activities { title comments { body } } }
      consents { state } statusHistory { status } } }""")
    assert entries(own_town) == [
        ("guardian1", "OVERVIEW GOALS ACTIVITIES COMMENTS TIMELINE PARTICIPANTS CONSENT")]


async def test_what_is_withheld_was_not_read(own_town: Asking) -> None:
    await read(own_town, "nurse", "query($id: ID!) { plan(id: $id) { goals { title comments { body } } } }")
    await read(own_town, "leader", BOTH)
    assert entries(own_town) == [("nurse", "GOALS")]


async def test_names_and_status_are_not_content(own_town: Asking) -> None:
    for part in ("leader", "nurse", "guardian1"):
        assert (await read(own_town, part, SHELL))["plan"]["owner"]["name"] == "Kim Nordmo"
    assert entries(own_town) == []


async def test_nothing_is_written_down_where_nothing_is_shown(own_town: Asking) -> None:
    for part in ("stranger", "former", "analyst"):
        assert await read(own_town, part, BOTH) == {"plan": None}
    page = """query($first: Int, $f: PlanFilter) { plans(first: $first, filter: $f) {
      totalCount edges { node { goals { id } } } } }"""
    await own_town.told("nurse", page, first=0)
    await own_town.told("nurse", page, f={"search": "nobody"})
    await own_town.answer("nurse", page, first=-1)
    await own_town.told("nurse", "{ plans { edges { node { goals @skip(if: true) { id } } } } }")
    assert entries(own_town) == []
    await own_town.told("nurse", page, first=1)
    assert entries(own_town) == [("nurse", "GOALS")]


async def test_a_row_by_its_id_is_read_like_the_plan_it_stands_in(own_town: Asking) -> None:
    keys = "query($id: ID!) { plan(id: $id) { goals { id } } }"
    goals = (await read(own_town, "guardian1", keys, log=False))["plan"]["goals"]
    assert entries(own_town) == []
    question = "query($id: ID!) { node(id: $id) { ... on Goal { title comments { body } } } }"
    await read(own_town, "nurse", question, id=goals[0]["id"])
    assert entries(own_town) == [("nurse", "GOALS")]


async def test_each_plan_of_a_list_has_an_entry_and_two_readings_in_one_question_share_it(
        busy: Asking) -> None:
    question = """query($id: ID!) { plans(first: 3) { edges { node { goals { id } } } }
      plan(id: $id) { overview { strengths } } again: plan(id: $id) { goals { title } } }"""
    busy.now = NOW + 2 * DAY
    try:
        await busy.told("guardian1", question, id=busy.id("Plan", busy.town.plan))
        assert len(rows(busy, "select * from access_log where at = %s", busy.now)) == 3
    finally:
        busy.now = NOW


async def test_the_same_reading_at_the_same_moment_is_one_entry(own_town: Asking) -> None:
    await asyncio.gather(*(read(own_town, "nurse", GOALS) for _ in range(12)))
    assert entries(own_town) == [("nurse", "GOALS")]


async def test_the_payload_of_a_change_is_read_too(own_town: Asking) -> None:
    change = "mutation($id: ID!) { archivePlan(planId: $id) { plan { goals { title } } errors { code } } }"
    await read(own_town, "stafettholder", change)
    assert ("stafettholder", "GOALS") in entries(own_town)


async def test_no_log_no_answer(own_town: Asking) -> None:
    with psycopg.connect(own_town.url) as connection:
        connection.execute("revoke insert on access_log from hub_reader")
    answer = await own_town.answer("nurse", GOALS, id=own_town.id("Plan", own_town.town.plan))
    assert (answer.data, [e["extensions"]["code"] for e in answer.errors]) == ({"plan": None}, [INTERNAL])
    assert (await read(own_town, "nurse", SHELL))["plan"]


async def test_the_family_sees_who_read_what_and_through_which_consent(own_town: Asking) -> None:
    for n, part in enumerate(("nurse", "stafettholder", "guardian2")):
        own_town.now = NOW + timedelta(minutes=n)
        await read(own_town, part, BOTH)
    log = (await read(own_town, "guardian1", LOG))["plan"]["accessLog"]
    consent = own_town.id("Consent", own_town.town.consent)
    rest = {"action": "READ", "read": ["OVERVIEW", "GOALS"]}
    assert [edge["node"] for edge in log["edges"]] == [
        {"at": "2026-11-22T10:00:00+00:00", "person": {"name": "Siv Berg"}, "because": "CONSENT",
         "consent": consent, **rest},
        {"at": "2026-11-22T10:01:00+00:00", "person": {"name": "Tone Lie"}, "because": "CONSENT",
         "consent": consent, **rest},
        {"at": "2026-11-22T10:02:00+00:00", "person": {"name": "Per Nordmo"}, "because": "ROLE",
         "consent": None, **rest}]
    assert log["totalCount"] == 3


async def test_the_log_keeps_why_it_was_open_then(own_town: Asking) -> None:
    await read(own_town, "nurse", GOALS)
    own_town.now += DAY
    consent = own_town.id("Consent", own_town.town.consent)
    change = "mutation($id: ID!) { withdrawConsent(consentId: $id) { errors { code } } }"
    await own_town.told("guardian1", change, id=consent)
    own_town.now += DAY
    (edge,) = (await read(own_town, "guardian2", LOG))["plan"]["accessLog"]["edges"]
    assert (edge["node"]["because"], edge["node"]["consent"]) == ("CONSENT", consent)


async def test_nobody_else_sees_the_log(own_town: Asking) -> None:
    await read(own_town, "nurse", GOALS)
    for part in ("stafettholder", "nurse", "leader", "admin"):
        assert await read(own_town, part, LOG) == {"plan": {"accessLog": None}}
    with psycopg.connect(own_town.url) as connection:
        (key,) = connection.execute("select id from access_log").fetchone() or ()
    question, entry = "query($id: ID!) { node(id: $id) { id } }", f"AccessLog:{key}"
    assert await read(own_town, "stafettholder", question, id=entry) == {"node": None}
    assert (await read(own_town, "guardian2", question, id=entry))["node"] == {"id": entry}
