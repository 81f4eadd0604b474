"""A town with much in it, for questions alone."""
from collections.abc import AsyncIterator

import pytest

from db.seeds.parts import Town
from tests.support.asking import Asking
from tests.support.busy import busy_town
from tests.support.embedded import Server


@pytest.fixture(scope="session")
async def busy(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    async with busy_town(postgres, template) as asking:
        yield asking
