"""The `hub` command: to serve, to work, and what else is done from a shell."""
import asyncio
import logging
import os
import signal
import socket
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from pydantic import ValidationError

from app import Parts, collect_seldom, configured, create, metrics, now, reached, reread, running
from db.engine import Reader, Writer
from db.migrations import upgrade
from db.rules.table import table
from db.settings import faults
from integrations.registry import targets
from integrations.tasks import QUEUES
from schema.beside import beside
from schema.demo import WHO, Demo
from schema.health import operations
from schema.root import schema

SPARE = 4  # a worker's connections for writing beside one for each job: steps, receipts
FLOORS = ("hub", "schema", "resolvers", "integrations", "db")  # all they say is logged; of others, warnings
DEMO = Path(os.environ.get("HUB_DEMO_FOLDER", ".demo"))
command = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="The stafettlogg hub.")


@command.command()
def serve(host: str = "127.0.0.1", port: int = 8000, metrics_host: str = "127.0.0.1",
          metrics_port: Annotated[int | None, typer.Option(help="Where /metrics is.")] = None) -> None:
    """Serve the API; with HUB_WORKER=false, `hub work` does the deliveries elsewhere."""
    hub, place = create(ready_to_run()), opened(metrics_host, metrics_port)
    config = uvicorn.Config(hub, host=host, port=port, access_log=False, log_level="warning")

    async def run() -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hub.state.reread)
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
    collect_seldom()

    async def run() -> None:
        reader = Reader(settings.database_url, settings.at_once)
        writer = Writer(settings.database_url, settings.at_once + SPARE)
        worker, stop = running(parts, reader, writer, chosen), asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, partial(reread, parts, worker))

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
