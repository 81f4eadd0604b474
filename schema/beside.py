"""Serves beside what else a process does, and leaves its signals alone."""
import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp


class Beside(uvicorn.Server):
    """One of several servers or tasks in a process: the signals are for all of them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def beside(served: ASGIApp, place: socket.socket | None) -> AsyncIterator[None]:
    """Served for as long as this is open; nothing where there is no place for it."""
    if place is None:
        yield
        return
    server = Beside(uvicorn.Config(served, access_log=False, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve([place]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
