"""Receivers that fail as real ones do: busy, or they store what they are sent and never say so."""
import logging
import random
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from integrations.fagsystem.soap.practice import practice
from tests.support.hub import Loopback

FAILING = 0.3  # of all calls


class Unreliable:
    """The practice fagsystem, which refuses to take a fact twice or out of order, behind a bad line."""

    def __init__(self, folder: Path) -> None:
        self.app: Starlette = practice(folder)
        self.calls: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        how = random.choice(("busy", "lost answer")) if random.random() < FAILING else "well"
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        self.calls[how] += 1
        if how == "busy":
            await receive()
            return await PlainTextResponse("busy", 503)(scope, receive, send)
        return await self.app(scope, receive, _lost if how == "lost answer" else send)

    @property
    def kept(self) -> dict[str, list[dict[str, Any]]]:
        """The facts by plan reference, in the order in which they were taken."""
        return dict(self.app.state.records.plans)


async def _lost(_: Message) -> None:
    """The other side has stored it; we never hear."""


async def answering(stack: AsyncExitStack, folder: Path, names: list[str]) -> tuple[list[Unreliable], str]:
    """A receiver for each name, and the targets' file."""
    receivers, tables = [], []
    for name in names:
        receiver = Unreliable(folder / name)
        address = await stack.enter_async_context(Loopback(receiver).up())
        receivers.append(receiver)
        tables.append(f'[{name}]\nkind = "fagsystem/soap"\nurl = "{address}/"\ntimeout = 5\n')
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # it would tell of every lost answer
    return receivers, "\n".join(tables)
