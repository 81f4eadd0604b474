"""Deliveries through the engine to a loopback target: how many a second, what one costs, and by hand."""
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from db.seal import synthetic
from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.soap import Endpoint
from tests.bench.database import ROOT, settings
from tests.bench.hand import delivery as hand
from tests.bench.process import connected, cpu, free_port, memory
from tests.support.embedded import name_of

CORES = WORKERS = 2
FACTS, BY_HAND = 4, 250  # facts of each plan; plans whose facts are told by hand, twice
PLANS, QUICK = 2_500, 300
RATE = 150.0  # a second by two workers on two cores, PostgreSQL and receiver too, where by hand costs ALONE
ALONE = 4.0  # milliseconds of CPU by hand, where nobody else is at the machine: measured, 3.3 to 4.0
RATIO = 4.0  # of CPU, ours and PostgreSQL's, to that by hand
GROWTH = 20.0  # megabytes of a worker, over all but the first tenth of 10,000
COPY = "deliveries"
# Each plan tells the stafettholder's service, under its consent, that it is there, and then of corrections.
ORDER = """with told as (
    select plan.municipality_id, plan.id, part.unit_id from plan
    join participant part on (part.municipality_id, part.plan_id) = (plan.municipality_id, plan.id)
    where plan.recorded_status = 'ACTIVE' and part.role = 'STAFETTHOLDER' and part.until is null
      and exists (select from consent c where (c.municipality_id, c.plan_id) = (plan.municipality_id, plan.id)
        and c.opened_at <= now() and c.valid_until > now() + interval '1 day' and c.withdrawn_at is null
        and c.superseded_at is null) order by plan.id offset %s limit %s)
  insert into delivery (municipality_id, id, plan_id, unit_id, target, seq, kind, state, ordered_at,
    attempt_count)
  select municipality_id, uuidv7(), id, unit_id, 'fagsystem', n,
    case n when 2 then 'OPENED' else 'CORRECTED' end, 'ORDERED', now(), 0
  from told cross join generate_series(%s::int, %s::int) as n returning municipality_id, plan_id"""
JOB = """insert into procrastinate_jobs (queue_name, task_name, args) values ('deliveries', 'deliver',
  jsonb_build_object('municipality', %s::int, 'plan', %s::text, 'target', 'fagsystem', 'recipient', null))"""
OWNERS = "update person set identity_sealed = %s where id in (select owner_id from plan)"
DONE = "select count(*) from delivery where target = 'fagsystem' and seq > 1 and state = 'CONFIRMED'"
BACKENDS = "select pid from pg_stat_activity where application_name = %s"


@dataclass
class Found:
    """Milliseconds each: by the clock, of the workers' CPU, and of PostgreSQL's and the receiver's for them;
    of all CPU by hand; megabytes that a worker has grown."""
    apart: float
    worker: float
    postgres: float
    receiver: float
    by_hand: float
    growth: float

    @property
    def cpu(self) -> float:
        """Of all that takes part: what two cores can do follows from it."""
        return self.worker + self.postgres + self.receiver

    @property
    def ratio(self) -> float:
        return (self.worker + self.postgres) / self.by_hand

    def told(self) -> str:
        return (f"deliveries: {1000 / self.apart:.0f} a second by {WORKERS} workers; of CPU each: worker "
                f"{self.worker:.2f} ms, PostgreSQL {self.postgres:.2f} ms, receiver {self.receiver:.2f} ms; "
                f"by hand {self.by_hand:.2f} ms; {self.worker / self.cpu:.0%} is ours; {CORES} cores that do "
                f"nothing else could do {1000 * CORES / self.cpu:.0f} a second")

    def limits(self) -> dict[str, tuple[float, float]]:
        """Where others are at the machine all costs more, by hand too: that much more it may cost."""
        slower = max(1.0, self.by_hand / ALONE)
        return {"delivery, ms of CPU in all": (self.cpu, 1000 * CORES / RATE * slower),
                "delivery, as by hand": (self.ratio, RATIO),
                "memory growth, worker": (self.growth, GROWTH)}


def measured(url: str, plans: int) -> Found:
    """On a copy of the benchmark's database."""
    with (copied(url) as copy, TemporaryDirectory() as folder, receiving(Path(folder)) as (receiver, address),
          psycopg.connect(copy, autocommit=True) as connection):
        number_owners(connection)
        before = by_hand(connection, address, 2)
        found = by_engine(copy, connection, receiver, address, plans)
        found.by_hand = (before + by_hand(connection, address, 3)) / 2
    return found


def number_owners(connection: psycopg.Connection[Any]) -> None:
    """With one that could be somebody's, as the contract demands: those that are filled in are nobody's."""
    number = synthetic(date(2014, 1, 1), 0).encode()
    with connection.transaction():
        connection.execute("set local session_replication_role = replica")
        connection.execute(OWNERS, [settings("").seal.close(number, "person.identity_number")])


def by_hand(connection: psycopg.Connection[Any], address: str, seq: int) -> float:
    """Milliseconds of CPU, ours and PostgreSQL's."""
    keys = set(connection.execute(ORDER, [0, BY_HAND, seq, seq]).fetchall())
    seal, target = settings("").seal, SoapFagsystem("fagsystem", Endpoint(address))
    backend = connection.info.backend_pid
    began = time.process_time_ns() / 1e6 + cpu(backend)
    for key in keys:
        assert hand.deliver(connection, seal, target, *key)
    return (time.process_time_ns() / 1e6 + cpu(backend) - began) / len(keys)


def by_engine(url: str, connection: psycopg.Connection[Any], receiver: int, address: str,
              plans: int) -> Found:
    """Once both workers are warm, until nothing is left. RuntimeError where that does not come."""
    keys = set(connection.execute(ORDER, [BY_HAND, plans, 2, FACTS + 1]).fetchall())
    with working(url, address) as workers:
        until(connection, WORKERS, "select count(*) from procrastinate_workers")
        with connection.cursor() as cursor:
            cursor.executemany(JOB, list(keys))
        start = until(connection, BY_HAND + len(keys) * FACTS // 10)
        began, spent, held = time.monotonic(), [*map(cpu, workers)], [*map(memory, workers)]
        theirs, received = postgres(connection), cpu(receiver)
        end = until(connection, BY_HAND + len(keys) * FACTS)
        count = end - start
        return Found(
            (time.monotonic() - began) * 1000 / count,
            sum(cpu(pid) - was for pid, was in zip(workers, spent, strict=True)) / count,
            (postgres(connection) - theirs) / count, (cpu(receiver) - received) / count, 0.0,
            max(memory(pid) - was for pid, was in zip(workers, held, strict=True)))


def until(connection: psycopg.Connection[Any], wanted: int, counting: LiteralString = DONE) -> int:
    """How many are confirmed, once so many are; RuntimeError where none is in half a minute."""
    found, since = -1, time.monotonic()
    while found < wanted:
        time.sleep(0.1)
        row = connection.execute(counting).fetchone()
        if row and row[0] != found:
            found, since = row[0], time.monotonic()
        if time.monotonic() - since > 30:
            raise RuntimeError(f"the deliveries stand still at {found}")
    return found


def postgres(connection: psycopg.Connection[Any]) -> float:
    """Milliseconds of the backends that serve the workers."""
    return sum(cpu(pid) for (pid,) in connection.execute(BACKENDS, [COPY]))


@contextmanager
def copied(url: str) -> Iterator[str]:
    name, drop = name_of(url), sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(COPY))
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as server:
        server.execute(drop)
        server.execute(sql.SQL("create database {} template {}").format(
            sql.Identifier(COPY), sql.Identifier(name)))
        try:
            yield url.replace(f"/{name}?", f"/{COPY}?")
        finally:
            server.execute(drop)


@contextmanager
def receiving(folder: Path) -> Iterator[tuple[int, str]]:
    """The practice fagsystem, which checks all that it is sent: its process, and where it is."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.receive", str(folder), str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        connected(process, port).close()
        yield process.pid, f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def working(url: str, address: str) -> Iterator[list[int]]:
    """By the hub's own command; they mind no clock, which would look after the whole town."""
    known = settings(url)
    with TemporaryDirectory() as folder:
        targets = Path(folder) / "targets.toml"
        targets.write_text(f'[fagsystem]\nkind = "fagsystem/soap"\nurl = "{address}"\n', "utf-8")
        environment = os.environ | {
            "DATABASE_URL": url, "HUB_SEAL_KEYS": known.seal_keys.get_secret_value(),
            "HUB_LOOKUP_KEY": known.lookup_key.get_secret_value(), "HUB_AUDIENCE": known.audience,
            "HUB_PERSONS_ISSUER": "bench", "HUB_PERSONS_JWKS_URL": known.persons_jwks_url,
            "HUB_TARGETS": str(targets), "PGAPPNAME": COPY}
        command = [sys.executable, "-m", "command", "work", "--queues", "deliveries"]
        workers = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(WORKERS)]
        try:
            yield [worker.pid for worker in workers]
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait()
