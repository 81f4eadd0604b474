"""The measure: SQL written by hand behind bare Starlette, the same bytes under the same ledger and masks."""
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.engine import Reader
from tests.bench.hand.plan import PLAN
from tests.bench.hand.plans import LIST
from tests.bench.hand.statistics import statistics

Variables = Mapping[str, Any]
Answering = Callable[[Reader, UUID, datetime, Variables], Awaitable[str]]


async def plans(reader: Reader, viewer: UUID, now: datetime, variables: Variables) -> str:
    return await asked(reader, LIST, viewer, now, variables["first"])


async def plan(reader: Reader, viewer: UUID, now: datetime, variables: Variables) -> str:
    return await asked(reader, PLAN, viewer, now, UUID(variables["id"].rpartition(":")[2]))


async def asked(reader: Reader, sql: str, *arguments: object) -> str:
    found = await reader.rows(sql, [1, *arguments])
    return str(found[0][0]) if found else "null"


def create(url: str) -> Starlette:
    """Nothing stands between the request and its SQL; the database is reached just as the hub reaches it."""
    gc.set_threshold(50_000, 20, 50)
    reader = Reader(url)

    def road(answer: Answering) -> Route:
        async def handler(request: Request) -> Response:
            variables = orjson.loads(await request.body())["variables"]
            text = await answer(reader, UUID(request.headers["x-viewer"]), datetime.now(UTC), variables)
            return Response(f'{{"data":{{"{answer.__name__}":{text}}}}}', media_type="application/json")
        return Route(f"/{answer.__name__}", handler, methods=["POST"])

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await reader.open()
        yield
        await reader.close()

    return Starlette(lifespan=lifespan, routes=[road(plans), road(plan), road(statistics)])
