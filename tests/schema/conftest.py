"""A town with much in it, for questions alone; and a copy of the cast's, with what a change needs."""
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from db.rules.words import PlanType, Role
from db.seeds.parts import Town, found, signed
from db.write import participant, plan
from db.write.consent import NameDraft
from db.write.find import Who, transaction
from db.write.plan import PlanDraft
from tests.support.asking import DAY, Asking
from tests.support.busy import busy_town
from tests.support.changing import rows
from tests.support.embedded import Server
from tests.support.staged import Staged, stored


@pytest.fixture(scope="session")
async def busy(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    async with busy_town(postgres, template) as asking:
        yield asking


@pytest.fixture
def own(own_town: Asking) -> Staged:
    made = Staged(own_town)
    rows(own_town, "insert into target (municipality_id, name) values (1, 'fagsystem') returning id")
    made.ids |= {"target": stored(own_town, "Target", "select id from target"),
                 "template": stored(own_town, "ConsentTemplate", "select id from consent_template"),
                 "plan": f"Plan:{own_town.town.plan}", "consent": f"Consent:{own_town.town.consent}"}
    return made


@pytest.fixture
async def two_plans(own_town: Asking) -> Asking:
    """The owner has another plan, which the nurse takes part in, too."""
    people, units, then = own_town.town.persons, own_town.town.units, own_town.now - 9 * DAY
    who = Who(own_town.town.municipality, people["stafettholder"], then)
    guardians = (people["guardian1"], people["guardian2"])
    async with transaction(own_town.writer, then) as session:
        made = await plan.create(session, who, PlanDraft(
            PlanType.INDIVIDUAL_PLAN, units["Nordmo skole"], people["owner"], "KN", guardians, who.person, 1,
            then.date(), None))
    await signed(own_town.writer, who, made.id, frozenset(guardians), (NameDraft(people["nurse"], None),),
                 own_town.now + 60 * DAY)
    later = replace(who, now=then + DAY)
    async with transaction(own_town.writer, later.now) as session:
        await participant.add(session, later, await found(session, later, made.id), people["nurse"],
                              Role.PROVIDER, units["Nordmo helsestasjon"], "Følger opp")
    return own_town
