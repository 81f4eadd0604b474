"""The measure: SQL written by hand behind bare Starlette, the same bytes under the same ledger and masks."""
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg import AsyncRawCursor
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.engine import Reader
from tests.bench.hand.plan import PLAN
from tests.bench.hand.plans import LIST
from tests.bench.hand.statistics import statistics

Variables = Mapping[str, Any]
Answering = Callable[[Reader, UUID, datetime, Variables], Awaitable[bytes]]


async def plans(reader: Reader, viewer: UUID, now: datetime, variables: Variables) -> bytes:
    return await asked(reader, LIST, viewer, now, variables["first"])


async def plan(reader: Reader, viewer: UUID, now: datetime, variables: Variables) -> bytes:
    return await asked(reader, PLAN, viewer, now, UUID(variables["id"].rpartition(":")[2]))


async def asked(reader: Reader, sql: str, *arguments: object) -> bytes:
    """The one value that is found, as the bytes that came."""
    async with reader.pool.connection() as connection, AsyncRawCursor(connection) as cursor:
        await cursor.execute(sql, [1, *arguments])
        return (cursor.pgresult and cursor.pgresult.get_value(0, 0)) or b"null"


def create(url: str) -> Starlette:
    """Nothing stands between the request and its SQL; the database is reached just as the hub reaches it."""
    gc.set_threshold(50_000, 20, 50)
    gc.freeze()
    reader = Reader(url)

    def road(answer: Answering) -> Route:
        async def handler(request: Request) -> Response:
            variables = orjson.loads(await request.body())["variables"]
            text = await answer(reader, UUID(request.headers["x-viewer"]), datetime.now(UTC), variables)
            body = b'{"data":{"%b":%b}}' % (answer.__name__.encode(), text)
            return Response(body, media_type="application/json")
        return Route(f"/{answer.__name__}", handler, methods=["POST"])

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await reader.open()
        yield
        await reader.close()

    return Starlette(lifespan=lifespan, routes=[road(plans), road(plan), road(statistics)])
