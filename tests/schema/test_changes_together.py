"""Several changes in one document, what becomes of a fault, and payloads that can not be read."""
from typing import Any

import orjson
import pytest

from schema.errors import BAD_USER_INPUT, INTERNAL
from schema.operation import Request
from schema.root import schema
from tests.support.changing import document, fingerprint, rows
from tests.support.staged import Staged

HOME = {"arena": "HOME", "title": "Lese hver kveld"}
TWO = """mutation($plan: ID!, $goal: CreateGoalInput!, $n: Int) {
  first: createGoal(input: $goal) { goal { title position } errors { code } }
  second: closePlan(planId: $plan, reason: OTHER) { plan { status goals(first: $n) { id } } errors { code } }
  third: createGoal(input: $goal) { goal { id } errors { code field } } last: __typename }"""


async def test_changes_in_one_document_are_made_in_order_each_for_itself(own: Staged) -> None:
    goal = {"planId": own["plan"], **HOME}
    told = await own.asking.told("stafettholder", TWO, plan=own["plan"], goal=goal)
    assert list(told) == ["first", "second", "third", "last"]
    assert told["first"] == {"goal": {"title": HOME["title"], "position": 2}, "errors": []}
    assert told["second"] == {"plan": {"status": "CLOSED", "goals": None}, "errors": []}
    assert told["third"] == {
        "goal": None, "errors": [{"code": "NOT_ALLOWED", "field": "planId"}]}  # for it is closed now
    assert told["last"] == "Mutation"


async def test_a_fault_in_the_second_leaves_the_first_and_the_third_is_made(
        own: Staged, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    async def stumble(*_: Any) -> Any:
        raise RuntimeError("Kim Nordmo")
    monkeypatch.setattr("db.write.delivery.order_archive", stumble)
    goal = {"planId": own["plan"], **HOME}
    answer = await own.asking.answer("stafettholder", TWO, plan=own["plan"], goal=goal)
    assert answer.started and answer.data["second"] is None
    assert [(e["extensions"]["code"], e["path"]) for e in answer.errors] == [(INTERNAL, ["second"])]
    assert (answer.data["first"]["errors"], answer.data["third"]["errors"]) == ([], [])
    kept = rows(own.asking, "select recorded_status, (select count(*) from goal) from plan")
    assert kept == [("ACTIVE", 4)]
    assert "Kim" not in str(answer.errors) + caplog.text


async def test_a_payload_that_can_not_be_read_is_refused_before_anything_is_changed(own: Staged) -> None:
    before, goal = fingerprint(own.asking), {"planId": own["plan"], **HOME}
    answer = await own.asking.answer("stafettholder", TWO, plan=own["plan"], goal=goal, n=-1)
    assert (answer.data, answer.started, answer.errors[0]["extensions"]["code"]) == (
        None, False, BAD_USER_INPUT)
    assert fingerprint(own.asking) == before


async def test_a_payload_that_fails_to_be_read_leaves_the_change_standing_and_says_so(
        own: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stumble(*_: Any) -> Any:
        raise RuntimeError("Kim Nordmo")
    monkeypatch.setattr(own.asking.reader, "answer", stumble)
    goal = {"planId": own["plan"], **HOME}
    payload = await own.asking.answer("stafettholder", document("createGoal"), input=goal)
    assert payload.data == {"createGoal": {
        "__typename": "GoalPayload", "goal": None, "plan": None, "errors": []}}
    assert [(e["extensions"]["code"], e["path"]) for e in payload.errors] == [
        (INTERNAL, ["createGoal", "goal"]), (INTERNAL, ["createGoal", "plan"])]
    assert rows(own.asking, "select count(*) from goal") == [(3,)]


async def test_null_within_an_input_is_an_error_of_that_field(own: Staged) -> None:
    text = """mutation($on: ID = "x", $id: ID!) {
      addComment(input: {on: $on, body: "x"}) { errors { code } }
      reopenPlan(planId: $id) { errors { code } } }"""
    answer = await own.asking.answer("stafettholder", text, on=None, id=own["plan"])
    assert [(e["extensions"]["code"], e["path"]) for e in answer.errors] == [(BAD_USER_INPUT, ["addComment"])]
    assert (answer.data["addComment"], answer.data["reopenPlan"]) == (
        None, {"errors": [{"code": "NOT_CLOSED"}]})


async def test_the_payload_of_one_operation_is_not_taken_for_that_of_another(own: Staged) -> None:
    text = """mutation A($g: CreateGoalInput!) { made: createGoal(input: $g) { goal { title } } }
      mutation B($g: CreateGoalInput!) {
        made: createGoal(input: $g) { goal { status position } plan { id } } }"""
    given = {"g": {"planId": own["plan"], **HOME}}
    for name, goal in (("A", {"title": HOME["title"]}), ("B", {"status": "OPEN", "position": 3})):
        request = Request(text, name, given, own.asking.viewer("stafettholder"), "en")
        answer = await schema.answer(request, own.asking.hub)
        assert answer.errors == []
        assert orjson.loads(orjson.dumps(answer.data))["made"]["goal"] == goal
