"""Invitations through the API: what they open, to whom, and when they are dead; and the declaration."""
from asyncio import gather
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from db.rules.declaration import text_hash
from db.seal import synthetic
from db.tables.declaration import DeclarationText
from db.tables.municipality import Municipality
from db.tables.person import Person
from db.write.find import transaction
from integrations.words import LANGUAGES, say
from schema.budget import Budget
from tests.support.asking import DAY, NOW, Asking
from tests.support.changing import change, document, done, refused, rows
from tests.support.invited import TO_SIGN, accepted, added, codes, declared, known, named
from tests.support.ledger import ledger
from tests.support.papers import uploaded

SEEN = "query($id: ID!) { plan(id: $id) { status goals { id } participants { id state role } } }"
STATES = "{ plans { edges { node { participants { state role person { id } } } } } }"
DEAD = [("INVITATION_DEAD", "code")]
LINKS = "select count(*) from participant where link_hash is not null"
FACTS = "select kind, unit_id from delivery where unit_id is not null order by seq"
NOTICES = "select notice, recipient_id from delivery where kind = 'NOTICE' order by id"


@pytest.fixture
async def town(own_town: Asking) -> Asking:
    """Where SMS are sent, and the odd one out of the cast has not joined."""
    async with transaction(own_town.writer, NOW) as session:
        (await session.scalars(select(Municipality))).one().sms = "sms"
        (await session.get_one(Person, (1, own_town.town.persons["stranger"]))).joined_at = None
    return own_town


async def goals(town: Asking, part: str, plan: str | None = None) -> Any:
    """What one reads of them; None where the plan, or they, are not there."""
    told = (await town.told(part, SEEN, id=plan or f"Plan:{town.town.plan}"))["plan"]
    return told and told["goals"]


async def state(town: Asking, part: str) -> list[str]:
    """Of all that one has been in the cast's plan."""
    told = (await town.told("guardian1", STATES))["plans"]["edges"]
    return [p["state"] for edge in told for p in edge["node"]["participants"]
            if p["person"]["id"] == f"Person:{town.town.persons[part]}"]


async def new_plan(town: Asking, n: int, **other: Any) -> str:
    """Of a child and its mother, of whom nobody knew before the first."""
    mother = {"identityNumber": synthetic(date(1990, 5, 6), 30), "name": "Eli Vik", "mobile": "+4740000044"}
    child = {"identityNumber": synthetic(date(2019, 1, 2), n), "name": f"Barn {n}"}
    made = await done(town, "stafettholder", "createPlan", owner=child, guardians=[mother],
                      unitId=f"Unit:{town.town.units['Nordmo skole']}", **other)
    ((key,),) = rows(town, "select id from person where name = 'Eli Vik'")
    known(town, "mother", key)
    return str(made["plan"]["id"])


async def test_one_who_is_invited_sees_nothing_of_the_plan_and_those_in_it_that_they_are(
        town: Asking) -> None:
    await named(town)
    part = await added(town)
    assert (part["state"], part["mustDeclare"], part["unit"]) == ("INVITED", True, None)
    plan, person = f"Plan:{town.town.plan}", f"Person:{town.town.persons['grandmother']}"
    told = await town.told("grandmother", """query($plan: ID!, $row: ID!, $person: ID!) {
      plan(id: $plan) { id } plans { totalCount } node(id: $row) { id } deliveries { totalCount }
      explainAccess(planId: $plan, personId: $person, element: GOALS) { level }
      declarationToSign { hash } }""", plan=plan, row=part["id"], person=person)
    assert told == {"plan": None, "plans": {"totalCount": 0}, "node": None, "deliveries": {"totalCount": 0},
                    "explainAccess": None, "declarationToSign": None}
    why = await town.told("stafettholder", """query($plan: ID!, $person: ID!) {
      explainAccess(planId: $plan, personId: $person, element: GOALS) { level reason roles } }""",
                          plan=plan, person=person)
    assert why["explainAccess"] == {"level": "NONE", "reason": "INVITED", "roles": ["NEXT_OF_KIN"]}


async def test_next_of_kin_read_when_they_have_accepted_and_then_declared(town: Asking) -> None:
    await named(town)
    await added(town)
    assert (await accepted(town, "grandmother"))["plan"] is None
    assert await goals(town, "grandmother") is None and await state(town, "grandmother") == ["INVITED"]
    forms = (await town.told("grandmother", TO_SIGN))["declarationToSign"]
    assert [form["language"] for form in forms] == ["en", "nb", "nn"], "the viewer's own first"
    town.now += DAY
    await done(town, "grandmother", "signDeclaration", hash=forms[1]["hash"])
    assert await goals(town, "grandmother") and await state(town, "grandmother") == ["ACTIVE"]
    assert rows(town, "select language, text, hash, signed_at from declaration") == [
        ("nb", forms[1]["text"], text_hash("nb", forms[1]["text"]), town.now)]
    assert (await town.told("grandmother", TO_SIGN))["declarationToSign"] is None
    assert await refused(town, "grandmother", "signDeclaration", hash=forms[1]["hash"]) == [
        ("NOTHING_TO_DECLARE", "hash")]


async def test_a_municipality_may_have_words_of_its_own(town: Asking) -> None:
    await named(town)
    await added(town)
    await accepted(town, "grandmother")
    async with transaction(town.writer, town.now) as session:
        session.add_all(DeclarationText(municipality_id=1, language="nb", version=n, text=text)
                        for n, text in ((2, "Den nye."), (1, "Den gamle.")))
    told = await town.told("grandmother", TO_SIGN)
    forms = {form["language"]: form for form in told["declarationToSign"]}
    assert {language: forms[language]["text"] for language in LANGUAGES} == {
        "nb": "Den nye.", **{other: say("declaration.text", other) for other in ("nn", "en")}}
    assert await refused(town, "grandmother", "signDeclaration", hash=text_hash("nb", "Den gamle.")) == [
        ("FORM_CHANGED", "hash")]
    await done(town, "grandmother", "signDeclaration", hash=forms["nb"]["hash"])
    assert rows(town, "select text from declaration") == [("Den nye.",)]


async def end(town: Asking) -> None:
    person = town.town.persons["grandmother"]
    ((part,),) = rows(town, "select id from participant where person_id = %s", person)
    await done(town, "stafettholder", "endParticipant", participantId=f"Participant:{part}")


async def close(town: Asking) -> None:
    await done(town, "stafettholder", "closePlan", planId=f"Plan:{town.town.plan}", reason="OTHER",
               successorId=None)


async def again(town: Asking) -> None:
    await done(town, "stafettholder", "inviteParticipant", planId=f"Plan:{town.town.plan}",
               personId=f"Person:{town.town.persons['grandmother']}")


async def wait(town: Asking) -> None:
    town.now += 30 * DAY


async def use(town: Asking) -> None:
    await accepted(town, "grandmother")


KILLED: dict[str, Callable[[Asking], Awaitable[None]]] = {
    "it was used": use, "a month has passed": wait, "another was sent": again,
    "the participation has ended": end, "the plan is closed": close}


@pytest.mark.parametrize("how", KILLED)
async def test_whatever_a_link_died_of_its_refusal_is_that_of_a_code_that_never_was(
        town: Asking, how: str) -> None:
    await named(town)
    await added(town)
    (code,) = codes(town, "grandmother")
    never = await change(town, "grandmother", "acceptInvitation", code="never")
    assert await change(town, "nurse", "acceptInvitation", code=code) == never, "it is somebody else's"
    await KILLED[how](town)
    assert await change(town, "grandmother", "acceptInvitation", code=code) == never
    assert await goals(town, "grandmother") is None


async def test_the_last_link_is_good_to_the_last_moment(town: Asking) -> None:
    await named(town)
    await added(town)
    await again(town)
    town.now += 30 * DAY - timedelta(microseconds=1)
    assert await accepted(town, "grandmother")


async def test_who_accepts_takes_part_in_all_that_they_are_invited_to_but_not_where_it_is_closed(
        town: Asking) -> None:
    first, second, shut = [await new_plan(town, n) for n in range(3)]
    await done(town, "stafettholder", "closePlan", planId=shut, reason="OTHER", successorId=None)
    assert await change(town, "mother", "acceptInvitation", code=codes(town, "mother")[2]) == await change(
        town, "mother", "acceptInvitation", code="never")
    payload = await done(town, "mother", "acceptInvitation", code=codes(town, "mother")[0])
    assert payload["plan"]["id"] == first
    assert [plan for plan in (first, second, shut) if await goals(town, "mother", plan) is not None] == [
        first, second]
    assert rows(town, LINKS) == [(1,)], "that of the closed one"
    third = await new_plan(town, 3)
    assert await goals(town, "mother", third) == [], "who has joined needs no invitation"


async def test_a_service_hears_of_the_plan_when_its_employee_has_joined(town: Asking) -> None:
    await named(town, "stranger")
    before = rows(town, FACTS)
    part = await added(town, "stranger", "PROVIDER")
    assert (part["state"], part["mustDeclare"]) == ("INVITED", False)
    assert rows(town, FACTS) == before and await goals(town, "stranger") is None
    await accepted(town, "stranger")
    assert rows(town, FACTS)[len(before):] == [("OPENED", town.town.units["Solbakken barnehage"])]
    assert await goals(town, "stranger")


async def test_nobody_is_made_responsible_before_they_have_joined(town: Asking) -> None:
    await named(town, "stranger")
    part = await added(town, "stranger", "PROVIDER")
    told = await town.told("guardian1", SEEN, id=f"Plan:{town.town.plan}")
    activity = {"goalId": told["plan"]["goals"][0]["id"], "arena": "HOME", "title": "T",
                "deadline": "2027-01-01", "responsibleId": part["id"]}
    assert await refused(town, "stafettholder", "createActivity", **activity) == [
        ("NOT_A_PARTICIPANT", "responsibleId")]
    assert await refused(town, "stafettholder", "proposeStafettholder", planId=f"Plan:{town.town.plan}",
                         personId=f"Person:{town.town.persons['stranger']}", reason="R") == [
        ("CANNOT_HOLD", "personId")]
    await accepted(town, "stranger")
    await done(town, "stafettholder", "createActivity", **activity)


async def test_one_who_has_joined_and_comes_as_kin_is_asked_to_declare(town: Asking) -> None:
    await named(town, "analyst")
    part = await added(town, "analyst")
    assert (part["state"], part["acceptedAt"]) == ("INVITED", NOW.isoformat())
    assert rows(town, NOTICES)[-1] == ("DECLARATION_TO_SIGN", town.town.persons["analyst"])
    assert await goals(town, "analyst") is None
    await declared(town, "analyst")
    assert await goals(town, "analyst")


async def test_a_holder_who_has_not_joined_is_sent_a_new_link_by_those_who_lead(town: Asking) -> None:
    plan, stranger = f"Plan:{town.town.plan}", f"Person:{town.town.persons['stranger']}"
    await done(town, "guardian1", "withdrawConsent", consentId=f"Consent:{town.town.consent}")
    await done(town, "leader", "replaceStafettholder", planId=plan, personId=stranger, reason="Sykmeldt")
    assert (await town.told("stranger", SEEN, id=plan))["plan"] is None
    before = codes(town, "stranger")
    payload = await done(town, "leader", "inviteParticipant", planId=plan, personId=stranger)
    assert payload["participant"] is None and codes(town, "stranger") != before
    assert (await accepted(town, "stranger"))["plan"]["status"] == "PASSIVE"


async def test_one_whom_nothing_reaches_is_not_sent_a_link(town: Asking) -> None:
    await named(town)
    await added(town)
    rows(town, "update person set mobile = null where name = 'Turid Nordmo' returning id")
    kin = {"planId": f"Plan:{town.town.plan}", "personId": f"Person:{town.town.persons['grandmother']}"}
    assert await refused(town, "stafettholder", "inviteParticipant", **kin) == [("NOT_REACHED", "personId")]


async def test_a_guardian_who_never_accepts_keeps_no_other_from_withdrawing(town: Asking) -> None:
    """One signs with BankID, one on paper, without having accepted; each can withdraw."""
    for withdraws in ("mother", "guardian2"):
        plan = await new_plan(town, 40 + len(withdraws))
        second = {"identityNumber": synthetic(date(1983, 11, 20), 0), "name": "Per"}
        await done(town, "stafettholder", "addGuardian", planId=plan, person=second)
        made = await done(town, "stafettholder", "draftConsent", planId=plan, names=[],
                          texts=[{"language": "NB", "text": "Ja."}])
        consent, digest = made["consent"]["id"], made["consent"]["texts"][0]["hash"]
        await done(town, "stafettholder", "sendConsent", consentId=consent)
        await done(town, "guardian2", "signConsent", consentId=consent, method="DEMO_BANKID", hash=digest)
        await done(town, "stafettholder", "signConsentOnPaper", consentId=consent, hash=digest,
                   personId=f"Person:{town.town.persons['mother']}", signedOn=str(town.now.date()),
                   paper=await uploaded(town))
        ended = await done(town, withdraws, "withdrawConsent", consentId=consent)
        assert ended["plan"]["status"] == "PASSIVE"


async def test_whoever_returns_declares_anew_and_nothing_opens_for_the_time_between(town: Asking) -> None:
    await named(town)
    await added(town)
    await accepted(town, "grandmother")
    await declared(town, "grandmother")
    town.now += DAY
    await end(town)
    assert await goals(town, "grandmother") is None
    town.now += 5 * DAY
    back = await added(town)
    assert (back["state"], back["declaredAt"]) == ("INVITED", None)
    assert await goals(town, "grandmother") is None
    await declared(town, "grandmother")
    assert await goals(town, "grandmother") and await state(town, "grandmother") == ["ENDED", "ACTIVE"]
    between = [grant for grant in (await ledger(town)).said(NOW + 3 * DAY)
               if grant.person == town.town.persons["grandmother"]]
    assert between == []


async def test_of_many_who_accept_at_once_one_does(town: Asking) -> None:
    await named(town)
    await added(town)
    (code,) = codes(town, "grandmother")
    told = await gather(*(change(town, "grandmother", "acceptInvitation", code=code) for _ in range(8)))
    assert sorted(not payload["errors"] for payload in told) == [*[False] * 7, True]


@pytest.mark.parametrize("first", ["accept", "end"])
async def test_one_who_is_taken_out_while_they_accept_is_out(town: Asking, first: str) -> None:
    await named(town, "stranger")
    part = await added(town, "stranger", "PROVIDER")
    (code,) = codes(town, "stranger")
    acts = [change(town, "stranger", "acceptInvitation", code=code),
            change(town, "stafettholder", "endParticipant", participantId=part["id"])]
    await gather(*(acts if first == "accept" else reversed(acts)))
    town.now += timedelta(seconds=1)
    assert await goals(town, "stranger") is None and await state(town, "stranger") == ["ENDED"]
    found = await ledger(town)
    assert found.kept == found.calendar


async def test_guessing_costs_of_the_budget(town: Asking) -> None:
    town.hub = replace(town.hub, spend=Budget(lambda: 0.0).spend)
    text = document("acceptInvitation")
    tries = [await town.answer("stranger", text, code=str(n)) for n in range(40)]
    assert {error["extensions"]["code"] for answer in tries[:25] for error in answer.errors} == set()
    assert tries[-1].errors[0]["extensions"]["code"] == "TOO_MANY_NEW"
    assert not (await town.answer("nurse", text, code="x")).errors, "each has their own"


async def test_the_look_up_of_whom_a_form_names_by_number_is_written_down(town: Asking) -> None:
    await named(town)
    await named(town)
    turid: UUID = town.town.persons["grandmother"]
    assert rows(town, "select sought, found from search_log order by id") == [
        ("draftConsent", []), ("draftConsent", [turid])]
