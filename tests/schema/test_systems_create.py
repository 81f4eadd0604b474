"""A fagsystem opens a plan in the name of a plan creator: as they would, in its own unit, told no more than a
reference; and whoever may not open one is the same as who is not known."""
import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from db.seal import synthetic
from db.seeds.parts import PARTS
from integrations.pack import reference
from tests.support.asking import NOW, SEAL, Asking
from tests.support.changing import change, done, fingerprint, refused, rows
from tests.support.invited import accepted, known
from tests.support.posting import Post
from tests.support.systems import BOTH, CLINIC, MUNICIPALITY, READ, SCHOOL, SUPPLIER, Vendor, vendor

CREATE = """mutation($input: CreatePlanFromSystemInput!) { createPlanFromSystem(input: $input) {
  planRef errors { code field message } } }"""
OPTIONS = """{ systemOptions { planTypes { code name } participantRoles { code name }
  units { id name organisationNumber } } }"""
TONE, SIV, ODD, KIM = (
    PARTS[part].identity_number for part in ("stafettholder", "nurse", "stranger", "owner"))
CHILD, PARENT, NOBODYS = (synthetic(born, 0) for born in (
    date(2017, 3, 4), date(1987, 3, 4), date(1986, 3, 4)))
PLANS = """{ plans { edges { node { id status owner { name } stafettholder { name } openedThrough { name }
  statusHistory { status by { name } } participants { role person { name } }
  accessLog { edges { node { action person { name } unit { name } because } } }
  consents { state names { person { name } unit { name } } texts { language } } } } } }"""


@pytest.fixture
async def school(own_town: Asking) -> AsyncIterator[Vendor]:
    async with vendor(own_town) as client:
        client.organisation = SCHOOL
        yield client


def entry(town: Asking, **other: Any) -> dict[str, Any]:
    return {"unitId": f"Unit:{town.town.units['Nordmo skole']}", "planCreatorIdentityNumber": TONE,
            "owner": {"identityNumber": CHILD, "name": "Nora Vik"},
            "guardians": [{"identityNumber": PARENT, "name": "Nina Vik", "mobile": "+4740000000"}], **other}


async def create(client: Vendor, given: dict[str, Any], **headers: str) -> dict[str, Any]:
    payload: dict[str, Any] = (await client.told(CREATE, {"input": given}, **headers))["createPlanFromSystem"]
    return payload


async def why_not(client: Vendor, given: dict[str, Any], **headers: str) -> list[tuple[str, str]]:
    payload = await create(client, given, **headers)
    assert payload["planRef"] is None
    return [(error["code"], error["field"]) for error in payload["errors"]]


async def newest(town: Asking) -> dict[str, Any]:
    """The plan that was opened last, as its stafettholder sees it."""
    told = await town.told("stafettholder", PLANS)
    plan: dict[str, Any] = told["plans"]["edges"][-1]["node"]
    return plan


async def test_a_plan_is_opened_as_the_plan_creator_would(own_town: Asking, school: Vendor) -> None:
    payload = await create(school, entry(own_town))
    assert payload["errors"] == []
    plan = await newest(own_town)
    assert (plan["owner"]["name"], plan["stafettholder"]["name"]) == ("Nora Vik", "Tone Lie")
    assert (plan["status"], plan["openedThrough"]) == ("DRAFT", {"name": "Nordmo skole"})
    assert {(p["role"], p["person"]["name"]) for p in plan["participants"]} == {
        ("OWNER", "Nora Vik"), ("GUARDIAN", "Nina Vik"), ("STAFETTHOLDER", "Tone Lie")}
    unit, key = own_town.town.units["Nordmo skole"], UUID(plan["id"].removeprefix("Plan:"))
    assert payload["planRef"] == str(reference(SEAL, "fagsystem", unit, key))


async def test_the_family_sees_in_whose_name_and_by_whose_system_it_was_opened(
        own_town: Asking, school: Vendor) -> None:
    guardian = {"identityNumber": PARTS["guardian1"].identity_number, "name": "Ada", "mobile": "40000000"}
    assert (await create(school, entry(own_town, guardians=[guardian])))["errors"] == []
    plan = (await own_town.told("guardian1", PLANS))["plans"]["edges"][-1]["node"]
    assert plan["openedThrough"] == {"name": "Nordmo skole"}
    assert plan["statusHistory"] == [{"status": "DRAFT", "by": {"name": "Tone Lie"}}]
    (logged,) = [edge["node"] for edge in plan["accessLog"]["edges"]]
    assert logged == {"action": "OPEN", "person": {"name": "Tone Lie"}, "because": "ROLE",
                           "unit": {"name": "Nordmo skole"}}


async def test_a_system_s_word_is_no_sign_in_of_the_plan_creator_s(own_town: Asking, school: Vendor) -> None:
    tone = own_town.town.persons["stafettholder"]
    rows(own_town, "update person set joined_at = null where id = %s returning id", tone)
    assert (await create(school, entry(own_town)))["errors"] == []
    assert rows(own_town, "select joined_at from person where id = %s", tone) == [(None,)]
    assert rows(own_town, """select accepted_at, link_number from participant
        where person_id = %s order by id desc limit 1""", tone) == [(None, 1)]
    await accepted(own_town, "stafettholder")
    assert (await newest(own_town))["owner"]["name"] == "Nora Vik"


async def test_what_a_person_opens_has_gone_through_no_system(own_town: Asking) -> None:
    given = entry(own_town)
    del given["planCreatorIdentityNumber"]
    await done(own_town, "stafettholder", "createPlan", **given)
    assert (await newest(own_town))["openedThrough"] is None


async def test_who_should_take_part_stands_in_a_draft_of_the_consent(
        own_town: Asking, school: Vendor) -> None:
    clinic = f"Unit:{own_town.town.units['Nordmo helsestasjon']}"
    given = entry(own_town, providers=[{"identityNumber": ODD}, {"unitId": clinic}])
    assert (await create(school, given))["errors"] == []
    plan = await newest(own_town)
    assert {p["role"] for p in plan["participants"]} == {"OWNER", "GUARDIAN", "STAFETTHOLDER"}
    (consent,) = plan["consents"]
    assert (consent["state"], consent["texts"]) == ("DRAFT", [{"language": "nb"}])
    assert [(n["person"] or n["unit"])["name"] for n in consent["names"]] == [
        "Odd Haug", "Nordmo helsestasjon"]


async def test_another_employee_may_hold_the_baton(own_town: Asking, school: Vendor) -> None:
    assert (await create(school, entry(own_town, stafettholderIdentityNumber=SIV)))["errors"] == []
    told = await own_town.told("nurse", PLANS)
    assert told["plans"]["edges"][-1]["node"]["stafettholder"]["name"] == "Siv Berg"


async def test_once_a_consent_is_in_force_the_system_is_told_by_the_same_reference(
        own_town: Asking, school: Vendor) -> None:
    opened = await create(school, entry(own_town))
    plan = (await newest(own_town))["id"]
    known(own_town, "parent", rows(own_town, "select id from person where name = 'Nina Vik'")[0][0])
    await accepted(own_town, "parent")
    drafted = (await done(own_town, "stafettholder", "draftConsent", planId=plan, names=[
        {"unitId": f"Unit:{own_town.town.units['Nordmo skole']}"}],
        texts=[{"language": "NB", "text": "Ja"}]))["consent"]
    await done(own_town, "stafettholder", "sendConsent", consentId=drafted["id"])
    await done(own_town, "parent", "signConsent", consentId=drafted["id"], method="DEMO_BANKID",
               hash=drafted["texts"][0]["hash"])
    post = Post(own_town)
    await post.go()
    told = [fact for fact in post.facts() if fact.identity_number == CHILD]
    assert [str(fact.plan_ref) for fact in told] == [opened["planRef"]]
    assert [record["planRef"] for record in await school.has(CHILD)] == [opened["planRef"]]


REFUSED: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "one who may create nowhere": (
        {"planCreatorIdentityNumber": SIV}, [("NOT_ALLOWED", "planCreatorIdentityNumber")]),
    "one who leads alone": (
        {"planCreatorIdentityNumber": PARTS["leader"].identity_number},
        [("NOT_ALLOWED", "planCreatorIdentityNumber")]),
    "one of the family": (
        {"planCreatorIdentityNumber": PARTS["guardian1"].identity_number},
        [("NOT_ALLOWED", "planCreatorIdentityNumber")]),
    "one who is not known": (
        {"planCreatorIdentityNumber": NOBODYS}, [("NOT_ALLOWED", "planCreatorIdentityNumber")]),
    "no number": (
        {"planCreatorIdentityNumber": CHILD[:-1]}, [("BAD_IDENTITY_NUMBER", "planCreatorIdentityNumber")]),
    "a unit that is none": ({"unitId": "Unit:x"}, [("NOT_FOUND", "unitId")]),
    "a stafettholder who is not known": (
        {"stafettholderIdentityNumber": NOBODYS}, [("NOT_FOUND", "stafettholderIdentityNumber")]),
    "a stafettholder who is not employed": (
        {"stafettholderIdentityNumber": PARTS["guardian1"].identity_number},
        [("NOT_FOUND", "stafettholderIdentityNumber")]),
    "a provider who is not employed": (
        {"providers": [{"identityNumber": SIV}, {"identityNumber": KIM}]},
        [("NOT_FOUND", "providers.1.identityNumber")]),
    "a provider's unit that is none": (
        {"providers": [{"unitId": "Unit:x"}]}, [("NOT_FOUND", "providers.0.unitId")]),
    "neither": ({"providers": [{}]}, [("ONE_OF_TWO", "providers.0")]),
    "too many": ({"providers": [{"identityNumber": SIV}] * 21}, [("TOO_MANY", "providers")]),
    "a type that has no form": (
        {"type": "INDIVIDUAL_PLAN", "providers": [{"identityNumber": SIV}]}, [("NO_TEMPLATE", "providers")]),
    "a child without guardians": ({"guardians": []}, [("GUARDIAN_MISSING", "guardians")]),
    "one who has a plan": (
        {"owner": {"identityNumber": KIM, "name": "Kim Nordmo"}}, [("PLAN_EXISTS", "owner.identityNumber")])}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_a_plan_creator_may_not_a_system_may_not(
        own_town: Asking, school: Vendor, case: str) -> None:
    other, why = REFUSED[case]
    before = fingerprint(own_town, "system_request", "search_log")
    assert await why_not(school, entry(own_town, **other)) == why
    assert fingerprint(own_town, "system_request", "search_log") == before


async def test_who_has_a_plan_is_told_as_to_the_plan_creator_and_no_more(
        own_town: Asking, school: Vendor) -> None:
    taken = {"identityNumber": KIM, "name": "Kim Nordmo"}
    given = entry(own_town, owner=taken)
    by_system = (await create(school, given))["errors"]
    del given["planCreatorIdentityNumber"]
    by_person = (await change(own_town, "stafettholder", "createPlan", **given))["errors"]
    assert [(e["code"], e["field"]) for e in by_system] == [(e["code"], e["field"]) for e in by_person]


@pytest.mark.parametrize("organisation", [CLINIC, MUNICIPALITY])
async def test_no_system_opens_a_plan_in_another_s_unit(
        own_town: Asking, school: Vendor, organisation: str) -> None:
    school.organisation = organisation
    assert await why_not(school, entry(own_town)) == [("NOT_FOUND", "unitId")]


async def test_a_post_in_another_unit_opens_none_here(own_town: Asking, school: Vendor) -> None:
    school.organisation = CLINIC
    clinic = f"Unit:{own_town.town.units['Nordmo helsestasjon']}"
    assert await why_not(school, entry(own_town, unitId=clinic)) == [
        ("NOT_ALLOWED", "planCreatorIdentityNumber")]


async def test_who_may_not_and_who_is_not_known_are_the_same(
        own_town: Asking, school: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    whole = own_town.reader.rows

    async def spied(sql: str, values: Any) -> list[Any]:
        asked.append(sql)
        return await whole(sql, values)
    monkeypatch.setattr(own_town.reader, "rows", spied)
    told = []
    for number in (SIV, NOBODYS):
        asked.clear()
        answer = await school.post(CREATE, {"input": entry(own_town, planCreatorIdentityNumber=number)})
        told.append((answer.content, tuple(asked)))
    assert told[0] == told[1]
    assert rows(own_town, "select id from search_log") == []


async def test_the_same_request_again_opens_nothing_more(own_town: Asking, school: Vendor) -> None:
    before = len(rows(own_town, "select id from plan"))
    first, again = [await create(school, entry(own_town), Idempotency_Key="a") for _ in range(2)]
    assert first == again
    assert first["planRef"]
    assert len(rows(own_town, "select id from plan")) == before + 1
    assert await why_not(school, entry(own_town, level=2), Idempotency_Key="a") == [
        ("KEY_REUSED", "Idempotency-Key")]
    assert await why_not(school, entry(own_town)) == [("PLAN_EXISTS", "owner.identityNumber")]


async def test_many_at_once_with_one_key_open_one_plan(own_town: Asking, school: Vendor) -> None:
    made = await asyncio.gather(*(
        create(school, entry(own_town), Idempotency_Key="a") for _ in range(6)))
    assert made == [made[0]] * 6
    assert made[0]["errors"] == []


async def test_the_key_is_the_organisation_s_and_not_the_person_s(own_town: Asking, school: Vendor) -> None:
    await create(school, entry(own_town), Idempotency_Key="a")
    assert rows(own_town, "select person_id, organisation_number from replay") == [(None, SCHOOL)]
    await done(own_town, "stafettholder", "createGoal", key="a", planId=f"Plan:{own_town.town.plan}",
               arena="HOME", title="Lese")


async def test_every_try_is_written_down(own_town: Asking, school: Vendor) -> None:
    await create(school, entry(own_town))
    await create(school, entry(own_town, planCreatorIdentityNumber=NOBODYS))
    school.scope = READ
    assert await why_not(school, entry(own_town)) == [("FORBIDDEN", "")]
    assert rows(own_town, "select act, organisation_number, supplier_number, allowed, answered, at "
                          "from system_request order by id") == [
        ("CREATE_PLAN", SCHOOL, SUPPLIER, allowed, None, NOW) for allowed in (True, True, False)]
    unit = own_town.town.units["Nordmo skole"]
    tone = own_town.town.persons["stafettholder"]
    assert rows(own_town, "select person_id, sought, found from search_log") == [
        (tone, f"createPlanFromSystem unit={unit}", [tone])]


async def test_a_person_opens_no_plan_as_a_system(own_town: Asking) -> None:
    assert await refused(own_town, "stafettholder", "createPlanFromSystem", **entry(own_town)) == [
        ("FORBIDDEN", "")]


NAMED = {"nb": ("Individuell plan", "Foresatt"), "nn": ("Individuell plan", "Føresett"),
         "en": ("Individual plan", "Guardian")}


@pytest.mark.parametrize("language", NAMED)
async def test_a_system_is_told_what_it_can_choose_from(
        own_town: Asking, school: Vendor, language: str) -> None:
    told = (await school.told(OPTIONS, {}, Accept_Language=language))["systemOptions"]
    words = {option["code"]: option["name"] for option in told["planTypes"] + told["participantRoles"]}
    assert (words["INDIVIDUAL_PLAN"], words["GUARDIAN"]) == NAMED[language]
    assert told["units"] == [{"id": f"Unit:{own_town.town.units['Nordmo skole']}", "name": "Nordmo skole",
                              "organisationNumber": SCHOOL}]
    school.organisation = MUNICIPALITY
    assert (await school.told(OPTIONS, {}))["systemOptions"]["units"] == []
    assert await own_town.told("admin", OPTIONS) == {"systemOptions": None}


@pytest.mark.parametrize("scope, said", [(READ, "FORBIDDEN"), (BOTH, None)])
async def test_to_open_one_asks_for_a_scope_of_its_own(
        own_town: Asking, school: Vendor, scope: str, said: str | None) -> None:
    school.scope = scope
    assert [error["code"] for error in (await create(school, entry(own_town)))["errors"]] == (
        [said] if said else [])
