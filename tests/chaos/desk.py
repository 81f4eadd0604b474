"""A unit whose people note by hand: they forget, do it twice, and their database is restarted under them."""
import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from db.engine import Reader, Writer
from db.seal import Seal
from db.seeds.parts import Town
from integrations.fagsystem.manual.target import ManualFagsystem
from resolvers.context import Context, Hub, Viewer
from resolvers.task import confirm_delivery, fagsystem_tasks

NAME, WHO = "manual", "admin"  # the target, and who of the unit answers
TABLE = f'[{NAME}]\nkind = "fagsystem/manual"\nsystem = "Perm"\n'
KEPT = "select id from delivery where target = %s and answered_by_id is not null order by confirmed_at, seq"
AWAY = (psycopg.Error, SQLAlchemyError, OSError)


@dataclass
class Desk:
    """`clock`: the workers', who are in a hurry."""
    url: str
    hub: Hub
    viewer: Viewer
    clock: Callable[[], datetime]
    name: str = NAME
    calls: Counter[str] = field(default_factory=Counter)

    async def work(self) -> None:
        while True:
            await asyncio.sleep(0.2)
            try:
                tasks = await fagsystem_tasks(self._now(), {"first": 50})
                for edge in tasks.edges if tasks else ():
                    await self._note(edge.node.delivery_id)
            except AWAY:
                self.calls["broken off"] += 1

    async def _note(self, delivery: str) -> None:
        how = random.choice(("noted", "noted", "noted twice", "forgotten"))
        for _ in range({"forgotten": 0, "noted": 1, "noted twice": 2}[how]):
            await confirm_delivery(self._now(), delivery, None)
        self.calls[how] += 1

    def kept(self) -> Iterator[UUID]:
        """What has been noted, in order."""
        with psycopg.connect(self.url) as connection:
            yield from (fact for (fact,) in connection.execute(KEPT, [NAME]))

    def _now(self) -> Context:
        return Context(self.hub, self.viewer, self.clock(), "nb")


@asynccontextmanager
async def noting(url: str, seal: Seal, town: Town, clock: Callable[[], datetime]) -> AsyncIterator[Desk]:
    reader, writer = Reader(url, 2), Writer(url, 2)
    await reader.open()
    targets: Any = {NAME: ManualFagsystem(NAME, "Perm", 7)}
    hub = Hub(reader, writer, seal, clock, targets=targets)
    desk = Desk(url, hub, Viewer(town.municipality, town.persons[WHO], "nb"), clock)
    working = asyncio.create_task(desk.work())
    try:
        yield desk
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        await reader.close()
        await writer.close()
