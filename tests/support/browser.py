"""A hub without schema or database behind its HTTP, and a client that says no more than it must."""
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from resolvers.context import Viewer
from schema import http
from schema.login import Reason, Unauthenticated
from schema.operation import Answer, Request
from schema.parameters import JSON

TEACHER = Viewer(4204, UUID(int=1), "nn")
SECRET = "15821210035"  # an identity number of the synthetic series


class Hub:
    """Stands in for schema.execute, schema.login and the database."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.headers: list[tuple[str | None, str | None]] = []
        self.says: Answer | Exception = Answer({"plans": orjson.Fragment(b"[]")})
        self.database: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)
        self.refuses: Reason | None = None

    async def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    async def viewer(self, authorization: str | None, municipality: str | None) -> Viewer:
        self.headers.append((authorization, municipality))
        if authorization is None or self.refuses:
            raise Unauthenticated(self.refuses or Reason.MISSING)
        return TEACHER

    async def ready(self) -> object:
        return await self.database()

    def app(self, *origins: str) -> Starlette:
        async def stumble(_: HttpRequest) -> Response:
            raise LookupError(SECRET)
        routes = http.routes(self.answer, self, "type Query", self.ready)
        return Starlette(routes=[*routes, Route("/stumble", stumble)], middleware=http.middleware(origins))


def client(hub: Hub, *origins: str) -> httpx.AsyncClient:
    """Sends the least that is needed; httpx's own Accept says that it takes anything."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(hub.app(*origins)), base_url="http://hub",
                             headers={"Authorization": "Bearer x"})


async def post(hub: Hub, body: Any = None, **headers: str) -> httpx.Response:
    asked = {"query": "{plans{id}}"} if body is None else body
    content = asked if isinstance(asked, bytes) else orjson.dumps(asked)
    async with client(hub) as browser:
        return await browser.post("/graphql", content=content, headers=raw({"Content_Type": JSON} | headers))


async def get(hub: Hub, path: str = "/graphql", **headers: str) -> httpx.Response:
    async with client(hub) as browser:
        return await browser.get(path, headers=raw(headers))


def raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Of keyword arguments: any bytes can come in a header."""
    return [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]


def code(response: httpx.Response) -> str:
    """Of the one error; a refusal has no data."""
    assert response.json().keys() == {"errors"}
    [error] = response.json()["errors"]
    return str(error["extensions"]["code"])


async def sent(hub: Hub, *parts: bytes | None, **headers: str) -> tuple[list[Any], int]:
    """What is answered to a body in parts (None: the client goes away), and how many of them were read."""
    out: list[Any] = []
    said = {"authorization": "Bearer x", "content_type": JSON, **headers}
    coming = iter(parts)
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        part = next(coming)
        return ({"type": "http.disconnect"} if part is None else
                {"type": "http.request", "body": part, "more_body": read < len(parts)})

    async def send(message: Any) -> None:
        out.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "root_path": "", "query_string": b""}
    await hub.app()(scope | {"headers": raw(said)}, receive, send)
    return out, read
