"""A question gets what its viewer may see, compiled once per shape."""
from typing import Any

import orjson
import psycopg
import pytest

from db.read.source import NOUNS
from resolvers.context import Viewer
from schema.errors import INTERNAL
from schema.operation import Request
from schema.recent import Recent
from schema.root import schema
from tests.support.asking import Asking
from tests.support.said import asked, data

NOBODY = "00000000-0000-0000-0000-000000000000"


async def test_what_is_withheld_is_null_and_what_is_empty_is_a_list(busy: Asking) -> None:
    question = """query($id: ID!) { plan(id: $id) {
      deliveries { id } accessLog { totalCount } overview { strengths }
      goals { activities { id } comments { id } } } }"""
    plan = busy.id("Plan", busy.town.plan)
    nurse, guardian = [data(await asked(busy, question, {"id": plan}, part=part))["plan"]
                       for part in ("nurse", "guardian1")]
    assert (nurse["deliveries"], nurse["accessLog"]) == (None, None)
    assert guardian["deliveries"] is None and guardian["accessLog"]["totalCount"] >= 4
    assert [goal["comments"] for goal in nurse["goals"]] == [None] * 7  # the consent holds them back
    assert [len(goal["comments"]) for goal in guardian["goals"]] == [0, 0, 0, 0, 0, 0, 3]
    assert nurse["goals"][2]["activities"] == guardian["goals"][2]["activities"] == []
    leader = data(await asked(busy, question, {"id": plan}, part="leader"))["plan"]
    assert {**leader, "deliveries": 0} == {
        "deliveries": 0, "accessLog": None, "overview": None, "goals": None}
    assert leader["deliveries"] != []


async def test_a_plan_that_one_has_no_business_with_is_not_there(busy: Asking) -> None:
    for part in ("stranger", "former", "analyst"):
        answer = await asked(busy, "query($id: ID!) { plan(id: $id) { id } node(id: $id) { id } }",
                             {"id": busy.id("Plan", busy.town.plan)}, part=part)
        assert data(answer) == {"plan": None, "node": None}


async def test_every_noun_that_one_may_see_is_found_by_its_id(busy: Asking) -> None:
    with psycopg.connect(busy.url) as connection:
        ids = {noun: f"{noun}:{key}" for noun, table in NOUNS.items() for (key,) in connection.execute(
            f"select id from {table.__tablename__} order by id limit 1")}
    question = "query($id: ID!) { node(id: $id) { id __typename } }"
    told = {noun: data(await asked(busy, question, {"id": key}))["node"] for noun, key in ids.items()}
    assert {noun for noun, node in told.items() if node == {"id": ids[noun], "__typename": noun}} == {
        "AccessLog", "Activity", "Comment", "Consent", "ConsentName", "ConsentSignature", "ConsentTemplate",
        "ConsentText", "Goal", "LevelChange", "Municipality", "Overview", "Participant", "Plan",
        "StatusChange", "Unit", "UnitChange", "UnitGroup"}


async def test_oneself_and_ones_posts_are_found_by_id_and_nobody_else(busy: Asking) -> None:
    posts = "{ viewer { id assignments { id post } } }"
    told = data(await asked(busy, posts, part="stafettholder"))["viewer"]
    question = "query($id: ID!) { node(id: $id) { id ... on Person { name } ... on Assignment { post } } }"
    oneself = data(await asked(busy, question, {"id": told["id"]}, part="stafettholder"))["node"]
    assert oneself["name"] == "Tone Lie"
    (post,) = told["assignments"]
    assert data(await asked(busy, question, {"id": post["id"]}, part="stafettholder"))["node"] == post
    for part in ("guardian1", "leader", "admin"):
        for key in (told["id"], post["id"]):
            assert data(await asked(busy, question, {"id": key}, part=part)) == {"node": None}


@pytest.mark.parametrize("key", (
    "", ":", "Plan", "Plan:", "Plan:x", f"Plan:{NOBODY}", f"Goal:{NOBODY}", "Nope:1",
    "Replay:1", f"AccessGrant:{NOBODY}", f"SearchLog:{NOBODY}", "ElementAccess:GOALS", "PlanConnection:1",
    "PlanPayload:1", "Node:1", "__Schema:1", "Plan:\0", "Plan:' or 1=1", "💥" * 999),
    ids=lambda key: ascii(key)[:30])
async def test_an_id_of_nothing_finds_nothing(busy: Asking, key: str) -> None:
    question = """query($id: ID!) { node(id: $id) { id ... on Plan { shortName } }
      plan(id: $id) { id } unit(id: $id) { id } consentTemplate(id: $id) { id } }"""
    nothing = {"node": None, "plan": None, "unit": None, "consentTemplate": None}
    assert data(await asked(busy, question, {"id": key})) == nothing


async def test_an_id_of_another_noun_finds_nothing(busy: Asking) -> None:
    question = "query($id: ID!) { plan(id: $id) { id } unit(id: $id) { id } node(id: $id) { id } }"
    assert data(await asked(busy, question, {"id": f"Goal:{busy.town.plan}"})) == {
        "plan": None, "unit": None, "node": None}
    school = f"Unit:{busy.town.units['Nordmo skole']}"
    assert data(await asked(busy, question, {"id": school})) == {
        "plan": None, "unit": {"id": school}, "node": {"id": school}}


async def test_the_root_says_what_it_is(busy: Asking) -> None:
    assert data(await asked(busy, "{ __typename }")) == {"__typename": "Query"}
    spread = "{ a: __typename ...F } fragment F on Query { b: __typename plans { __typename } }"
    assert data(await asked(busy, spread)) == {
        "a": "Query", "b": "Query", "plans": {"__typename": "PlanConnection"}}


def statements(text: str) -> int:
    kept: Any = schema.statements.kept
    return sum(1 for key in kept if key[0] == text)


async def test_values_share_a_statement_and_shapes_do_not(busy: Asking) -> None:
    text = """query Shapes($n: Int, $s: Boolean!, $o: PlanOrder, $f: PlanFilter, $id: ID) {
      plans(first: $n, orderBy: $o, filter: $f) { totalCount @skip(if: $s) __typename }
      unit(id: "x") { id } deliveries(filter: {plan: $id}) { totalCount } }"""
    same = {"s": False, "n": 1, "id": "Plan:x", "f": {"search": "a", "status": ["ACTIVE"]}}
    for n in range(3):
        values = {"n": n, "id": f"Plan:{n}", "f": {"search": f"b{n}", "status": ["DRAFT", "CLOSED"][:n]}}
        await asked(busy, text, same | values)
    assert statements(text) == 1
    others: tuple[dict[str, Any], ...] = (
        {"s": True}, {"n": None}, {"o": "LEVEL_DESC"}, {"o": "SHORT_NAME"}, {"f": {"search": "a"}},
        {"f": None}, {"id": None})
    for n, other in enumerate(others):
        await asked(busy, text, same | other)
        assert statements(text) == n + 2
    await asked(busy, text, {**same, "id": "Nope:1"})
    await asked(busy, text, {**same, "id": "What:ever"})
    assert statements(text) == len(others) + 2  # any id of no noun is the same


async def test_the_caches_keep_what_was_asked_last_and_no_more(
        busy: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "documents", Recent(3))
    monkeypatch.setattr(schema, "statements", Recent(2))
    for n in range(6):
        assert data(await asked(busy, f"{{ a{n}: viewer {{ name }} }}")) == {f"a{n}": {"name": "Ada Nordmo"}}
    assert [len(schema.documents.kept), len(schema.statements.kept)] == [3, 2]
    await asked(busy, "{ nope }")
    assert len(schema.documents.kept) == 3  # what is not valid is not kept


async def test_a_fault_is_one_sentence_for_each_root_and_tells_nothing(
        busy: Asking, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    async def stumble(*_: Any) -> Any:
        raise RuntimeError("Ada Nordmo")
    monkeypatch.setattr(busy.reader, "answer", stumble)
    answer = await asked(busy, "{ viewer { id } all: plans { totalCount } }")
    assert (answer.data, answer.started) == ({"viewer": None, "all": None}, True)
    assert [(e["extensions"]["code"], e["path"]) for e in answer.errors] == [
        (INTERNAL, ["viewer"]), (INTERNAL, ["all"])]
    assert "Ada" not in str(answer.errors) + caplog.text


async def test_one_sees_all_of_oneself(own_town: Asking) -> None:
    with psycopg.connect(own_town.url) as connection:
        connection.execute("update person set hides_mobile = true, language = 'nn' where id = any(%s)",
                           [[own_town.town.persons[part] for part in ("nurse", "guardian1")]])
    question = """{ viewer { name birthDate email mobile workMobile hidesMobile
      position workplace { name } language assignments { post } } }"""
    assert (await own_town.told("nurse", question))["viewer"] == {
        "name": "Siv Berg", "birthDate": "1988-09-14", "email": "nurse@example.no", "mobile": "+4740000004",
        "workMobile": "+4790000004", "hidesMobile": True, "position": "Helsesykepleier",
        "workplace": {"name": "Nordmo helsestasjon"}, "language": "nn", "assignments": []}
    people = """query($id: ID!) { plan(id: $id) { participants { person {
      name email workMobile workEmail hidesMobile language assignments { id } } } } }"""
    told = await own_town.told("guardian2", people, id=own_town.id("Plan", own_town.town.plan))
    nurse = next(p["person"] for p in told["plan"]["participants"] if p["person"]["name"] == "Siv Berg")
    assert nurse == {"name": "Siv Berg", "email": None, "workMobile": None,
                     "workEmail": "nurse@arbeid.example.no",
                     "hidesMobile": None, "language": None, "assignments": None}


async def test_the_municipality_is_open_to_all_who_are_signed_in(busy: Asking) -> None:
    question = """{ municipality { number name language consentAge guardiansSignToo consentDays threshold }
      units { name group { name } } few: units(first: 2) { name }
      consentTemplates { title planType language version } }"""
    told = data(await asked(busy, question, part="analyst"))
    assert told["municipality"] == {"number": "9901", "name": "Nordmo", "language": "nb", "consentAge": 15,
                                    "guardiansSignToo": True, "consentDays": 365, "threshold": 5}
    assert [unit["name"] for unit in told["units"]] == sorted(busy.town.units)
    assert told["few"] == [{"name": name} for name in sorted(busy.town.units)[:2]]
    assert told["consentTemplates"] == [
        {"title": "Samtykke til stafettlogg", "planType": "STAFETTLOGG", "language": "nb", "version": 1}]


async def test_a_system_client_is_no_person_and_sees_no_plan(busy: Asking) -> None:
    client = Viewer(busy.town.municipality, None, "nb")
    question = """{ viewer { id } plans { totalCount } municipality { name }
      persons(search: {name: "berg"}) { id } }"""
    answer = await schema.answer(Request(question, None, {}, client, "nb"), busy.hub)
    assert data(answer) == {
        "viewer": None, "plans": {"totalCount": 0}, "municipality": {"name": "Nordmo"}, "persons": None}


async def test_the_same_field_asked_for_twice_is_answered_once(busy: Asking) -> None:
    text = """query($id: ID!) {
        plan(id: $id) { ...A owner { id } ...B }
        plan(id: $id) { owner { birthDate } status } }
      fragment A on Plan { owner { name } } fragment B on Node { id ... on Plan { shortName } }"""
    plan, kim = busy.id("Plan", busy.town.plan), busy.id("Person", busy.town.persons["owner"])
    assert orjson.dumps(data(await asked(busy, text, {"id": plan}))) == orjson.dumps({"plan": {
        "owner": {"name": "Kim Nordmo", "id": kim, "birthDate": "2018-05-04"},
        "id": plan, "shortName": "KN", "status": "ACTIVE"}})
