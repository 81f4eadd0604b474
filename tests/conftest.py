"""One PostgreSQL for the run; one town that is only read, and a copy for each test that changes it."""
import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from shutil import disk_usage
from tempfile import gettempdir

import pytest
import uvloop

from db.engine import Writer
from db.migrations import upgrade
from db.seal import Seal
from db.seeds.parts import Targets, Town, build
from tests.support.asking import Asking, opened_town, settled_town
from tests.support.embedded import Server, name_of, server
from tests.support.hub import LOOKUP_KEY, SEAL_KEYS, Served, running
from tests.support.tls import Ends, both_ends


def pytest_configure() -> None:
    """The loop that the hub is served by. By pytest-asyncio's own hook, workers that take each other's tests
    lose a session's fixtures."""
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def pytest_collection_finish() -> None:
    """As the hub itself does at its start: what is loaded stays. Measured: a sixth of the run's time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[Server]:
    # Not in pytest's own folder: it is shut to other users, and as root PostgreSQL runs as another.
    folder = _memory() / f"hub-{testrun_uid}"
    folder.mkdir(exist_ok=True)
    with server(folder) as started:
        yield started
    with suppress(OSError):
        folder.rmdir()  # where nobody else is there still


def _memory() -> Path:
    """Where the databases lie: in memory where there is room, for there a copy takes a third of the time."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and disk_usage(memory).free > 4e9 else Path(gettempdir())


@pytest.fixture(scope="session")
async def template(postgres: Server) -> tuple[str, Town]:
    """A migrated database with the cast in it."""
    async def built(url: str) -> Town:
        upgrade(url)
        return await settled_town(url)
    return await postgres.once("cast", built)


@pytest.fixture(scope="session")
async def town(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    """For questions alone."""
    async with opened_town(postgres.fresh(name_of(template[0])), template[1]) as asking:
        yield asking


@pytest.fixture
async def own_town(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    """The test's own copy, to change."""
    url = postgres.fresh(name_of(template[0]))
    async with opened_town(url, template[1]) as asking:
        yield asking
    postgres.drop(url)


@pytest.fixture
async def served(postgres: Server, tmp_path: Path) -> AsyncIterator[Served]:
    async def built(url: str) -> Town:
        upgrade(url)
        writer, seal = Writer(url, 2), Seal.from_text(SEAL_KEYS, LOOKUP_KEY)
        try:
            return await build(
                writer, seal, datetime.now(UTC), targets=Targets("fagsystem", "archive", "notices"))
        finally:
            await writer.close()
    kept, made = await postgres.once("served", built)
    url = postgres.fresh(name_of(kept))
    async with running(url, tmp_path) as client:
        yield Served(client, tmp_path, made)
    postgres.drop(url)


@pytest.fixture
def ends(tmp_path: Path) -> Ends:
    """TLS at the server's end, and at the end of one who trusts it."""
    return both_ends(tmp_path)
