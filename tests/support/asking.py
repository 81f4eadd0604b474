"""A town in a database of its own, and questions to it as one of its parts."""
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from db.engine import Reader, Writer
from db.rules.signing import SignIn
from db.seal import Seal
from db.seeds.parts import Targets, Town, build
from resolvers.context import Hub, Viewer
from schema.operation import Request
from schema.root import schema

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
DAY = timedelta(days=1)
SEAL = Seal({"test": b"k" * 32}, "test", b"l" * 32)


class Asking:
    """The hub's doors to one database, with a clock that the test sets."""

    def __init__(self, url: str, doors: int = 4) -> None:
        self.url, self.now = url, NOW
        self.reader, self.writer = Reader(url, size=doors), Writer(url, size=doors)
        self.hub = Hub(self.reader, self.writer, SEAL, lambda: self.now, demo=True)
        self.sign_in: SignIn | None = None  # behind the tokens
        self.town: Town

    async def open(self) -> "Asking":
        await self.reader.open()
        return self

    async def close(self) -> None:
        await self.reader.close()
        await self.writer.close()

    def viewer(self, part: str) -> Viewer:
        return Viewer(self.town.municipality, self.town.persons.get(part), "en", self.sign_in)

    async def answer(self, part: str, query: str, *,
                     key: str | None = None, log: bool = True, **variables: Any) -> Any:
        request = Request(query, None, variables, self.viewer(part), "en", key)
        return await schema.answer(request, replace(self.hub, log=log))

    async def bytes(self, part: str, query: str, **variables: Any) -> bytes:
        answer = await self.answer(part, query, **variables)
        return orjson.dumps({"data": answer.data, "errors": answer.errors})

    async def told(self, part: str, query: str, **variables: Any) -> Any:
        """The data; a failed question fails the test."""
        answer = await self.answer(part, query, **variables)
        assert not answer.errors, answer.errors
        return orjson.loads(orjson.dumps(answer.data))

    async def refused(self, part: str, query: str, **variables: Any) -> list[str]:
        """The codes of a change's refusals; its only field is the mutation."""
        (payload,) = (await self.told(part, query, **variables)).values()
        return [error["code"] for error in payload["errors"]]

    def id(self, noun: str, key: Any) -> str:
        return f"{noun}:{key}"


@asynccontextmanager
async def opened_town(url: str, town: Town) -> AsyncIterator[Asking]:
    asking = Asking(url)
    asking.town = town
    try:
        yield await asking.open()
    finally:
        await asking.close()


async def settled_town(url: str) -> Town:
    """Builds the cast and their plan in a migrated database."""
    writer = Writer(url, size=2)
    try:
        return await build(writer, SEAL, NOW, targets=Targets("fagsystem", "archive"))
    finally:
        await writer.close()
