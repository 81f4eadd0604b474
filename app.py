"""Settings become one hub: database, targets and schema behind one Starlette app."""
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from starlette.applications import Starlette

from db.engine import Reader, Writer
from db.settings import Settings
from integrations.metrics import exposed
from integrations.registry import Targets, targets
from integrations.running import Running
from integrations.tasks import QUEUES
from integrations.worker import Worker
from resolvers.context import Hub, Viewer
from resolvers.viewer import person, system
from schema.budget import Budget
from schema.fhir.routes import Fhir
from schema.files import Files
from schema.health import operations
from schema.http import middleware, routes
from schema.issuer import Issuer, Kind
from schema.login import Identity, Login
from schema.metrics import counted
from schema.operation import Answer, Request
from schema.root import schema

log = logging.getLogger("hub")
SKEW = timedelta(seconds=2)


@dataclass(frozen=True)
class Parts:
    """What `app` puts together; the demo brings some of its own."""
    settings: Settings
    issuers: tuple[Issuer, ...]
    targets: Targets
    demo: bool = False
    log: bool = True  # the access log: the benchmark measures without it, too


def configured() -> Parts:
    """From the environment. ValueError tells what is wrong with the settings, an issuer or the targets."""
    settings = Settings()
    persons = Issuer(settings.persons_issuer, settings.audience, Kind.PERSON,
                     jwks_url=settings.persons_jwks_url, acr=frozenset(settings.acr),
                     signing_acr=frozenset(settings.signing_acr))
    systems = [] if settings.systems_issuer is None else [
        Issuer(settings.systems_issuer, settings.audience, Kind.SYSTEM, jwks_url=settings.systems_jwks_url,
               scope=settings.systems_scope, write_scope=settings.systems_write_scope)]
    return Parts(settings, (persons, *systems), targets(settings.targets))


def create(parts: Parts | None = None) -> Starlette:
    """The ASGI app."""
    collect_seldom()
    settings = (parts := parts or configured()).settings
    of = (settings.database_url, settings.pool, settings.statement_timeout_ms)
    reader, writer = Reader(*of), Writer(*of)
    hub = Hub(reader, writer, settings.seal, now, parts.demo, parts.log, Budget().spend, parts.targets,
              settings.public_url)

    worker = running(parts, reader, writer) if settings.worker else None

    async def answer(request: Request) -> Answer:
        return await counted(schema.answer(request, hub))

    login, ready = Login(parts.issuers, known_to(hub)), partial(reached, reader)
    served = [*routes(answer, login, schema.as_str(), ready), *Files(hub, login).routes(),
              *Fhir(hub, login).routes()]
    app = Starlette(routes=served, middleware=middleware(settings.origins),
                    lifespan=lambda _: alive(reader, writer, worker))
    app.state.operations = operations(ready, partial(metrics, reader, writer))
    app.state.reread = partial(reread, parts, worker)
    return app


def collect_seldom() -> None:
    gc.set_threshold(50_000, 20, 50)  # a question makes many short-lived objects: measured, p99 halves
    gc.freeze()  # modules and schema stay: to walk them took 90 ms each time


@asynccontextmanager
async def alive(reader: Reader, writer: Writer, worker: Running | None) -> AsyncIterator[None]:
    await reader.open()
    try:
        async with worker.working() if worker else nullcontext():
            yield
    finally:
        await reader.close()
        await writer.close()


def reread(parts: Parts, worker: Running | None) -> None:
    """The targets' file anew; while anything is wrong in it, all stays as it was."""
    try:
        parts.targets.become(targets(parts.settings.targets))
    except ValueError as wrong:
        log.error("The targets stay as they were:\n%s", wrong)
        return
    log.info("The targets are read anew.")
    if worker is not None:
        worker.restart()


async def reached(reader: Reader) -> None:
    """Raises where the database can't be asked, or its clock is another."""
    ((there,),) = await reader.rows("select clock_timestamp()", [])
    if abs(there - now()) > SKEW:  # rights end at a moment: the hosts must agree when that is
        raise RuntimeError("The clocks of this host and of the database differ.")


async def metrics(reader: Reader, writer: Writer) -> bytes:
    return await exposed(reader, writer, now())


def known_to(hub: Hub) -> Callable[[Identity, str | None], Awaitable[Viewer | None]]:
    """Who an identity is in the hub's database."""
    async def find(identity: Identity, municipality: str | None) -> Viewer | None:
        if identity.kind is Kind.PERSON:
            return await person(hub, identity.number, municipality)
        return await system(hub, identity.number, municipality)
    return find


def running(parts: Parts, reader: Reader, writer: Writer, queues: Collection[str] = QUEUES) -> Running:
    """A worker, which begins when it is told to."""
    settings = parts.settings
    made = Worker(reader, writer, settings.seal, parts.targets, now, settings.public_url,
                  timedelta(seconds=settings.lease_seconds), parts.targets.limits, parts.targets.serves)
    return Running(made, settings.database_url, queues, settings.at_once)


def now() -> datetime:
    return datetime.now(UTC)
