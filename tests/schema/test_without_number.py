"""Persons without an identity number: likely duplicates first, never two records of one, and never a link."""
from asyncio import gather
from typing import Any

import pytest

from db.rules.words import AddressProtection
from db.seeds.parts import PARTS
from db.tables.person import Person
from db.write.find import transaction
from tests.support.changing import change, done, refused, rows
from tests.support.papers import uploaded
from tests.support.staged import Staged

SEARCH = "query($s: PersonSearch!) { persons(search: $s) { id name } }"
FATHER = {"name": "Amir Hassan", "birthDate": "1990-01-01", "mobile": "+4740000088"}
MOTHER = {"name": "Amina Hassan", "birthDate": "1990-01-01", "mobile": "+4740000089"}
CHILD = {"name": "Sami Hassan", "birthDate": "2020-01-01"}
NEWCOMERS = "select name from person where name like '%% Hassan' order by name"
LOOKED = "select sought, found from search_log order by id"


def family(own: Staged, **other: Any) -> dict[str, Any]:
    return own.new_plan(owner=CHILD, guardians=[FATHER, MOTHER], **other)


async def shown(own: Staged, person: dict[str, str]) -> list[dict[str, str]]:
    sought = {"name": person["name"], "birthDate": person["birthDate"]}
    found: list[dict[str, str]] = (await own.asking.told("stafettholder", SEARCH, s=sought))["persons"]
    return found


async def test_a_family_that_is_new_in_the_country_gets_a_plan(own: Staged) -> None:
    plan = (await done(own.asking, "stafettholder", "createPlan", **family(own)))["plan"]
    assert [(p["role"], p["person"]["name"]) for p in plan["participants"]] == [
        ("OWNER", "Sami Hassan"), ("GUARDIAN", "Amir Hassan"), ("GUARDIAN", "Amina Hassan"),
        ("STAFETTHOLDER", "Tone Lie")], "two of one form are two, born on the same day or not"
    kept = rows(own.asking, "select identity_mark, identity_sealed from person where name = 'Amir Hassan'")
    assert kept == [(None, None)]


async def test_whoever_may_be_known_is_looked_at_first_and_that_is_all_that_is_written(own: Staged) -> None:
    await done(own.asking, "stafettholder", "createPlan", **family(own))
    own.is_as_before()
    again = {"name": "A. Hassan", "birthDate": "1990-01-01"}
    entry = own.new_plan(guardians=[again, *own.new_plan()["guardians"]])
    assert await refused(own.asking, "stafettholder", "createPlan", **entry) == [
        ("LIKELY_DUPLICATE", "guardians.0.name")]
    assert own.is_as_before()
    people = await shown(own, again)
    assert [one["name"] for one in people] == ["Amina Hassan", "Amir Hassan"]
    keys = {one["id"].removeprefix("Person:") for one in people}
    (*_, (act, logged), (asked, also)) = rows(own.asking, LOOKED)
    assert (act, asked) == ("createPlan", "name=A. Hassan birth_date=1990-01-01")
    assert {str(key) for key in logged} == {str(key) for key in also} == keys


async def test_the_one_who_is_meant_is_the_same_record_and_stays_as_it_was(own: Staged) -> None:
    await done(own.asking, "stafettholder", "createPlan", **family(own))
    amina, amir = await shown(own, MOTHER)
    meant = {**MOTHER, "name": "Amina Hasan-Hassan", "mobile": "+4740000077", "existingId": amina["id"]}
    plan = (await done(own.asking, "stafettholder", "createPlan", **own.new_plan(guardians=[meant])))["plan"]
    assert plan["participants"][1]["person"] == {"name": "Amina Hassan"}
    assert rows(own.asking, "select mobile from person where name = 'Amina Hassan'") == [("+4740000089",)]
    other = {**MOTHER, "name": "Ali Hassan", "otherThan": [amina["id"], amir["id"]]}
    added = await done(own.asking, "stafettholder", "addGuardian", planId=plan["id"], person=other)
    assert added["participant"]["person"]["name"] == "Ali Hassan"
    assert [name for (name,) in rows(own.asking, NEWCOMERS)] == [
        "Ali Hassan", "Amina Hassan", "Amir Hassan", "Sami Hassan"]


async def test_one_who_has_come_since_one_looked_was_not_looked_at(own: Staged) -> None:
    await done(own.asking, "stafettholder", "createPlan", **family(own))
    seen = [one["id"] for one in await shown(own, FATHER)]
    entry = own.new_plan(guardians=[{**FATHER, "name": "Ali Hassan", "otherThan": seen}])
    plan = (await done(own.asking, "stafettholder", "createPlan", **entry))["plan"]["id"]
    late = {**FATHER, "name": "Omar Hassan", "otherThan": seen}
    assert await refused(own.asking, "stafettholder", "addGuardian", planId=plan, person=late) == [
        ("LIKELY_DUPLICATE", "person.name")]


@pytest.mark.parametrize("protection", (
    AddressProtection.CONFIDENTIAL, AddressProtection.STRICTLY_CONFIDENTIAL))
async def test_one_with_a_protected_address_is_nobodys_duplicate(
        own: Staged, protection: AddressProtection) -> None:
    town, ada = own.asking.town, PARTS["guardian1"]
    async with transaction(own.asking.writer, own.asking.now) as session:
        row = await session.get_one(Person, (town.municipality, town.persons["guardian1"]))
        row.address_protection = protection
    typed = {"name": ada.name, "birthDate": str(ada.born), "mobile": "+4740000088"}
    by_id = {**typed, "existingId": own.person("guardian1")}
    assert await refused(own.asking, "stafettholder", "createPlan", **own.new_plan(guardians=[by_id])) == [
        ("NOT_FOUND", "guardians.0.existingId")]
    await done(own.asking, "stafettholder", "createPlan", **own.new_plan(guardians=[typed]))
    assert [found for _, found in rows(own.asking, LOOKED)][-2:] == [[], []]


async def test_of_two_at_once_one_is_registered_and_the_other_is_shown(own: Staged) -> None:
    plans = [(await done(own.asking, "stafettholder", "createPlan", **own.new_plan(
        type="INDIVIDUAL_PLAN")))["plan"]["id"] for _ in range(4)]
    entries = [{**FATHER, "name": name} for name in ("Amir Hassan", "Hassan, Amir", "AMIR", "Amír Ali")]
    payloads = await gather(*(change(own.asking, "stafettholder", "addGuardian", planId=plan, person=entry)
                              for plan, entry in zip(plans, entries, strict=True)))
    assert sorted(str([(e["code"], e["field"]) for e in payload["errors"]]) for payload in payloads) == [
        *["[('LIKELY_DUPLICATE', 'person.name')]"] * 3, "[]"]
    assert len(rows(own.asking, "select 1 from person where birth_date = '1990-01-01'")) == 1


async def test_who_can_not_sign_in_gets_no_link_and_signs_on_paper(own: Staged) -> None:
    rows(own.asking, "update municipality set sms = 'sms' returning id")
    plan = (await done(own.asking, "stafettholder", "createPlan", **own.new_plan(guardians=[FATHER])))["plan"]
    father = (await shown(own, FATHER))[0]["id"]
    invite = {"planId": plan["id"], "personId": father}
    assert await refused(own.asking, "stafettholder", "inviteParticipant", **invite) == [
        ("CANT_SIGN_IN", "personId")]
    form = (await done(own.asking, "stafettholder", "draftConsent", **own.consent(plan["id"])))["consent"]
    await done(own.asking, "stafettholder", "sendConsent", consentId=form["id"])
    signed = await done(own.asking, "stafettholder", "signConsentOnPaper", consentId=form["id"],
                        personId=father, hash=form["texts"][0]["hash"], signedOn="2026-11-22",
                        paper=await uploaded(own.asking))
    assert (signed["consent"]["state"], signed["plan"]["status"]) == ("IN_FORCE", "ACTIVE")
    gone = await done(own.asking, "stafettholder", "withdrawConsent", consentId=form["id"], personId=father)
    assert (gone["consent"]["state"], gone["plan"]["status"]) == ("WITHDRAWN", "PASSIVE")
    assert [gone["consent"][by]["name"] for by in ("endedBy", "enteredBy")] == ["Amir Hassan", "Tone Lie"]
    told = "select 1 from delivery where kind = 'NOTICE' and recipient_id = %s"
    links = "select 1 from participant where link_hash is not null and person_id = %s"
    for query in (told, links):
        assert rows(own.asking, query, father.removeprefix("Person:")) == []
