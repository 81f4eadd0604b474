"""A fagsystem asks whether a person has a stafettlogg: who is told, what, what is written down of it; and
nobody can tell who is unknown from who is another's."""
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any
from uuid import UUID

import psycopg
import pytest

from db.seal import synthetic
from db.seeds.parts import PARTS, build
from db.write.clock import tick
from integrations.pack import reference
from integrations.target import Contact
from tests.support.asking import DAY, NOW, SEAL, Asking
from tests.support.changing import done, rows
from tests.support.posting import Post
from tests.support.systems import (
    BOTH,
    CLINIC,
    HAS,
    KINDERGARTEN,
    MUNICIPALITY,
    PPT,
    READ,
    SCHOOL,
    SUPPLIER,
    WRITE,
    Vendor,
    refused,
    vendor,
)

KIM, ADA = (PARTS[part].identity_number for part in ("owner", "guardian1"))
NOBODYS = synthetic(PARTS["owner"].born, 7)
PARTICIPANTS = "{ plans { edges { node { participants { id person { name } } } } } }"
LOG = """{ plans { edges { node { accessLog(orderBy: AT) { edges { node {
  at action read because consent person { name } unit { name } } } } } } } }"""
REQUESTS = """{ systemRequests(orderBy: AT) { totalCount edges { node {
  at act allowed answered organisationNumber supplierNumber } } } }"""


@pytest.fixture
async def system(own_town: Asking) -> AsyncIterator[Vendor]:
    async with vendor(own_town) as client:
        yield client


async def withdraw(town: Asking) -> None:
    await done(town, "guardian2", "withdrawConsent", consentId=f"Consent:{town.town.consent}")


async def end(town: Asking) -> None:
    told = await town.told("stafettholder", PARTICIPANTS)
    (nurse,) = [p["id"] for p in told["plans"]["edges"][0]["node"]["participants"]
                if p["person"]["name"] == "Siv Berg"]
    await done(town, "stafettholder", "endParticipant", participantId=nurse)


async def close(town: Asking) -> None:
    await done(town, "stafettholder", "closePlan", planId=f"Plan:{town.town.plan}", reason="OTHER")


async def run_out(town: Asking) -> None:
    """Nobody has written it down yet."""
    town.now += 66 * DAY


async def rest(town: Asking) -> None:
    await run_out(town)
    await tick(town.writer, town.now)


async def nothing(_: Asking) -> None:
    """All is as it was."""


ANSWERED: dict[str, tuple[Callable[[Asking], Any], str, str, Sequence[str]]] = {
    "whom the consent names": (nothing, CLINIC, KIM, ["Nordmo helsestasjon"]),
    "who held the baton when it was asked for": (nothing, SCHOOL, KIM, ["Nordmo skole"]),
    "another unit": (nothing, KINDERGARTEN, KIM, []),
    "whom an earlier consent named": (nothing, PPT, KIM, []),
    "the municipality, for all its units": (nothing, MUNICIPALITY, KIM, []),
    "about a guardian": (nothing, CLINIC, ADA, []),
    "about one who is not known": (nothing, CLINIC, NOBODYS, []),
    "withdrawn": (withdraw, CLINIC, KIM, []),
    "withdrawn, the holder's": (withdraw, SCHOOL, KIM, []),
    "ended": (end, CLINIC, KIM, []),
    "another's ended": (end, SCHOOL, KIM, ["Nordmo skole"]),
    "closed": (close, CLINIC, KIM, []),
    "run out": (run_out, CLINIC, KIM, []),
    "resting": (rest, SCHOOL, KIM, [])}


@pytest.mark.parametrize("case", ANSWERED)
async def test_a_unit_s_system_is_told_of_whom_its_unit_helps(
        own_town: Asking, system: Vendor, case: str) -> None:
    happens, system.organisation, number, units = ANSWERED[case]
    await happens(own_town)
    assert [record["unitName"] for record in await system.has(number)] == units


async def test_it_is_told_what_its_unit_s_records_hold(own_town: Asking, system: Vendor) -> None:
    post = Post(own_town)
    await post.go()
    (record,) = await system.has(f"{KIM[:6]} {KIM[6:]}")
    (fact,) = [fact for fact in post.facts() if fact.unit_organisation_number == CLINIC]
    assert record == {
        "planRef": str(fact.plan_ref), "since": str(fact.since), "updatedAt": record["updatedAt"],
        "unitOrganisationNumber": CLINIC, "unitName": "Nordmo helsestasjon", "hubUrl": own_town.hub.url,
        "protected": False, "contact": {"name": "Tone Lie", "role": "Kontaktlærer", "unit": "Nordmo skole",
                                        "phone": "+4790000003"}}
    assert fact.contact == Contact(**record["contact"])


async def test_it_is_told_when_that_last_changed(own_town: Asking, system: Vendor) -> None:
    (before,) = await system.has(KIM)
    assert before["updatedAt"] == (NOW - 200 * DAY).isoformat()  # when the consent came into force
    own_town.now += DAY
    await done(own_town, "leader", "replaceStafettholder", planId=f"Plan:{own_town.town.plan}",
               personId=f"Person:{own_town.town.persons['nurse']}", reason="R")
    (after,) = await system.has(KIM)
    assert (after["updatedAt"], after["contact"]["name"]) == (own_town.now.isoformat(), "Siv Berg")


async def test_a_unit_without_a_fagsystem_may_ask_and_has_a_reference_of_its_own(
        own_town: Asking, system: Vendor) -> None:
    plan, clinic = own_town.town.plan, own_town.town.units["Nordmo helsestasjon"]
    (before,) = await system.has(KIM)
    rows(own_town, "update unit set fagsystem = null where id = %s returning id", clinic)
    (after,) = await system.has(KIM)
    assert (UUID(before["planRef"]), UUID(after["planRef"])) == (
        reference(SEAL, "fagsystem", clinic, plan), reference(SEAL, None, clinic, plan))
    assert before["planRef"] != after["planRef"]


async def test_where_an_address_is_protected_the_mark_is_told_and_nothing_of_where(
        own_town: Asking, system: Vendor) -> None:
    rows(own_town, "update plan set protected = true returning id")
    (record,) = await system.has(KIM)
    assert record["protected"]
    assert record["contact"] == {"name": "Tone Lie", "role": "Kontaktlærer", "unit": None, "phone": None}


async def test_a_unit_of_another_municipality_with_the_same_number_is_another(
        own_town: Asking, system: Vendor) -> None:
    await build(own_town.writer, SEAL, NOW, number=2)
    rows(own_town, "update person set identity_mark = %s where municipality_id = 2 and name = 'Kim Nordmo' "
                   "returning id", SEAL.mark(NOBODYS))
    system.organisation = KINDERGARTEN
    rows(own_town, "update unit set organisation_number = %s where municipality_id = 2 "
                   "and name = 'Nordmo skole' returning id", KINDERGARTEN)
    assert refused(await system.post(HAS, {"n": NOBODYS})) == (401, "UNAUTHENTICATED")  # in which of the two?
    assert await system.has(NOBODYS, X_Municipality="9901") == []
    assert len(await system.has(NOBODYS, X_Municipality="9902")) == 1
    assert await system.has(KIM, X_Municipality="9902") == []


def counted(town: Asking) -> dict[str, int]:
    tables = [name for (name,) in rows(town, "select tablename from pg_tables where schemaname = 'public'")]
    return {name: rows(town, f'select count(*) from "{name}"')[0][0] for name in tables}


async def test_who_is_unknown_who_has_none_and_who_is_another_s_are_the_same(
        own_town: Asking, system: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    whole = own_town.reader.rows

    async def spied(sql: str, values: Sequence[Any]) -> list[Any]:
        asked.append(sql)
        return await whole(sql, values)
    monkeypatch.setattr(own_town.reader, "rows", spied)
    told = []
    for organisation, number in ((CLINIC, NOBODYS), (CLINIC, ADA), (KINDERGARTEN, KIM), (MUNICIPALITY, KIM)):
        system.organisation = organisation
        await system.has(number)  # signs in
        asked.clear()
        before = counted(own_town)
        answer = await system.post(HAS, {"n": number})
        after = counted(own_town)
        told.append((answer.content, answer.status_code, tuple(asked),
                     {name: after[name] - n for name, n in before.items() if after[name] != n}))
    assert told[0][0] == b'{"data":{"hasStafettlogg":[]}}'
    assert (len(told[0][2]), told[0][3]) == (2, {"system_request": 1})  # who signs in, and the question
    assert told == [told[0]] * 4


async def test_the_family_sees_whose_fagsystem_was_told_and_through_which_consent(
        own_town: Asking, system: Vendor) -> None:
    await system.has(KIM)
    own_town.now += DAY / 48
    await system.has(KIM)  # within the hour
    system.organisation = PPT
    await system.has(KIM)
    own_town.now += DAY
    await withdraw(own_town)
    told = await own_town.told("guardian1", LOG)
    (entry,) = [edge["node"] for edge in told["plans"]["edges"][0]["node"]["accessLog"]["edges"]
                if edge["node"]["action"] == "ASK"]
    assert entry == {
        "at": NOW.isoformat(), "action": "ASK", "read": [], "because": "CONSENT", "person": None,
        "consent": f"Consent:{own_town.town.consent}", "unit": {"name": "Nordmo helsestasjon"}}


async def test_local_administrators_see_every_request_and_nothing_of_whom(
        own_town: Asking, system: Vendor) -> None:
    await system.has(KIM)
    await system.has(NOBODYS)
    system.scope, system.supplier = WRITE, None
    assert await system.refusal(HAS, KIM) == (403, "FORBIDDEN")
    of = {"at": NOW.isoformat(), "act": "HAS_STAFETTLOGG", "organisationNumber": CLINIC}
    told = await own_town.told("admin", REQUESTS)
    assert [edge["node"] for edge in told["systemRequests"]["edges"]] == [
        {**of, "allowed": True, "answered": 1, "supplierNumber": SUPPLIER},
        {**of, "allowed": True, "answered": 0, "supplierNumber": SUPPLIER},
        {**of, "allowed": False, "answered": None, "supplierNumber": None}]
    for part in ("leader", "guardian1", "stranger", "fagsystem"):
        assert (await own_town.told(part, REQUESTS))["systemRequests"] == {"totalCount": 0, "edges": []}


async def test_no_log_no_answer(own_town: Asking, system: Vendor) -> None:
    with psycopg.connect(own_town.url) as connection:
        connection.execute("revoke insert on system_request from hub_reader")
    assert await system.refusal(HAS, KIM) == (200, "INTERNAL")
    assert rows(own_town, "select id from access_log") == []


async def test_a_person_is_no_system(own_town: Asking) -> None:
    for part in ("stafettholder", "admin", "fagsystem"):
        assert await own_town.told(part, HAS, n=KIM) == {"hasStafettlogg": None}
    assert rows(own_town, "select id from system_request") == []


async def test_a_number_that_is_none_is_refused_before_anything_is_asked(
        own_town: Asking, system: Vendor) -> None:
    for wrong in ("", "x", KIM[:-1], f"{KIM[:-1]}{(int(KIM[-1]) + 1) % 10}", "00000000000"):
        assert await system.refusal(HAS, wrong) == (400, "BAD_USER_INPUT")
    assert rows(own_town, "select id from system_request") == []


@pytest.mark.parametrize("scope", [READ, WRITE, BOTH])
async def test_a_system_sees_no_plan(system: Vendor, scope: str) -> None:
    system.scope = scope
    asked = "{ plans { totalCount } viewer { name } deliveries { totalCount } }"
    assert await system.told(asked, {}) == {
        "plans": {"totalCount": 0}, "viewer": None, "deliveries": {"totalCount": 0}}
