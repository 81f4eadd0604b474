"""What is told of a person in one plan is told in no other, and nobody mends what is not theirs to see."""
from typing import Any

import orjson

from tests.support.changing import done, refused, rows
from tests.support.crowd import READ, AskingCrowd
from tests.support.histories import changed

ALL = "{ plans(first: 50) { edges { node { id participants { id responsibility person { %s } } } } } }"
CONTACT = "id name email mobile telephone workEmail workMobile workTelephone"
PARTS = "query($id: ID!) { plan(id: $id) { participants { id person { name version } } } }"


async def text(own: AskingCrowd, part: str) -> str:
    """All that somebody is told of plans and the people in them."""
    told = [await own.told(part, ALL % CONTACT, log=False),
            *[await own.told(part, READ, id=f"Plan:{plan}", log=False) for plan in own.crowd.plans.values()]]
    return orjson.dumps(told).decode()


async def test_a_responsibility_is_told_to_those_who_read_participants_of_that_plan_alone(
        own: AskingCrowd) -> None:
    changed(own.url, "update participant set responsibility = 'answers in ' || plan_id")
    for part in own.town.persons:
        said = await text(own, part)
        for plan in own.crowd.plans.values():
            open_to = (await own.told(part, READ, id=f"Plan:{plan}", log=False))["plan"]
            reads = bool(open_to and open_to["participants"])
            assert (f"answers in {plan}" in said) == reads, (part, plan)


async def test_an_employees_private_number_is_told_to_nobody_in_any_plan_until_they_show_it(
        own: AskingCrowd) -> None:
    rows(own, "update person set shows_private = false, hides_mobile = false, "
              "email = 'of ' || id, mobile = 'of ' || id, telephone = 'of ' || id "
              "where position is not null returning id")

    async def told(of: str) -> set[str]:
        return {part for part in own.town.persons if f'"of {own.town.persons[of]}"' in await text(own, part)}
    for employee in ("nurse", "stafettholder", "former", "teacher"):
        assert await told(employee) <= {employee}
    rows(own, "update person set shows_private = true where id = %s returning id", own.town.persons["nurse"])
    assert await told("nurse") == {
        "guardian1", "guardian2", "stafettholder", "nurse", "mother", "father", "teacher"}


async def parts(own: AskingCrowd, holder: str, plan: str) -> dict[str, Any]:
    told = await own.told(holder, PARTS, id=f"Plan:{own.crowd.plans[plan]}", log=False)
    return {one["person"]["name"]: one for one in told["plan"]["participants"]}


async def test_who_holds_a_plan_with_a_protected_address_mends_nobody_there(own: AskingCrowd) -> None:
    """Or the refusal would tell whose it is."""
    for one in (await parts(own, "teacher", "hidden")).values():
        assert await refused(own, "teacher", "updatePerson", participantId=one["id"], version=1,
                             mobile="40000001") == [("NOT_ALLOWED", "participantId")]


async def test_what_is_hidden_is_not_overwritten_and_the_rest_is_mended(own: AskingCrowd) -> None:
    per = (await parts(own, "stafettholder", "cast"))["Per Nordmo"]
    mending = {"participantId": per["id"], "version": per["person"]["version"]}
    assert await refused(own, "stafettholder", "updatePerson", **mending, mobile="40000001") == [
        ("OWN_TO_CHANGE", "mobile")]
    await done(own, "stafettholder", "updatePerson", **mending, email="per.nordmo@Example.no")
    assert rows(own, "select email, mobile from person where id = %s", own.town.persons["guardian2"]) == [
        ("per.nordmo@example.no", "+4740000002")]


async def test_the_version_tells_of_an_employees_changes_to_nobody_else(own: AskingCrowd) -> None:
    told = await parts(own, "stafettholder", "cast")
    assert {name: one["person"]["version"] for name, one in told.items()} == {
        "Kim Nordmo": 1, "Ada Nordmo": 1, "Per Nordmo": 1, "Tone Lie": 1, "Turid Nordmo": 1,
        "Siv Berg": None, "Jan Moe": None}
    told = await parts(own, "nurse", "cast")
    assert {one["person"]["version"] for name, one in told.items() if name != "Siv Berg"} == {None}
