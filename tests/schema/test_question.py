"""A question gets its answer, or one clear sentence on why it gets none."""
from dataclasses import replace
from typing import Any

import orjson
import psycopg
import pytest
from graphql import build_client_schema, get_introspection_query, print_schema

from db.read.source import NOUNS
from resolvers.context import Viewer
from schema.errors import BAD_USER_INPUT, INTERNAL, METHOD_NOT_ALLOWED, PARSE_FAILED, VALIDATION_FAILED
from schema.operation import Answer, Request
from schema.recent import Recent
from schema.root import schema
from tests.support.asking import Asking

NOBODY = "00000000-0000-0000-0000-000000000000"


async def asked(asking: Asking, text: str, *, name: str | None = None, part: str = "guardian1",
                language: str = "en",
                safe: bool = False, **variables: Any) -> Answer:
    return await schema.answer(
        Request(text, name, variables, asking.viewer(part), language, safe=safe),
        replace(asking.hub, log=False))


def data(answer: Answer) -> Any:
    assert (answer.errors, answer.started) == ([], True)
    return orjson.loads(orjson.dumps(answer.data))


def refusal(answer: Answer) -> tuple[str, str]:
    """The code and the sentence of the one error of a question that was not begun."""
    assert (answer.data, answer.started, len(answer.errors)) == (None, False, 1)
    return answer.errors[0]["extensions"]["code"], answer.errors[0]["message"]


async def test_what_is_withheld_is_null_and_what_is_empty_is_a_list(busy: Asking) -> None:
    question = """query($id: ID!) { plan(id: $id) { deliveries { id } accessLog { totalCount } overview { strengths }
                  goals { activities { id } comments { id } } } }"""
    plan = busy.id("Plan", busy.town.plan)
    nurse, guardian = [data(await asked(busy, question, part=part, id=plan))["plan"]
                       for part in ("nurse", "guardian1")]
    assert (nurse["deliveries"], nurse["accessLog"]) == (None, None)
    assert guardian["deliveries"] is None and guardian["accessLog"]["totalCount"] >= 4
    assert [goal["comments"] for goal in nurse["goals"]] == [None] * 7  # the consent holds them back
    assert [len(goal["comments"]) for goal in guardian["goals"]] == [0, 0, 0, 0, 0, 0, 3]
    assert nurse["goals"][2]["activities"] == guardian["goals"][2]["activities"] == []
    leader = data(await asked(busy, question, part="leader", id=plan))["plan"]
    assert {**leader, "deliveries": 0} == {"deliveries": 0, "accessLog": None, "overview": None,
                                           "goals": None}
    assert leader["deliveries"] != []


async def test_a_plan_that_one_has_no_business_with_is_not_there(busy: Asking) -> None:
    for part in ("stranger", "former", "analyst"):
        answer = await asked(busy, "query($id: ID!) { plan(id: $id) { id } node(id: $id) { id } }", part=part,
                             id=busy.id("Plan", busy.town.plan))
        assert data(answer) == {"plan": None, "node": None}


async def test_every_noun_that_one_may_see_is_found_by_its_id(busy: Asking) -> None:
    with psycopg.connect(busy.url) as connection:
        ids = {noun: str(row[0]) for noun, table in NOUNS.items() for row in connection.execute(
            f"select id from {table.__tablename__} order by id limit 1")}
    seen = {noun for noun, key in ids.items() if (data(await asked(
        busy, "query($id: ID!) { node(id: $id) { id __typename } }", id=f"{noun}:{key}")))["node"] == {
            "id": f"{noun}:{key}", "__typename": noun}}
    assert seen == {
        "AccessLog", "Activity", "Comment", "Consent", "ConsentName", "ConsentSignature", "ConsentTemplate",
        "Goal",
        "LevelChange", "Municipality", "Overview", "Participant", "Plan", "StatusChange", "Unit", "UnitGroup"}


async def test_oneself_and_ones_posts_are_found_by_id_and_nobody_else(busy: Asking) -> None:
    told = data(await asked(busy, "{ viewer { id assignments { id post } } }",
                            part="stafettholder"))["viewer"]
    question = "query($id: ID!) { node(id: $id) { id ... on Person { name } ... on Assignment { post } } }"
    assert data(await asked(busy, question, part="stafettholder",
                            id=told["id"]))["node"]["name"] == "Tone Lie"
    (post,) = told["assignments"]
    assert data(await asked(busy, question, part="stafettholder", id=post["id"]))["node"] == post
    for part in ("guardian1", "leader", "admin"):
        for key in (told["id"], post["id"]):
            assert data(await asked(busy, question, part=part, id=key)) == {"node": None}


@pytest.mark.parametrize("key", (
    "", ":", "Plan", "Plan:", "Plan:x", f"Plan:{NOBODY}", f"Goal:{NOBODY}", "Nope:1", "Replay:1",
    f"AccessGrant:{NOBODY}",
    f"SearchLog:{NOBODY}", "ElementAccess:GOALS", "PlanConnection:1", "PlanPayload:1", "Node:1", "__Schema:1",
    "Plan:\0",
    "Plan:' or 1=1", "💥" * 999), ids=lambda key: ascii(key)[:30])
async def test_an_id_of_nothing_finds_nothing(busy: Asking, key: str) -> None:
    question = """query($id: ID!) { node(id: $id) { id ... on Plan { shortName } } plan(id: $id) { id } unit(id: $id) { id }
                  consentTemplate(id: $id) { id } }"""
    nothing = {"node": None, "plan": None, "unit": None, "consentTemplate": None}
    assert data(await asked(busy, question, id=key)) == nothing


async def test_an_id_of_another_noun_finds_nothing(busy: Asking) -> None:
    question = "query($id: ID!) { plan(id: $id) { id } unit(id: $id) { id } node(id: $id) { id } }"
    assert data(await asked(busy, question, id=f"Goal:{busy.town.plan}")) == {"plan": None, "unit": None,
        "node": None}
    school = f"Unit:{busy.town.units['Nordmo skole']}"
    assert data(await asked(busy, question, id=school)) == {"plan": None, "unit": {"id": school},
                                                            "node": {"id": school}}


async def test_the_root_says_what_it_is(busy: Asking) -> None:
    assert data(await asked(busy, "{ __typename }")) == {"__typename": "Query"}
    assert data(await asked(busy, "{ a: __typename ...F } fragment F on Query { b: __typename plans { __typename } }")) == {
        "a": "Query", "b": "Query", "plans": {"__typename": "PlanConnection"}}


async def test_the_schema_can_be_asked_for(busy: Asking) -> None:
    told = data(await asked(busy, get_introspection_query(input_value_deprecation=True)))
    assert print_schema(build_client_schema(told)).strip() == print_schema(schema._schema).strip()
    assert data(await asked(busy, "{ ...F __typename } fragment F on Query { __schema { queryType { name } } }")) == {
        "__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}
    named = "query A { viewer { id } } query B($n: String!) { ... { __type(name: $n) { kind } } }"
    assert data(await asked(busy, named, name="B", n="PlanOrder")) == {"__type": {"kind": "ENUM"}}


@pytest.mark.parametrize("text", (
    "{ __schema { queryType { name } } plans { totalCount } }", "{ ...F plans { totalCount } } "
    "fragment F on Query { __schema { queryType { name } } }",
    "{ ... { viewer { id } } __type(name: \"Plan\") { name } }"))
async def test_the_schema_is_not_asked_for_beside_data(busy: Asking, text: str) -> None:
    assert refusal(await asked(busy, text)) == (VALIDATION_FAILED,
                                                "Ask for the schema in a question of its own.")


async def test_what_is_skipped_is_not_asked_for(busy: Asking) -> None:
    text = "query($s: Boolean!) { viewer @include(if: $s) { name } __schema @skip(if: $s) { queryType { name } } }"
    assert data(await asked(busy, text, s=True)) == {"viewer": {"name": "Ada Nordmo"}}
    assert data(await asked(busy, text, s=False)) == {"__schema": {"queryType": {"name": "Query"}}}
    assert data(await asked(busy, "{ viewer @skip(if: true) { name } }")) == {}


TWO = "query A { viewer { name } } query B { viewer { name } __typename }"


async def test_the_operation_that_is_named_is_answered(busy: Asking) -> None:
    assert data(await asked(busy, TWO, name="A")) == {"viewer": {"name": "Ada Nordmo"}}
    assert data(await asked(busy, TWO, name="B")) == {"viewer": {"name": "Ada Nordmo"}, "__typename": "Query"}
    assert data(await asked(busy, "query A { __typename }")) == {"__typename": "Query"}


@pytest.mark.parametrize("text, name", ((TWO, None), (TWO, "C"), (TWO, "a"), ("{ __typename }", "A")))
async def test_an_operation_that_is_not_there_is_refused(busy: Asking, text: str, name: str | None) -> None:
    assert refusal(await asked(busy, text, name=name)) == (BAD_USER_INPUT,
                                                           "Name one operation of the document.")


@pytest.mark.parametrize("text, code", (
    ("{ plans ", PARSE_FAILED), ("", PARSE_FAILED), ("{ nope }", VALIDATION_FAILED),
    ("{ viewer }", VALIDATION_FAILED),
    ("{ plan { id } }", VALIDATION_FAILED), ("{ plans { id } }", VALIDATION_FAILED),
    ("{ viewer { name { x } } }", VALIDATION_FAILED),
    ("{ plans(first: 1) { totalCount } plans(first: 2) { totalCount } }", VALIDATION_FAILED),
    ("{ plans(first: 9999999999) { totalCount } }", VALIDATION_FAILED),
    ("{ plans(orderBy: ID) { totalCount } }", VALIDATION_FAILED),
    ("subscription { x }", VALIDATION_FAILED), ("{ ...F } fragment F on Query { ...F }", VALIDATION_FAILED),
    ("fragment F on Query { __typename }", VALIDATION_FAILED),
    ("{ viewer { ...F } } fragment F on Plan { id }", VALIDATION_FAILED),
    ("type Query { a: Int }", VALIDATION_FAILED)))
async def test_a_document_that_is_not_valid_is_refused(busy: Asking, text: str, code: str) -> None:
    assert refusal(await asked(busy, text))[0] == code


ID = "query($id: ID!) { plan(id: $id) { id } }"
LEVEL = "query($n: Int) { plans(filter: {level: $n}) { totalCount } }"
STATUS = "query($s: [PlanStatus!]) { plans(filter: {status: $s}) { totalCount } }"
FILTER = "query($f: PlanFilter) { plans(filter: $f) { totalCount } }"


@pytest.mark.parametrize("text, variables", (
    (ID, {}), (ID, {"id": None}), (ID, {"id": True}), (ID, {"id": ["x"]}), (ID, {"id": {}}),
    (ID, {"id": 1.5}),
    (LEVEL, {"n": "1"}), (LEVEL, {"n": 2**31}), (LEVEL, {"n": -(2**31) - 1}), (LEVEL, {"n": 10**400}),
    (LEVEL, {"n": 1.5}),
    (LEVEL, {"n": True}), (LEVEL, {"n": [1]}), (STATUS, {"s": "active"}), (STATUS, {"s": [None]}),
    (STATUS, {"s": [["ACTIVE"]]}),
    (FILTER, {"f": "x"}), (FILTER, {"f": {"nope": 1}}), (FILTER, {"f": {"search": 1}}),
    (FILTER, {"f": {"neverArchived": "no"}}),
    (FILTER, {"f": {"changedSince": "yesterday"}}), (FILTER, {"f": [{}]})), ids=lambda value: str(value)[:50])
async def test_a_variable_of_the_wrong_type_is_refused(busy: Asking, text: str,
                                                       variables: dict[str, Any]) -> None:
    code, message = refusal(await asked(busy, text, **variables))
    assert code == BAD_USER_INPUT
    assert message.startswith("Variable '$")


@pytest.mark.parametrize("text", (
    'query($id: ID = "x") { plan(id: $id) { id } }', 'query($id: ID = "x") { node(id: $id) { id } }',
    'query($id: PersonSearch = {name: "xx"}) { persons(search: $id) { id } }',
    "query($id: Boolean = true) { viewer @skip(if: $id) { id } }",
    "query($id: Boolean = true) { viewer { id @include(if: $id) } }"))
async def test_null_where_null_may_not_stand_is_refused(busy: Asking, text: str) -> None:
    code, message = refusal(await asked(busy, text, id=None))
    assert (code, message.endswith("must not be null.")) == (BAD_USER_INPUT, True)
    assert (await asked(busy, text)).started


async def test_a_variable_that_nobody_declared_is_passed_over(busy: Asking) -> None:
    assert data(await asked(busy, "{ __typename }", nope=1)) == {"__typename": "Query"}


@pytest.mark.parametrize("text", (
    "query($t: String!) { plans(filter: {search: $t}) { totalCount } }",
    'query($t: String!) { persons(search: {name: $t}) { id } }',
    "query($t: String!) { deliveries(filter: {target: $t}) { totalCount } }"))
async def test_a_text_with_nul_is_refused(busy: Asking, text: str) -> None:
    for part in ("stafettholder", "guardian1"):
        assert refusal(await asked(busy, text, part=part, t="ab\0")) == (
            BAD_USER_INPUT, "A text has characters that can't be searched for.")
    written = text.replace("query($t: String!) ", "").replace("$t", '"ab\\u0000"')
    assert refusal(await asked(busy, written))[0] == BAD_USER_INPUT


async def test_a_refusal_is_told_in_the_language_that_is_asked_for(busy: Asking) -> None:
    text = "{ plans(first: 101) { totalCount } }"
    assert refusal(await asked(busy, text, language="nb"))[1].startswith("Be om 0 til 100 rader, med «first»")
    assert refusal(await asked(busy, text, language="nn"))[1].endswith("ikkje begge.")


async def test_a_change_that_came_as_a_safe_request_is_refused(busy: Asking) -> None:
    text = "mutation C($id: ID!) { reopenPlan(planId: $id) { errors { code } } } query Q { __typename }"
    answer = await asked(busy, text, name="C", safe=True, id="Plan:x")
    assert refusal(answer) == (METHOD_NOT_ALLOWED, "Changes must be sent by POST; GET only reads.")
    assert data(await asked(busy, text, name="Q", safe=True)) == {"__typename": "Query"}


def statements(text: str) -> int:
    return sum(1 for key in schema.statements.kept if key[0] == text)


async def test_values_share_a_statement_and_shapes_do_not(busy: Asking) -> None:
    text = """query Shapes($n: Int, $s: Boolean!, $o: PlanOrder, $f: PlanFilter, $id: ID) {
              plans(first: $n, orderBy: $o, filter: $f) { totalCount @skip(if: $s) __typename } unit(id: "x") { id }
              deliveries(filter: {plan: $id}) { totalCount } }"""
    same = {"s": False, "n": 1, "id": "Plan:x", "f": {"search": "a", "status": ["ACTIVE"]}}
    for n in range(3):
        await asked(busy, text, **same | {"n": n, "id": f"Plan:{n}",
                                          "f": {"search": f"b{n}", "status": ["DRAFT", "CLOSED"][:n]}})
    assert statements(text) == 1
    others: tuple[dict[str, Any], ...] = (
        {"s": True}, {"n": None}, {"o": "LEVEL_DESC"}, {"o": "SHORT_NAME"}, {"f": {"search": "a"}},
        {"f": None}, {"id": None})
    for n, other in enumerate(others):
        await asked(busy, text, **same | other)
        assert statements(text) == n + 2
    await asked(busy, text, **{**same, "id": "Nope:1"})
    await asked(busy, text, **{**same, "id": "What:ever"})
    assert statements(text) == len(others) + 2  # any id of no noun is the same


async def test_the_caches_keep_what_was_asked_last_and_no_more(busy: Asking,
    monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert [(e["extensions"]["code"], e["path"]) for e in answer.errors] == [(INTERNAL, ["viewer"]),
        (INTERNAL, ["all"])]
    assert "Ada" not in str(answer.errors) + caplog.text


async def test_one_sees_all_of_oneself(own_town: Asking) -> None:
    with psycopg.connect(own_town.url) as connection:
        connection.execute("update person set hides_mobile = true, language = 'nn' where id = any(%s)",
                           [[own_town.town.persons[part] for part in ("nurse", "guardian1")]])
    question = "{ viewer { name birthDate email mobile hidesMobile position workplace { name } language assignments { post } } }"
    assert (await own_town.told("nurse", question))["viewer"] == {
        "name": "Siv Berg", "birthDate": "1988-09-14", "email": "nurse@example.no", "mobile": "+4740000004",
        "hidesMobile": True, "position": "Helsesykepleier", "workplace": {"name": "Nordmo helsestasjon"},
        "language": "nn",
        "assignments": []}
    people = "query($id: ID!) { plan(id: $id) { participants { person { name mobile email hidesMobile language assignments { id } } } } }"
    told = await own_town.told("guardian2", people, id=own_town.id("Plan", own_town.town.plan))
    nurse = next(p["person"] for p in told["plan"]["participants"] if p["person"]["name"] == "Siv Berg")
    assert nurse == {"name": "Siv Berg", "mobile": None, "email": "nurse@example.no", "hidesMobile": None,
                     "language": None,
                     "assignments": None}


async def test_the_municipality_is_open_to_all_who_are_signed_in(busy: Asking) -> None:
    question = """{ municipality { number name language consentAge guardiansSignToo consentDays threshold }
                    units { name group { name } } few: units(first: 2) { name } consentTemplates { title planType language version } }"""
    told = data(await asked(busy, question, part="analyst"))
    assert told["municipality"] == {"number": "3201", "name": "Nordmo", "language": "nb", "consentAge": 15,
                                    "guardiansSignToo": True, "consentDays": 365, "threshold": 5}
    assert [unit["name"] for unit in told["units"]] == sorted(busy.town.units)
    assert told["few"] == [{"name": name} for name in sorted(busy.town.units)[:2]]
    assert told["consentTemplates"] == [
        {"title": "Samtykke til stafettlogg", "planType": "STAFETTLOGG", "language": "nb", "version": 1}]


async def test_a_system_client_is_no_person_and_sees_no_plan(busy: Asking) -> None:
    client = Viewer(busy.town.municipality, None, "nb", frozenset({"stafettlogg:read"}))
    question = "{ viewer { id } plans { totalCount } municipality { name } persons(search: {name: \"berg\"}) { id } }"
    answer = await schema.answer(Request(question, None, {}, client, "nb"), busy.hub)
    assert data(answer) == {"viewer": None, "plans": {"totalCount": 0}, "municipality": {"name": "Nordmo"},
                            "persons": None}


async def test_the_same_field_asked_for_twice_is_answered_once(busy: Asking) -> None:
    text = """query($id: ID!) { plan(id: $id) { ...A owner { id } ...B } plan(id: $id) { owner { birthDate } status } }
              fragment A on Plan { owner { name } } fragment B on Node { id ... on Plan { shortName } }"""
    plan = busy.id("Plan", busy.town.plan)
    assert orjson.dumps(data(await asked(busy, text, id=plan))) == orjson.dumps({"plan": {
        "owner": {"name": "Kim Nordmo", "id": busy.id("Person", busy.town.persons["owner"]),
                  "birthDate": "2018-05-04"},
        "id": plan, "shortName": "KN", "status": "ACTIVE"}})
