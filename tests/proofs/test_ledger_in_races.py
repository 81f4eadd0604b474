"""Of two who act at the same time neither opens what the other closes, nor waits for the other for ever."""
import asyncio
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from db.engine import regrant_changed
from db.rules.rights import Element, Right
from db.rules.words import AddressProtection, PlanType, Role
from db.tables.consent import Consent
from db.write.find import Who, transaction
from db.write.municipality import held
from db.write.plan import PlanDraft, create
from db.write.plan_template import switch
from tests.support.asking import DAY, NOW, Asking
from tests.support.ledger import ledger, ledgers, names, newest, person, taking_part

WITHDRAW = "mutation($id: ID!) { withdrawConsent(consentId: $id) { plan { status } errors { code } } }"
ADD = """mutation($plan: ID!, $person: ID!) {
  addParticipant(input: {planId: $plan, personId: $person, role: PROVIDER}) { errors { code } } }"""


async def withdrawn(asking: Asking) -> Any:
    told = await asking.told("guardian1", WITHDRAW, id=f"Consent:{asking.town.consent}")
    return told["withdrawConsent"]


async def readers(asking: Asking) -> set[str]:
    """Who reads goals now, by the ledger, which must be what the rule says."""
    found = await ledger(asking)
    assert found.kept == found.calendar
    open_to = {grant.person for grant in found.said(asking.now) if Right.GOALS_READ in grant.decision.mask}
    return {part for part, key in asking.town.persons.items() if key in open_to}


@pytest.fixture
async def naming_stranger(own_town: Asking) -> Asking:
    """Where the consent in force names one more, who does not take part yet."""
    async with own_town.writer(NOW - DAY) as session, session.begin():
        session.add(names(own_town, "stranger"))
    return own_town


async def test_adding_one_whom_the_consent_names_opens_the_plan_to_them(naming_stranger: Asking) -> None:
    """So that the tests below, where a withdrawal comes between, can fail."""
    assert await readers(naming_stranger) == {"guardian1", "guardian2", "stafettholder", "nurse"}
    async with naming_stranger.writer(NOW) as session, session.begin():
        session.add(taking_part(naming_stranger, "stranger"))
    assert await readers(naming_stranger) == {"guardian1", "guardian2", "stafettholder", "nurse", "stranger"}


async def test_one_who_adds_a_participant_meanwhile_opens_nothing_again(naming_stranger: Asking) -> None:
    """The session that adds has loaded the consent before it was withdrawn, and does not know."""
    async with naming_stranger.writer(NOW) as session, session.begin():
        consent = await session.run_sync(newest, naming_stranger, Consent)
        session.add(taking_part(naming_stranger, "stranger"))
        await session.flush()
        said = await asyncio.wait_for(withdrawn(naming_stranger), 5)
        assert said == {"plan": {"status": "PASSIVE"}, "errors": []}
        assert consent.withdrawn_at is None, "this session has not heard of it"
    assert await readers(naming_stranger) == {"guardian1", "guardian2"}


async def test_one_who_adds_a_participant_waits_for_a_withdrawal_that_is_being_written(
        naming_stranger: Asking) -> None:
    async with naming_stranger.writer(NOW) as withdrawing, naming_stranger.writer(NOW) as adding:
        (await withdrawing.run_sync(newest, naming_stranger, Consent)).withdrawn_at = NOW
        await withdrawing.run_sync(regrant_changed)  # decided, and not committed
        adding.add(taking_part(naming_stranger, "stranger"))
        commit = asyncio.create_task(adding.commit())
        await asyncio.sleep(0.2)
        assert not commit.done()
        await withdrawing.commit()
        await asyncio.wait_for(commit, 5)
    assert await readers(naming_stranger) == {"guardian1", "guardian2"}


async def test_whoever_comes_first_of_many_nobody_reads_after_a_withdrawal(naming_stranger: Asking) -> None:
    """Acts at the same time, each of which finds, locks and decides on its own."""
    town = naming_stranger.town
    add = partial(naming_stranger.told, "stafettholder", ADD, plan=f"Plan:{town.plan}",
                  person=f"Person:{town.persons['stranger']}")
    await asyncio.wait_for(asyncio.gather(add(), withdrawn(naming_stranger), add()), 10)
    assert await readers(naming_stranger) == {"guardian1", "guardian2"}


async def test_two_who_add_participants_at_once_both_come_through(own_town: Asking) -> None:
    """Each new row locks the plan's key, so a stronger lock for re-granting would be a deadlock."""
    async with own_town.writer(NOW) as first, own_town.writer(NOW) as second:
        for session, part in ((first, "stranger"), (second, "analyst")):
            session.add(taking_part(own_town, part, Role.GUARDIAN))
            await session.flush()
        await asyncio.wait_for(asyncio.gather(first.commit(), second.commit()), 5)
    assert await readers(own_town) >= {"stranger", "analyst"}


@pytest.mark.parametrize("first", ["the one who switches", "the one who opens"])
async def test_a_plan_that_is_opened_while_an_element_is_switched_has_what_its_type_has(
        own_town: Asking, first: str) -> None:
    """The new plan is not there yet for the one who switches, nor the switch for the one who opens."""
    town = own_town.town
    who = Who(town.municipality, town.persons["stranger"], NOW)
    draft = PlanDraft(PlanType.STAFETTLOGG, town.units["PPT Nordmo"], town.persons["analyst"], "NV", (),
                      who.person, 1, NOW.date())

    async def opened() -> UUID:
        async with transaction(own_town.writer, NOW) as session:
            plan = await create(session, who, draft)
            await pause(first == "the one who opens")
            return plan.id

    async def switched() -> None:
        async with transaction(own_town.writer, NOW) as session:
            await held(session, replace(who), changing=True)
            switch(session, who, PlanType.STAFETTLOGG, Element.MAPPING, on=True)
            await session.run_sync(regrant_changed)
            await pause(first == "the one who switches")

    async def pause(comes_first: bool) -> None:
        await asyncio.sleep(0.3 if comes_first else 0)
    acts = [opened(), switched()] if first == "the one who opens" else [switched(), opened()]
    told = await asyncio.wait_for(asyncio.gather(*acts), 5)
    (found,) = (await ledgers(own_town, filter(None, told))).values()
    assert found.facts.switches
    assert found.kept == found.calendar


@pytest.mark.parametrize("first", ["the one who protects", "the one who adds"])
async def test_one_whose_address_is_being_protected_is_protected_in_the_plan_they_come_to(
        own_town: Asking, first: str) -> None:
    """The first has decided when the second begins, and neither sees what the other has not committed."""
    async with own_town.writer(NOW) as protecting, own_town.writer(NOW) as adding:
        someone = await protecting.run_sync(person, own_town, "stranger")
        someone.address_protection = AddressProtection.CONFIDENTIAL
        adding.add(taking_part(own_town, "stranger"))
        early, late = (protecting, adding) if first == "the one who protects" else (adding, protecting)
        await early.run_sync(regrant_changed)
        commit = asyncio.create_task(late.commit())
        await asyncio.sleep(0.2)
        await early.commit()
        await asyncio.wait_for(commit, 5)
    found = await ledger(own_town)
    assert found.facts.protected
    assert found.kept == found.calendar
