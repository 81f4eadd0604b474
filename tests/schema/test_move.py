"""The plan follows the child: the new unit's leader sees that it is there, and nobody reads more for it."""
from typing import Any

import pytest

from db.rules.words import AddressProtection, Post
from db.tables.consent import ConsentName
from db.write import person
from db.write.find import NOBODY, Who, transaction
from tests.support.asking import NOW, Asking
from tests.support.changing import done, fingerprint, refused

SEEN = """query($id: ID!) { plan(id: $id) { status unit { name } goals { id } participants { id state }
  consents { id state } deliveries { id } unitHistory { since reason unit { name } by { name } } } }"""
CLINIC, SCHOOL = "Nordmo helsestasjon", "Nordmo skole"


@pytest.fixture
async def moving(own_town: Asking) -> Asking:
    """The stranger leads the clinic, which the consent does not name."""
    town = own_town.town
    async with transaction(own_town.writer, NOW) as session:
        person.assign(session, Who(town.municipality, NOBODY, NOW), town.persons["stranger"],
                      Post.UNIT_ADMINISTRATOR, town.units[CLINIC])
    return own_town


def to(asking: Asking, unit: str = CLINIC, **other: Any) -> dict[str, Any]:
    return {"planId": f"Plan:{asking.town.plan}", "unitId": f"Unit:{asking.town.units[unit]}",
            "reason": " Begynner på skole ", "withoutConsent": False, **other}


async def agreed(asking: Asking, unit: str) -> None:
    """The consent in force now names a unit."""
    town = asking.town
    async with transaction(asking.writer, NOW) as session:
        session.add(ConsentName(municipality_id=town.municipality, plan_id=town.plan, consent_id=town.consent,
                                unit_id=town.units[unit], held_back=0))


async def seen(asking: Asking, part: str) -> Any:
    return (await asking.told(part, SEEN, id=f"Plan:{asking.town.plan}", log=False))["plan"]


async def test_the_shell_goes_to_those_who_lead_where_it_is_now_and_nothing_else_changes(
        moving: Asking) -> None:
    before = {part: await seen(moving, part) for part in ("guardian1", "nurse", "leader", "stranger")}
    assert before["stranger"] is None
    assert await done(moving, "leader", "movePlan", **to(moving, withoutConsent=True)) == {
        "__typename": "MovePayload", "plan": None, "errors": []}, "it is not theirs to see any more"
    after = {part: await seen(moving, part) for part in before}
    assert (after["leader"], after["stranger"]) == (None, {**before["leader"], "unit": {"name": CLINIC}})
    moved = {"since": NOW.isoformat(), "reason": "Begynner på skole", "unit": {"name": CLINIC},
             "by": {"name": "Liv Dahl"}}
    for part in ("guardian1", "nurse"):
        assert after[part] == {**before[part], "unit": {"name": CLINIC},
                               "unitHistory": [*before[part]["unitHistory"], moved]}
    (opened,) = before["nurse"]["unitHistory"]
    assert (opened["unit"], opened["reason"], opened["by"]) == ({"name": SCHOOL}, None, {"name": "Tone Lie"})


async def test_who_holds_the_baton_is_asked_where_the_consent_does_not_name_the_unit(moving: Asking) -> None:
    assert await refused(moving, "stafettholder", "movePlan", **to(moving)) == [
        ("UNIT_NOT_COVERED", "withoutConsent")]
    await agreed(moving, "PPT Nordmo")
    await done(moving, "stafettholder", "movePlan", **to(moving, "PPT Nordmo"))
    await done(moving, "stafettholder", "movePlan", **to(moving, withoutConsent=True))
    assert [each["unit"]["name"] for each in (await seen(moving, "stafettholder"))["unitHistory"]] == [
        SCHOOL, "PPT Nordmo", CLINIC]


async def test_without_a_consent_there_is_nothing_to_ask_about(moving: Asking) -> None:
    await done(moving, "guardian1", "withdrawConsent", consentId=f"Consent:{moving.town.consent}")
    await done(moving, "leader", "movePlan", **to(moving))
    assert (await seen(moving, "stranger"))["status"] == "PASSIVE"


async def test_who_sees_no_consent_is_told_the_same_of_every_unit(moving: Asking) -> None:
    await agreed(moving, "PPT Nordmo")
    before = fingerprint(moving)
    for unit in ("PPT Nordmo", CLINIC):
        for part in ("leader", "admin"):
            assert await refused(moving, part, "movePlan", **to(moving, unit)) == [
                ("COVER_UNSEEN", "withoutConsent")]
    assert fingerprint(moving) == before


async def test_where_an_address_is_protected_no_refusal_tells_where_the_child_is(moving: Asking) -> None:
    async with moving.writer(NOW) as session, session.begin():
        child = await person.get(session, Who(moving.town.municipality, NOBODY, NOW),
                                 moving.town.persons["owner"])
        child.address_protection = AddressProtection.CONFIDENTIAL
    for part in ("stafettholder", "admin"):
        assert (await seen(moving, part))["unit"] is None
        for unit in moving.town.units:
            assert await refused(moving, part, "movePlan", **to(moving, unit)) == [
                ("COVER_UNSEEN", "withoutConsent")]
    await done(moving, "stafettholder", "movePlan", **to(moving, SCHOOL, withoutConsent=True))
    told = (await seen(moving, "stafettholder"))["unitHistory"]
    assert [(each["unit"], each["reason"]) for each in told] == [(None, None)] * 2
