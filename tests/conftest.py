"""One PostgreSQL for the run; one town that is only read, and a copy for each test that changes it."""
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from db.engine import Writer
from db.migrations import upgrade
from db.seal import Seal
from db.seeds.parts import Town, build
from tests.support.asking import Asking, settled_town
from tests.support.embedded import Server, name_of, server
from tests.support.hub import LOOKUP_KEY, SEAL_KEYS, Served, running
from tests.support.tls import Ends, both_ends


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    # Not in pytest's own folder: it is shut to other users, and as root PostgreSQL runs as another.
    with TemporaryDirectory(prefix="hub-") as folder, server(Path(folder)) as started:
        yield started


@pytest.fixture(scope="session")
async def template(postgres: Server) -> tuple[str, Town]:
    """A migrated database with the cast in it; nobody may be connected to it while it is copied."""
    url = postgres.fresh()
    upgrade(url)
    return url, await settled_town(url)


@pytest.fixture(scope="session")
async def town(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    """For questions alone."""
    asking = Asking(postgres.fresh(name_of(template[0])))
    asking.town = template[1]
    yield await asking.open()
    await asking.close()


@pytest.fixture
async def own_town(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    """The test's own copy, to change."""
    url = postgres.fresh(name_of(template[0]))
    asking = Asking(url)
    asking.town = template[1]
    yield await asking.open()
    await asking.close()
    postgres.drop(url)


@pytest.fixture
async def served(postgres: Server, tmp_path: Path) -> AsyncIterator[Served]:
    url = postgres.fresh()
    upgrade(url)
    writer = Writer(url, 2)
    seal = Seal.from_text(SEAL_KEYS, LOOKUP_KEY)
    made = await build(writer, seal, datetime.now(UTC), fagsystem="fagsystem", archive="archive")
    await writer.close()
    async with running(url, tmp_path) as client:
        yield Served(client, tmp_path, made)
    postgres.drop(url)


@pytest.fixture
def ends(tmp_path: Path) -> Ends:
    """TLS at the server's end, and at the end of one who trusts it."""
    return both_ends(tmp_path)
