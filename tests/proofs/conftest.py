"""The crowd that the proofs ask as: in one database for questions alone, or in a copy of it to change."""
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import psycopg
import pytest

from db.seeds.parts import Town
from tests.support.crowd import AskingCrowd, Crowd, gathered
from tests.support.embedded import Server, name_of
from tests.support.trial import Trial, line, trial


@pytest.fixture(scope="session")
async def crowd(postgres: Server, template: tuple[str, Town]) -> Crowd:
    async def built(url: str) -> Crowd:
        return await gathered(url, template[1])
    return (await postgres.once("crowd", built, name_of(template[0])))[1]


@pytest.fixture(scope="session")
async def asking(postgres: Server, crowd: Crowd) -> AsyncIterator[AskingCrowd]:
    """For questions alone."""
    opened = AskingCrowd(replace(crowd, url=postgres.fresh(name_of(crowd.url))))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def own(postgres: Server, crowd: Crowd) -> AsyncIterator[AskingCrowd]:
    """The test's own copy, to change."""
    opened = AskingCrowd(replace(crowd, url=postgres.fresh(name_of(crowd.url))))
    await opened.open()
    yield opened
    await opened.close()
    postgres.drop(opened.url)


@pytest.fixture(scope="session")
def line_to_crowd(postgres: Server, crowd: Crowd) -> Iterator[psycopg.Connection]:
    with line(postgres.fresh(name_of(crowd.url))) as connection:
        yield connection


@pytest.fixture(name="trial")
async def on_trial(crowd: Crowd, line_to_crowd: psycopg.Connection) -> AsyncIterator[Trial]:
    """Changes that nobody else sees, and that end with the test."""
    with trial(crowd, line_to_crowd) as begun:
        yield begun
