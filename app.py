"""Settings become one hub: database, targets and schema behind one Starlette app; and the `hub` command."""
import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette

from db.engine import Reader, Writer
from db.migrations import upgrade
from db.rules.table import table
from db.settings import Settings, faults
from integrations.listening import listening
from integrations.registry import Targets, targets
from integrations.tasks import look_after, queued, sweep
from integrations.worker import Worker
from resolvers.context import Hub, Viewer
from resolvers.viewer import person, system
from schema.budget import Budget
from schema.demo import WHO, Demo
from schema.files import Files
from schema.http import middleware, routes
from schema.issuer import Issuer, Kind
from schema.login import Identity, Login
from schema.operation import Answer, Request
from schema.root import schema

log = logging.getLogger("hub")
SKEW = timedelta(seconds=2)
PAUSE = 5  # seconds, before a worker starts again
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
        return await schema.answer(request, hub)

    async def ready() -> None:
        ((there,),) = await reader.rows("select clock_timestamp()", [])
        if abs(there - now()) > SKEW:  # rights end at a moment: the hosts must agree when that is
            raise RuntimeError("The clocks of this host and of the database differ.")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await reader.open()
        try:
            async with working(worker(parts, reader, writer)) if settings.worker else nullcontext():
                yield
        finally:
            await reader.close()
            await writer.close()

    login = Login(parts.issuers, known_to(hub))
    served = [*routes(answer, login, schema.as_str(), ready), *Files(hub, login).routes()]
    return Starlette(routes=served, middleware=middleware(settings.origins), lifespan=lifespan)


def known_to(hub: Hub) -> Callable[[Identity, str | None], Awaitable[Viewer | None]]:
    """Who an identity is in the hub's database."""
    async def find(identity: Identity, municipality: str | None) -> Viewer | None:
        if identity.kind is Kind.PERSON:
            return await person(hub, identity.number, municipality)
        return await system(hub, identity.number, municipality)
    return find


def worker(parts: Parts, reader: Reader, writer: Writer) -> Callable[[], Awaitable[None]]:
    """Works at deliveries until cancelled; finishes what it has begun."""
    settings = parts.settings
    made = Worker(reader, writer, settings.seal, parts.targets, now, settings.public_url,
                  timedelta(seconds=settings.lease_seconds), parts.targets.limits)
    queue = queued(made, settings.database_url)

    async def work() -> None:
        while True:
            try:
                async with queue.open_async(), listening(made), asyncio.TaskGroup() as beside:
                    await sweep(made, queue)
                    beside.create_task(look_after(made))  # may take its time
                    await queue.run_worker_async(
                        concurrency=4, install_signal_handlers=False, delete_jobs="always",
                        shutdown_graceful_timeout=20, fetch_job_polling_interval=2)
                log.error("The worker stopped by itself, and starts again.")  # as if it had been asked to
            except Exception as error:  # noqa: BLE001  the database was away: it comes back, and so do we
                log.error("The worker stopped, and starts again: %s", type(error).__qualname__)
            await asyncio.sleep(PAUSE)
    return work


@asynccontextmanager
async def working(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def now() -> datetime:
    return datetime.now(UTC)


@command.command()
def serve(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the API; with HUB_WORKER=false, `hub work` does the deliveries elsewhere."""
    uvicorn.run(create(ready_to_run()), host=host, port=port, access_log=False, log_level="warning")


@command.command()
def work() -> None:
    """Work at deliveries; as many of these as wanted, on as many machines."""
    parts = ready_to_run()

    async def run() -> None:
        settings = parts.settings
        reader, writer = Reader(settings.database_url, 4), Writer(settings.database_url, 8)
        await reader.open()
        stop = asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        try:
            async with working(worker(parts, reader, writer)):
                await stop.wait()
        finally:
            await reader.close()
            await writer.close()
    asyncio.run(run())


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
