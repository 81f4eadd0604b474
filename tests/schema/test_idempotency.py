"""The same change with the same key is made once, and its outcome is read again."""
import asyncio
from datetime import timedelta
from typing import Any

import pytest

from schema.operation import Answer, Request
from schema.root import schema
from tests.support.asking import Asking
from tests.support.changing import change, done, refused, rows

HOME = {"arena": "HOME", "title": "Lese hver kveld"}


def goal(asking: Asking, **other: Any) -> dict[str, Any]:
    return {"planId": asking.id("Plan", asking.town.plan), **HOME, **other}


def goals(asking: Asking) -> int:
    return int(rows(asking, "select count(*) from goal")[0][0]) - 2  # so many had the plan


async def test_a_change_with_a_key_is_made_once(own_town: Asking) -> None:
    first = await done(own_town, "stafettholder", "createGoal", key="a", **goal(own_town))
    again = await done(own_town, "stafettholder", "createGoal", key="a", **goal(own_town))
    assert (first, goals(own_town)) == (again, 1)
    await done(own_town, "stafettholder", "createGoal", key="b", **goal(own_town))
    await done(own_town, "stafettholder", "createGoal", **goal(own_town))
    assert goals(own_town) == 3


async def test_a_key_is_refused_for_another_request(own_town: Asking) -> None:
    await done(own_town, "stafettholder", "createGoal", key="a", **goal(own_town))
    for other in (goal(own_town, title="Other"), goal(own_town, description="More")):
        refusals = await refused(own_town, "stafettholder", "createGoal", key="a", **other)
        assert refusals == [("KEY_REUSED", "Idempotency-Key")]
    assert goals(own_town) == 1


async def asked(asking: Asking, text: str, name: str | None = None, **variables: Any) -> Answer:
    request = Request(text, name, variables, asking.viewer("stafettholder"), "en", "a")
    return await schema.answer(request, asking.hub)


async def test_a_key_is_refused_for_another_operation_of_the_document(own_town: Asking) -> None:
    text = """mutation A($g: CreateGoalInput!) { made: createGoal(input: $g) { errors { code } } }
      mutation B($g: CreateGoalInput!) { made: createGoal(input: $g) { goal { id } errors { code } } }"""
    assert (await asked(own_town, text, "A", g=goal(own_town))).data == {"made": {"errors": []}}
    assert (await asked(own_town, text, "B", g=goal(own_town))).data == {
        "made": {"goal": None, "errors": [{"code": "KEY_REUSED"}]}}


async def test_each_change_of_a_document_has_its_own_outcome(own_town: Asking) -> None:
    text = """mutation($g: CreateGoalInput!) {
      one: createGoal(input: $g) { errors { code } } two: createGoal(input: $g) { errors { code } } }"""
    for _ in range(2):
        assert (await asked(own_town, text, g=goal(own_town))).data == {
            "one": {"errors": []}, "two": {"errors": []}}
    assert goals(own_town) == 2


async def test_many_at_once_with_one_key_make_one_change(own_town: Asking) -> None:
    payloads = await asyncio.gather(*(
        done(own_town, "stafettholder", "createGoal", key="a", **goal(own_town)) for _ in range(12)))
    assert goals(own_town) == 1
    assert len({payload["goal"]["id"] for payload in payloads}) == 1


async def test_two_persons_may_have_the_same_key(own_town: Asking) -> None:
    plan = own_town.id("Plan", own_town.town.plan)
    await done(own_town, "guardian1", "updateOverview", key="a", planId=plan, version=2, strengths="a")
    await done(own_town, "guardian2", "updateOverview", key="a", planId=plan, version=3, strengths="b")


async def test_a_key_is_forgotten_after_a_day(own_town: Asking) -> None:
    await done(own_town, "stafettholder", "createGoal", key="a", **goal(own_town))
    own_town.now += timedelta(hours=24)
    await done(own_town, "stafettholder", "createGoal", key="a", **goal(own_town))
    assert goals(own_town) == 1
    own_town.now += timedelta(seconds=1)
    refusals = await refused(own_town, "stafettholder", "createGoal", key="a", **goal(own_town, title=" "))
    assert refusals == [("REQUIRED", "title")]
    await done(own_town, "stafettholder", "createGoal", key="a", **goal(own_town, title="Another"))
    assert goals(own_town) == 2


async def test_a_refusal_keeps_no_key(own_town: Asking) -> None:
    refusals = await refused(own_town, "stafettholder", "createGoal", key="a", **goal(own_town, title=""))
    assert refusals == [("REQUIRED", "title")]
    assert rows(own_town, "select * from replay") == []
    await done(own_town, "stafettholder", "createGoal", key="a", **goal(own_town))
    assert goals(own_town) == 1


async def test_a_fault_keeps_no_key(own_town: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stumble(*_: Any) -> Any:
        raise RuntimeError
    with monkeypatch.context() as patched:
        patched.setattr("db.write.goal.create_goal", stumble)
        text = "mutation($g: CreateGoalInput!) { createGoal(input: $g) { errors { code } } }"
        assert (await asked(own_town, text, g=goal(own_town))).data == {"createGoal": None}
    assert (await asked(own_town, text, g=goal(own_town))).data == {"createGoal": {"errors": []}}
    assert goals(own_town) == 1


async def test_what_is_told_again_is_what_may_be_read_now(own_town: Asking) -> None:
    first = await done(own_town, "stafettholder", "createGoal", key="a", **goal(own_town))
    assert first["goal"]["title"] == HOME["title"]
    consent = own_town.id("Consent", own_town.town.consent)
    await done(own_town, "guardian1", "withdrawConsent", consentId=consent)
    again = await change(own_town, "stafettholder", "createGoal", key="a", **goal(own_town))
    assert (again["goal"], again["plan"]["status"], again["plan"]["goals"], again["errors"]) == (
        None, "PASSIVE", None, [])


async def test_what_is_kept_of_a_change_is_ids_alone(own_town: Asking) -> None:
    made = await done(own_town, "stafettholder", "createGoal", key="a", **goal(own_town))
    ((outcome, key),) = rows(own_town, "select outcome, key from replay")
    assert (outcome, key) == ({"goal": made["goal"]["id"], "plan": made["plan"]["id"]}, "a")
