"""A unit that notes by hand: the task, who sees it and answers, and the end of it; through engine and API."""
from datetime import timedelta
from typing import Any

import pytest

from db.rules.words import Post as Posts
from db.seal import synthetic
from db.seeds.parts import PARTS
from db.write import person
from db.write.due import due
from db.write.find import NOBODY, Who, transaction
from tests.support.asking import DAY, NOW, Asking
from tests.support.changing import change, done, rows
from tests.support.histories import changed
from tests.support.tasks import CLINIC, TASKS, Desk

OTHERS = sorted({*PARTS, "fagsystem"} - {"nurse", "stranger"})
NOT_THERE = [("NOT_FOUND", "deliveryId")]


@pytest.fixture
async def desk(own_town: Asking) -> Desk:
    return await Desk(own_town).opened()


def plan(desk: Desk) -> str:
    return f"Plan:{desk.town.town.plan}"


async def withdrawn(desk: Desk) -> None:
    """By one of the guardians; no worker has come by yet."""
    await done(desk.town, "guardian1", "withdrawConsent", consentId=f"Consent:{desk.town.town.consent}")


async def corrected(desk: Desk, number: str) -> None:
    await desk.act("admin", "correctIdentityNumber", personId=desk.person("owner"), identityNumber=number,
                   reason="D-nummer")


async def test_a_task_tells_what_any_fagsystem_is_told_and_the_name(desk: Desk) -> None:
    (task,) = await desk.shown("nurse")
    key, ref = task.pop("deliveryId"), task.pop("planRef")
    assert task == {
        "kind": "OPENED", "unitId": f"Unit:{desk.clinic}", "unitName": CLINIC, "system": "HsPro",
        "orderedAt": (NOW - 299 * DAY).isoformat(), "dueOn": "2026-11-29", "overdue": False,
        "name": "Kim Nordmo", "identityNumber": PARTS["owner"].identity_number, "protected": False,
        "since": "2026-01-26", "closedOn": None, "contact": {
            "name": "Tone Lie", "role": "Kontaktlærer", "unit": "Nordmo skole", "phone": "+4790000003"}}
    assert await desk.said() == [("OPENED", "ACCEPTED")]
    ((sealed,),) = rows(desk.town, "select body_sealed from delivery where id = %s", key.partition(":")[2])
    assert ref.encode() in desk.town.hub.seal.open(sealed, "delivery.body")


async def test_it_is_there_for_the_units_leader_and_who_takes_part_for_it_alone(desk: Desk) -> None:
    assert await desk.kinds("nurse") == await desk.kinds("stranger") == ["OPENED"]
    (task,) = await desk.shown("nurse")
    for part in OTHERS:
        told = (await desk.town.told(part, TASKS))["fagsystemTasks"]
        assert told is None or (told["totalCount"], told["edges"]) == (0, []), part
    for part in set(OTHERS) - {"fagsystem"}:
        for name, more in (("confirmDelivery", {}), ("rejectDelivery", {"reason": "UNKNOWN_PERSON"})):
            assert await desk.refused(part, name, task["deliveryId"], **more) == NOT_THERE, part


async def test_who_reads_it_stands_in_the_familys_log(desk: Desk) -> None:
    question = """query($id: ID!) { plan(id: $id) { accessLog(orderBy: AT) { edges { node {
        action read because person { name } } } } } }"""
    for part in ("nurse", "stranger", "leader", "nurse"):
        await desk.town.told(part, TASKS)
    told = await desk.town.told("guardian1", question, id=plan(desk))
    log = [edge["node"] for edge in told["plan"]["accessLog"]["edges"]]
    assert [(entry["person"]["name"], entry["read"], entry["because"]) for entry in log
            if entry["action"] == "TASK"] == [("Siv Berg", [], "CONSENT"), ("Odd Haug", [], "ROLE")]


async def test_whoever_of_the_unit_confirms_gives_the_receipt(desk: Desk) -> None:
    answered = await desk.confirm("nurse", " HS-2026/17 ")
    assert (answered["state"], answered["delivery"]) == ("CONFIRMED", None)  # she sees no deliveries
    told = await desk.town.told("admin", """{ deliveries(filter: {kind: OPENED}) { edges { node {
        state reference confirmedAt answeredBy { name } attempts { answer fault } } } } }""")
    ((delivery,),) = ([edge["node"] for edge in told["deliveries"]["edges"]],)
    assert delivery == {
        "state": "CONFIRMED", "reference": "HS-2026/17", "confirmedAt": NOW.isoformat(),
        "answeredBy": {"name": "Siv Berg"}, "attempts": [{"answer": "the unit has noted it", "fault": None}]}
    assert rows(desk.town, "select body_sealed from delivery where state = 'CONFIRMED'") == [(None,)]
    assert await desk.shown("nurse") == await desk.shown("stranger") == []


@pytest.mark.parametrize("reference", [
    PARTS["owner"].identity_number, "040518 12345", "2026-11-22/123", "x" * 31, "-1", "a\nb", "Kim Nordmo"])
async def test_a_reference_is_a_short_code_that_can_be_nobodys_number(desk: Desk, reference: str) -> None:
    (task,) = await desk.shown("nurse")
    assert await desk.refused("nurse", "confirmDelivery", task["deliveryId"], reference=reference) == [
        ("BAD_REFERENCE", "reference")]
    assert await desk.said() == [("OPENED", "ACCEPTED")]


async def test_the_same_key_confirms_once_and_without_one_it_is_done(desk: Desk) -> None:
    (task,) = await desk.shown("nurse")
    asked: dict[str, Any] = {"deliveryId": task["deliveryId"], "reference": "1"}
    first = await change(desk.town, "nurse", "confirmDelivery", key="k", **asked)
    assert await change(desk.town, "nurse", "confirmDelivery", key="k", **asked) == first
    assert await desk.refused("nurse", "confirmDelivery", task["deliveryId"], reference="1") == NOT_THERE


async def test_what_goes_to_another_kind_of_target_is_nobodys_to_confirm(desk: Desk) -> None:
    ((key,),) = rows(desk.town, "delete from task returning delivery_id")
    for part in ("nurse", "stranger", "leader", "admin"):
        assert await desk.refused(part, "confirmDelivery", f"Delivery:{key}", reference="1") == NOT_THERE


async def test_one_whom_the_system_does_not_know_is_looked_at_and_given_anew(desk: Desk) -> None:
    (task,) = await desk.shown("nurse")
    answered = await done(desk.town, "nurse", "rejectDelivery", deliveryId=task["deliveryId"],
                          reason="UNKNOWN_PERSON")
    assert answered["state"] == "REJECTED"
    assert await desk.shown("nurse") == []
    ((attempt,),) = [one["attempts"] for one in await desk.post.said()]
    assert (attempt["fault"], attempt["answer"]) == (
        "UNKNOWN_PERSON", "the unit's system does not know the person")
    desk.town.now += 20 * DAY
    await desk.act("leader", "retryDelivery", deliveryId=task["deliveryId"])
    (again,) = await desk.shown("nurse")
    assert (again["deliveryId"], again["dueOn"]) == (task["deliveryId"], "2026-12-19")


async def test_the_moment_consent_ends_it_is_there_for_nobody(desk: Desk) -> None:
    (task,) = await desk.shown("stranger")
    desk.town.now += timedelta(minutes=1)
    await withdrawn(desk)
    for part in ("nurse", "stranger"):
        assert await desk.shown(part) == []
        assert await desk.refused(part, "confirmDelivery", task["deliveryId"], reference="1") == NOT_THERE
    await desk.go()
    (opened, _) = await desk.post.said()
    assert (opened["state"], opened["reason"]) == ("CANCELLED", "CONSENT_ENDED")


async def test_the_end_is_the_leaders_to_note_for_the_others_see_the_plan_no_more(desk: Desk) -> None:
    await withdrawn(desk)
    await desk.go()
    (task,) = await desk.shown("stranger")  # one task at a time, though the first may have been noted
    assert (task["kind"], task["name"], task["closedOn"], task["contact"]) == (
        "WITHDRAWN", "Kim Nordmo", "2026-11-22", None)
    assert await desk.shown("nurse") == []
    assert await desk.refused("stranger", "rejectDelivery", task["deliveryId"], reason="UNKNOWN_PERSON") == [
        ("CONFIRM_END", "deliveryId")]
    await desk.confirm("stranger")
    assert await desk.said() == [("OPENED", "CANCELLED"), ("WITHDRAWN", "CONFIRMED")]


async def test_a_plans_life_is_noted_in_order_one_task_at_a_time(desk: Desk) -> None:
    assert await desk.kinds("stranger") == ["OPENED"]
    await desk.act("admin", "replaceStafettholder", planId=plan(desk), reason="Syk",
                   personId=desk.person("nurse"))
    (task,) = await desk.shown("stranger")  # the new one stands in it already
    assert (task["kind"], task["contact"]["name"]) == ("OPENED", "Siv Berg")
    await desk.confirm("stranger")
    assert await desk.kinds("stranger") == ["HOLDER_CHANGED"]
    await desk.confirm("stranger")
    right = synthetic(PARTS["owner"].born, 7)
    await corrected(desk, right)
    (task,) = await desk.shown("stranger")
    assert (task["kind"], task["identityNumber"]) == ("CORRECTED", right)
    await desk.confirm("stranger")
    desk.town.now += timedelta(minutes=1)
    await desk.act("nurse", "closePlan", planId=plan(desk), reason="OTHER")
    await desk.go()  # the archive has it
    assert await desk.kinds("stranger") == ["CLOSED"]
    desk.town.now += timedelta(minutes=1)
    await desk.act("admin", "reopenPlan", planId=plan(desk))
    assert await desk.kinds("stranger") == ["CLOSED"]
    await desk.confirm("stranger")
    assert await desk.kinds("stranger") == ["OPENED"]
    await desk.confirm("stranger")
    assert await desk.said() == [(kind, "CONFIRMED") for kind in (
        "OPENED", "HOLDER_CHANGED", "CORRECTED", "CLOSED", "OPENED")]


async def test_it_waits_as_long_as_people_take(desk: Desk) -> None:
    changed(desk.town.url, "update consent set valid_until = '2030-01-01'",
            "update access_grant set valid_until = null where superseded_at is null")
    for _ in range(50):
        desk.town.now += DAY
        await desk.go()
    assert rows(desk.town, "select state, attempt_count from delivery") == [("ACCEPTED", 51)]
    assert [task["overdue"] for task in await desk.shown("stranger")] == [True]


async def test_a_unit_that_takes_its_time_holds_back_no_other(desk: Desk) -> None:
    """The school notes in the same system. Nor does it hold back an end."""
    rows(desk.town, "update unit set fagsystem = 'fagsystem' where name = 'Nordmo skole' returning id")
    await corrected(desk, synthetic(PARTS["owner"].born, 7))  # by which all are told what they are to know
    (theirs,), (ours,) = await desk.shown("leader"), await desk.shown("stranger")
    assert (theirs["kind"], ours["kind"], theirs["planRef"] == ours["planRef"]) == ("OPENED", "OPENED", False)
    await desk.confirm("leader")
    await withdrawn(desk)
    await desk.go()
    assert await desk.kinds("leader") == await desk.kinds("stranger") == ["WITHDRAWN"]


async def test_what_nobody_wakes_is_found_though_a_task_stands_before_it(desk: Desk) -> None:
    """An end, which cancels it; and what is for another unit. What is for the same one waits."""
    rows(desk.town, "update unit set fagsystem = 'fagsystem' where name = 'Nordmo skole' returning id")
    number = synthetic(PARTS["owner"].born, 7)
    await done(desk.town, "admin", "correctIdentityNumber", personId=desk.person("owner"),
               identityNumber=number, reason="R")
    await desk.post.go()  # by the sweep
    assert await desk.kinds("leader") == ["OPENED"]
    async with desk.town.writer(desk.town.now) as session:
        assert await due(session, desk.town.now) == []
    await withdrawn(desk)
    await desk.post.go()
    assert await desk.kinds("leader") == await desk.kinds("stranger") == ["WITHDRAWN"]


async def test_a_leader_of_two_units_turns_the_pages(desk: Desk) -> None:
    school, head = desk.town.town.units["Nordmo skole"], desk.town.town.persons[desk.head]
    async with transaction(desk.town.writer, desk.town.now) as session:
        person.assign(session, Who(1, NOBODY, desk.town.now), head, Posts.UNIT_ADMINISTRATOR, school)
    rows(desk.town, "update unit set fagsystem = 'fagsystem' where id = %s returning id", school)
    desk.town.now += DAY
    await corrected(desk, synthetic(PARTS["owner"].born, 7))
    pages, after = list[tuple[int, bool, str]](), None
    for _ in range(2):
        told = (await desk.town.told("stranger", TASKS, first=1, after=after))["fagsystemTasks"]
        (edge,), info, after = told["edges"], told["pageInfo"], told["pageInfo"]["endCursor"]
        pages.append((told["totalCount"], info["hasNextPage"], edge["node"]["dueOn"]))
    assert pages == [(2, True, "2026-11-29"), (2, False, "2026-11-30")]
    told = (await desk.town.told("stranger", TASKS, first=1, after=after))["fagsystemTasks"]
    assert (told["totalCount"], told["edges"], told["pageInfo"]["endCursor"]) == (2, [], None)
    for given in ({"after": "x"}, {"first": 101}):
        answer = await desk.town.answer("stranger", TASKS, **given)
        assert [error["extensions"]["code"] for error in answer.errors] == ["BAD_USER_INPUT"]
