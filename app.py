"""Settings become one hub: database, targets and schema behind one Starlette app; and the `hub` command."""
import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette

from db.engine import Reader, Writer
from db.migrations import upgrade
from db.rules.table import table
from db.settings import Settings, faults
from integrations.metrics import exposed
from integrations.registry import Targets, targets
from integrations.running import Running
from integrations.tasks import QUEUES
from integrations.worker import Worker
from resolvers.context import Hub, Viewer
from resolvers.viewer import person, system
from schema.beside import beside
from schema.budget import Budget
from schema.demo import WHO, Demo
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
SPARE = 4  # a worker's connections for writing beside one for each job: steps, receipts
FLOORS = ("hub", "schema", "resolvers", "integrations", "db")  # all they say is logged; of others, warnings
DEMO = Path(os.environ.get("HUB_DEMO_FOLDER", ".demo"))
command = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="The stafettlogg hub.")


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
               scope=settings.systems_scope)]
    return Parts(settings, (persons, *systems), targets(settings.targets))


def create(parts: Parts | None = None) -> Starlette:
    """The ASGI app."""
    gc.set_threshold(50_000, 20, 50)  # a question makes many short-lived objects: measured, p99 halves
    gc.freeze()  # modules and schema stay: to walk them took 90 ms each time
    settings = (parts := parts or configured()).settings
    reader = Reader(settings.database_url, settings.pool, settings.statement_timeout_ms)
    writer = Writer(settings.database_url, settings.pool, settings.statement_timeout_ms)
    hub = Hub(reader, writer, settings.seal, now, parts.demo, parts.log, Budget().spend, parts.targets,
              settings.public_url)

    async def answer(request: Request) -> Answer:
        return await counted(schema.answer(request, hub))

    async def ready() -> None:
        await reached(reader)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await reader.open()
        try:
            async with running(parts, reader, writer).working() if settings.worker else nullcontext():
                yield
        finally:
            await reader.close()
            await writer.close()

    login = Login(parts.issuers, known_to(hub))
    served = [*routes(answer, login, schema.as_str(), ready), *Files(hub, login).routes()]
    app = Starlette(routes=served, middleware=middleware(settings.origins), lifespan=lifespan)
    app.state.operations = operations(ready, partial(metrics, reader, writer))
    return app


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
                  timedelta(seconds=settings.lease_seconds), parts.targets.limits)
    return Running(made, settings.database_url, queues, settings.at_once)


def now() -> datetime:
    return datetime.now(UTC)


@command.command()
def serve(host: str = "127.0.0.1", port: int = 8000, metrics_host: str = "127.0.0.1",
          metrics_port: Annotated[int | None, typer.Option(help="Where /metrics is.")] = None) -> None:
    """Serve the API; with HUB_WORKER=false, `hub work` does the deliveries elsewhere."""
    hub, place = create(ready_to_run()), opened(metrics_host, metrics_port)
    config = uvicorn.Config(hub, host=host, port=port, access_log=False, log_level="warning")

    async def run() -> None:
        async with beside(hub.state.operations, place):
            await uvicorn.Server(config).serve()
    begin(run())


@command.command()
def work(queues: Annotated[str, typer.Option(help="Of these alone, by comma.")] = ",".join(QUEUES),
         host: str = "127.0.0.1",
         port: Annotated[int | None, typer.Option(help="Where /health and /metrics are.")] = None) -> None:
    """Work at deliveries and by the clock; as many of these as wanted, on as many machines."""
    parts, chosen, place = ready_to_run(), named(queues), opened(host, port)
    settings = parts.settings

    async def run() -> None:
        reader = Reader(settings.database_url, settings.at_once)
        writer = Writer(settings.database_url, settings.at_once + SPARE)
        worker, stop = running(parts, reader, writer, chosen), asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)

        async def ready() -> None:
            await reached(reader)
            worker.check()
        await reader.open()
        try:
            async with beside(operations(ready, partial(metrics, reader, writer)), place), worker.working():
                await stop.wait()
        finally:
            await reader.close()
            await writer.close()
    begin(run())


def begin(run: Coroutine[Any, Any, None]) -> None:
    """In uvicorn's loop, which for a worker's many small statements is faster than the standard library's."""
    with suppress(KeyboardInterrupt), asyncio.Runner(
            loop_factory=uvicorn.Config("").get_loop_factory()) as runner:
        runner.run(run)


def named(queues: str) -> frozenset[str]:
    """Ends where one is not known."""
    chosen = frozenset(filter(None, map(str.strip, queues.split(","))))
    if not chosen or chosen - set(QUEUES):
        refuse(f"The queues are: {', '.join(QUEUES)}.")
    return chosen


def opened(host: str, port: int | None) -> socket.socket | None:
    try:
        return None if port is None else socket.create_server((host, port))
    except OSError as error:
        refuse(f"{host}:{port}: {error.strerror}")


@command.command()
def migrate() -> None:
    """Bring the database of DATABASE_URL to the newest tables."""
    upgrade(os.environ.get("DATABASE_URL") or refuse("DATABASE_URL is not set."))


@command.command("schema")
def print_schema() -> None:
    """Print the schema in SDL."""
    typer.echo(schema.as_str())


@command.command()
def rights() -> None:
    """Print the table of rights: who may do what in a plan, when."""
    typer.echo(table())


@command.command("targets")
def check_targets(file: Annotated[Path | None, typer.Argument(envvar="HUB_TARGETS")] = None) -> None:
    """Tell what is wrong with the file of targets, each fault with its line; else ask each if it is well."""
    try:
        known = targets(file)
    except ValueError as wrong:
        refuse(str(wrong))
    faults = {name: target.check() for name, target in known.items()}
    for name, found in faults.items():
        typer.echo("\n".join(f"{name}: {fault}" for fault in found) or f"{name}: well")
    raise typer.Exit(any(faults.values()))


@command.command()
def demo() -> None:
    """Run the hub with a PostgreSQL of its own, a town of synthetic people, and a practice fagsystem."""
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    made = Demo(DEMO, host, port)
    if made.runs():
        refuse("The demo runs here already.")
    try:
        ports = made.ports()
    except OSError as error:
        refuse(f"{error.strerror}\nThis takes other ports: PORT=8100 make demo")
    if not made.built.exists():
        typer.echo("The first start builds a town of invented people, which takes a little while ...")

    async def run(url: str) -> None:
        settings = made.settings(url)
        await made.populate(settings, now())
        hub = create(Parts(settings, made.issuer.issuers(), targets(settings.targets), demo=True))
        typer.echo(made.welcome())
        await made.serve(hub, ports)

    with made.database() as url:
        asyncio.run(run(url))


@command.command()
def token(name: str, minutes: int = 60) -> None:
    """Print a bearer token for a part of the demo that runs here: owner, guardian1, …, fagsystem."""
    if name not in WHO:
        raise typer.BadParameter(f"These can sign in: {', '.join(WHO)}.")
    made = Demo(DEMO)
    if not made.runs():
        refuse("The demo does not run here: `make demo` starts it.")
    typer.echo(made.token(name, minutes))


def ready_to_run() -> Parts:
    """As the environment says, with a log that is heard; ends with all that is wrong where something is."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for floor in FLOORS:
        logging.getLogger(floor).setLevel(logging.INFO)
    try:
        return configured()
    except ValidationError as wrong:
        refuse("\n".join(faults(wrong)))
    except ValueError as wrong:
        refuse(str(wrong))


def refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)


def main() -> None:
    command()


if __name__ == "__main__":
    main()
