"""A whole hub on loopback: the served app with its worker, the practice fagsystem and an archive folder."""
import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr
from starlette.types import ASGIApp

from app import Parts, create
from db.seal import synthetic
from db.seeds.parts import Town
from db.settings import Settings
from integrations.archive.folder.target import FolderArchive
from integrations.fagsystem.soap.practice import practice
from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.notice.folder.target import FolderNotices
from integrations.registry import Targets
from integrations.soap import Endpoint
from schema.demo_issuer import DemoIssuer

SEAL_KEYS = "test:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
LOOKUP_KEY = "bGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGw="


class Loopback(uvicorn.Server):
    """A server in the test's own loop, which leaves its signals alone."""

    def __init__(self, app: ASGIApp, door: socket.socket | None = None) -> None:
        self.socket = door or socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        super().__init__(uvicorn.Config(app, log_level="warning", lifespan="on"))

    @asynccontextmanager
    async def up(self) -> AsyncIterator[str]:
        task = asyncio.create_task(self._serve([self.socket]))
        while not self.started:
            await asyncio.sleep(0.01)
        try:
            yield self.url
        finally:  # or a test that fails would wait for ever
            self.should_exit = True
            await task


class Client:
    """Asks over HTTP as somebody."""

    def __init__(self, url: str, issuer: DemoIssuer) -> None:
        self.http, self.issuer = httpx.AsyncClient(base_url=url, timeout=20), issuer
        self.tokens: dict[str, str] = {}

    async def ask(self, pid: str, query: str, **variables: Any) -> Any:
        token = self.tokens.setdefault(pid, self.issuer.token(pid=pid))
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/graphql-response+json"}
        asked = {"query": query, "variables": variables}
        answer = await self.http.post("/graphql", json=asked, headers=headers)
        told = answer.json()
        assert "errors" not in told, told
        return told["data"]

    async def change(self, pid: str, query: str, **variables: Any) -> Any:
        """The payload of a change that must be made."""
        (payload,) = (await self.ask(pid, query, **variables)).values()
        assert payload["errors"] == [], payload
        return payload


@dataclass(frozen=True)
class Served:
    """A hub that is served, on a town whose times are real."""
    client: Client
    folder: Path
    town: Town


@asynccontextmanager
async def running(url: str, folder: Path) -> AsyncIterator[Client]:
    """A client of the hub on the database of `url`; what its targets get lies in the folder."""
    issuer, archive, notices = DemoIssuer("hub"), folder / "archive", folder / "notices"
    archive.mkdir()
    notices.mkdir()
    fagsystem = Loopback(practice(folder / "fagsystem"))
    async with fagsystem.up() as practice_url:
        settings = Settings(
            database_url=url, seal_keys=SecretStr(SEAL_KEYS), lookup_key=SecretStr(LOOKUP_KEY),
            audience="hub", persons_issuer="x", persons_jwks_url="https://x.invalid", pool=4)
        targets = Targets({"archive": FolderArchive("archive", archive),
                           "notices": FolderNotices("notices", notices),
                           "fagsystem": SoapFagsystem("fagsystem", Endpoint(practice_url + "/"))})
        async with Loopback(create(Parts(settings, issuer.issuers(), targets, demo=True))).up() as hub_url:
            client = Client(hub_url, issuer)
            yield client
            await client.http.aclose()


def fresh_number(day: Any, nth: int = 5) -> str:
    return synthetic(day, nth)
