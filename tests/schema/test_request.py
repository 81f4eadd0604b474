"""What can not be answered gets one clear sentence on why; and the schema itself can be asked for."""
from typing import Any

import pytest
from graphql import build_client_schema, get_introspection_query, print_schema

from schema.errors import BAD_USER_INPUT, METHOD_NOT_ALLOWED, PARSE_FAILED, VALIDATION_FAILED
from schema.root import schema
from tests.support.asking import Asking
from tests.support.said import asked, data, refusal


async def test_the_schema_can_be_asked_for(busy: Asking) -> None:
    told = data(await asked(busy, get_introspection_query(input_value_deprecation=True)))
    assert print_schema(build_client_schema(told)).strip() == print_schema(schema._schema).strip()
    spread = "{ ...F __typename } fragment F on Query { __schema { queryType { name } } }"
    assert data(await asked(busy, spread)) == {
        "__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}
    named = "query A { viewer { id } } query B($n: String!) { ... { __type(name: $n) { kind } } }"
    assert data(await asked(busy, named, {"n": "PlanOrder"}, name="B")) == {"__type": {"kind": "ENUM"}}


@pytest.mark.parametrize("text", (
    "{ __schema { queryType { name } } plans { totalCount } }",
    "{ ...F plans { totalCount } } fragment F on Query { __schema { queryType { name } } }",
    '{ ... { viewer { id } } __type(name: "Plan") { name } }'))
async def test_the_schema_is_not_asked_for_beside_data(busy: Asking, text: str) -> None:
    assert refusal(await asked(busy, text)) == (
        VALIDATION_FAILED, "Ask for the schema in a question of its own.")


async def test_what_is_skipped_is_not_asked_for(busy: Asking) -> None:
    text = """query($s: Boolean!) {
      viewer @include(if: $s) { name } __schema @skip(if: $s) { queryType { name } } }"""
    assert data(await asked(busy, text, {"s": True})) == {"viewer": {"name": "Ada Nordmo"}}
    assert data(await asked(busy, text, {"s": False})) == {"__schema": {"queryType": {"name": "Query"}}}
    assert data(await asked(busy, "{ viewer @skip(if: true) { name } }")) == {}


TWO = "query A { viewer { name } } query B { viewer { name } __typename }"


async def test_the_operation_that_is_named_is_answered(busy: Asking) -> None:
    assert data(await asked(busy, TWO, name="A")) == {"viewer": {"name": "Ada Nordmo"}}
    assert data(await asked(busy, TWO, name="B")) == {"viewer": {"name": "Ada Nordmo"}, "__typename": "Query"}
    assert data(await asked(busy, "query A { __typename }")) == {"__typename": "Query"}


@pytest.mark.parametrize("text, name", ((TWO, None), (TWO, "C"), (TWO, "a"), ("{ __typename }", "A")))
async def test_an_operation_that_is_not_there_is_refused(busy: Asking, text: str, name: str | None) -> None:
    assert refusal(await asked(busy, text, name=name)) == (
        BAD_USER_INPUT, "Name one operation of the document.")


@pytest.mark.parametrize("text, code", (
    ("{ plans ", PARSE_FAILED), ("", PARSE_FAILED),
    ("{ nope }", VALIDATION_FAILED), ("{ viewer }", VALIDATION_FAILED),
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
    (ID, {}), (ID, {"id": None}), (ID, {"id": True}),
    (ID, {"id": ["x"]}), (ID, {"id": {}}), (ID, {"id": 1.5}),
    (LEVEL, {"n": "1"}), (LEVEL, {"n": 2**31}), (LEVEL, {"n": -(2**31) - 1}), (LEVEL, {"n": 10**400}),
    (LEVEL, {"n": 1.5}), (LEVEL, {"n": True}), (LEVEL, {"n": [1]}),
    (STATUS, {"s": "active"}), (STATUS, {"s": [None]}), (STATUS, {"s": [["ACTIVE"]]}),
    (FILTER, {"f": "x"}), (FILTER, {"f": {"nope": 1}}), (FILTER, {"f": {"search": 1}}),
    (FILTER, {"f": {"neverArchived": "no"}}), (FILTER, {"f": {"changedSince": "yesterday"}}),
    (FILTER, {"f": [{}]})), ids=lambda value: str(value)[:50])
async def test_a_variable_of_the_wrong_type_is_refused(
        busy: Asking, text: str, variables: dict[str, Any]) -> None:
    code, message = refusal(await asked(busy, text, variables))
    assert code == BAD_USER_INPUT
    assert message.startswith("Variable '$")


@pytest.mark.parametrize("text", (
    'query($id: ID = "x") { plan(id: $id) { id } }', 'query($id: ID = "x") { node(id: $id) { id } }',
    'query($id: PersonSearch = {name: "xx"}) { persons(search: $id) { id } }',
    "query($id: Boolean = true) { viewer @skip(if: $id) { id } }",
    "query($id: Boolean = true) { viewer { id @include(if: $id) } }"))
async def test_null_where_null_may_not_stand_is_refused(busy: Asking, text: str) -> None:
    code, message = refusal(await asked(busy, text, {"id": None}))
    assert (code, message.endswith("must not be null.")) == (BAD_USER_INPUT, True)
    assert (await asked(busy, text)).started


async def test_every_fault_of_a_question_is_told_at_once(busy: Asking) -> None:
    told = await asked(busy, "{ nope viewer { neither } }")
    assert [(error["extensions"]["code"], error["locations"][0]["column"]) for error in told.errors] == [
        (VALIDATION_FAILED, 3), (VALIDATION_FAILED, 17)]
    two = "query($a: Int, $b: ID!) { plans(first: $a) { totalCount } plan(id: $b) { id } }"
    wrong = await asked(busy, two, {"a": "x"})
    assert [(error["extensions"]["code"], "'$" in error["message"]) for error in wrong.errors] == [
        (BAD_USER_INPUT, True)] * 2


async def test_a_variable_that_nobody_declared_is_passed_over(busy: Asking) -> None:
    assert data(await asked(busy, "{ __typename }", {"nope": 1})) == {"__typename": "Query"}


@pytest.mark.parametrize("text", (
    "query($t: String!) { plans(filter: {search: $t}) { totalCount } }",
    "query($t: String!) { persons(search: {name: $t}) { id } }",
    "query($t: String!) { deliveries(filter: {target: $t}) { totalCount } }"))
async def test_a_text_with_nul_is_refused(busy: Asking, text: str) -> None:
    for part in ("stafettholder", "guardian1"):
        assert refusal(await asked(busy, text, {"t": "ab\0"}, part=part)) == (
            BAD_USER_INPUT, "A text has characters that can't be searched for.")
    written = text.replace("query($t: String!) ", "").replace("$t", '"ab\\u0000"')
    assert refusal(await asked(busy, written))[0] == BAD_USER_INPUT


async def test_a_refusal_is_told_in_the_language_that_is_asked_for(busy: Asking) -> None:
    text = "{ plans(first: 101) { totalCount } }"
    assert refusal(await asked(busy, text, language="nb"))[1].startswith("Be om 0 til 100 rader")
    assert refusal(await asked(busy, text, language="nn"))[1].endswith("ikkje begge.")


async def test_a_change_that_came_as_a_safe_request_is_refused(busy: Asking) -> None:
    text = "mutation C($id: ID!) { reopenPlan(planId: $id) { errors { code } } } query Q { __typename }"
    answer = await asked(busy, text, {"id": "Plan:x"}, name="C", safe=True)
    assert refusal(answer) == (METHOD_NOT_ALLOWED, "Changes must be sent by POST; GET only reads.")
    assert data(await asked(busy, text, name="Q", safe=True)) == {"__typename": "Query"}


@pytest.mark.parametrize("text, told", (
    ("{ plans { totalCount @skip(if: true) } }", {"plans": {}}),
    ("{ plans(first: 1) { edges { cursor @skip(if: true) } } }", {"plans": {"edges": [{}]}}),
    ("{ plans(first: 1) { edges { node { id @skip(if: true) } } } }", {"plans": {"edges": [{"node": {}}]}}),
    ("{ plans { pageInfo { endCursor @skip(if: true) } } }", {"plans": {"pageInfo": {}}}),
    ("{ units(first: 2) { id @skip(if: true) } viewer { name @skip(if: true) } }",
     {"units": [{}, {}], "viewer": {}}),
    ("{ viewer { workplace { id @skip(if: true) } } }", {"viewer": {"workplace": {}}}),
    ('{ persons(search: {name: "berg"}) { id @skip(if: true) } }', {"persons": [{}]})))
async def test_an_object_of_which_all_is_skipped_is_empty(busy: Asking, text: str, told: Any) -> None:
    assert data(await asked(busy, text, part="stafettholder")) == told
