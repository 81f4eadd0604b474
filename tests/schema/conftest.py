"""A town with much in it, for questions alone; and a copy of the cast's, with what a change needs."""
from collections.abc import AsyncIterator

import pytest

from db.seeds.parts import Town
from tests.support.asking import Asking
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
