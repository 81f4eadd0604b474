"""Workers are killed amid deliveries: nothing is lost, nothing passes another, a repeat has the same id."""
import asyncio
import multiprocessing
import os
import random
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree
from procrastinate import App
from pydantic import SecretStr
from sqlalchemy import func, select
from starlette.types import ASGIApp, Receive, Scope, Send

import app
import command
from db.engine import Reader, Writer
from db.migrations import upgrade
from db.rules.delivery import DeliveryState, FactKind
from db.rules.words import PlanType
from db.seal import Seal, synthetic
from db.seeds.parts import Targets as Named, Town, build, found, signed
from db.settings import Settings
from db.tables.delivery import Delivery, DeliveryAttempt
from db.write import delivery, person, plan
from db.write.find import Who, transaction
from integrations import running
from integrations.fagsystem.soap.practice import practice
from integrations.registry import Targets
from tests.support.embedded import Server
from tests.support.hub import LOOKUP_KEY, SEAL_KEYS, Loopback

PLANS, FACTS, KILLS = 20, 10, 5


class Overheard:
    """Every message that reached the practice fagsystem, before it is answered: (planRef, seq, factId)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.heard = app, list[tuple[str, int, str]]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        message = await receive()
        tree = etree.fromstring(message["body"])
        said = {etree.QName(node).localname: node.text for node in tree.iter("*")}
        self.heard.append((str(said["planRef"]), int(str(said["seq"])), str(said["factId"])))

        async def again() -> Any:
            return message
        await asyncio.sleep(0.02)  # long enough to be killed in
        await self.app(scope, again, send)


async def ordered(writer: Writer, seal: Seal, town: Town) -> None:
    """Plans of their own, each opened and then corrected again and again: 200 facts for one target."""
    now = datetime.now(UTC)
    who = Who(town.municipality, town.persons["stafettholder"], now - timedelta(days=1))
    school, guardian = town.units["Nordmo skole"], town.persons["guardian1"]
    for n in range(PLANS):
        born = date(2015, 1, 1) + timedelta(days=n)
        async with transaction(writer, who.now) as session:
            child = person.PersonDraft(synthetic(born, 0), f"Barn {n}", born)
            owner = await person.found_or_registered(session, who, seal, child)
            made = await plan.create(session, who, plan.PlanDraft(
                PlanType.STAFETTLOGG, school, owner.id, f"B{n}", (guardian,),
                who.person, 1, date(2026, 1, 1)))
        await signed(writer, who, made.id, frozenset({guardian}), (), now + timedelta(days=30))
        async with transaction(writer, who.now) as session:
            about = await found(session, who, made.id)
            for _ in range(FACTS - 1):
                await delivery.order(session, who, about, Delivery(
                    target="fagsystem", kind=FactKind.CORRECTED, unit_id=school))


PROCESSES = multiprocessing.get_context("forkserver")  # which has loaded the hub once for all of them
PROCESSES.set_forkserver_preload(["command"])


def work(environment: dict[str, str], *options: str) -> None:
    os.environ.update(environment)
    command.command(["work", *options])


def settings(url: str) -> dict[str, str]:
    """The environment of a worker."""
    return {"DATABASE_URL": url, "HUB_SEAL_KEYS": SEAL_KEYS, "HUB_LOOKUP_KEY": LOOKUP_KEY,
            "HUB_AUDIENCE": "hub", "HUB_PERSONS_ISSUER": "x", "HUB_PERSONS_JWKS_URL": "https://x.invalid"}


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[None]:
    """A worker of its own process, by the hub's own command."""
    process = PROCESSES.Process(target=work, args=(environment,))
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


async def until_confirmed(writer: Writer, wanted: int) -> None:
    """Until that many deliveries to the fagsystem are confirmed; TimeoutError after a minute and a half."""
    count = select(func.count()).select_from(Delivery).where(
        Delivery.target == "fagsystem", Delivery.state == DeliveryState.CONFIRMED)
    async with asyncio.timeout(90):
        while True:
            async with transaction(writer, datetime.now(UTC)) as session:
                if (await session.scalar(count) or 0) >= wanted:
                    return
            await asyncio.sleep(0.02)


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    url = postgres.fresh()
    upgrade(url)
    yield url
    postgres.drop(url)


@pytest.fixture
async def writer(url: str) -> AsyncIterator[Writer]:
    writer = Writer(url, 2)
    yield writer
    await writer.close()


async def test_nothing_is_lost_when_workers_are_killed(url: str, writer: Writer, tmp_path: Path) -> None:
    seal = Seal.from_text(SEAL_KEYS, LOOKUP_KEY)
    town = await build(writer, seal, datetime.now(UTC), targets=Named("fagsystem"))
    await ordered(writer, seal, town)
    overheard = Overheard(practice(tmp_path))
    async with Loopback(overheard).up() as address:
        targets = tmp_path / "targets.toml"
        targets.write_text(f'[fagsystem]\nkind = "fagsystem/soap"\nurl = "{address}/"\n', "utf-8")
        environment = {**settings(url), "HUB_TARGETS": str(targets), "HUB_LEASE_SECONDS": "1"}
        for kill in range(KILLS):
            wanted = (kill + 1) * PLANS * FACTS // (KILLS + 2)
            with worker(environment):
                await until_confirmed(writer, wanted)
                await asyncio.sleep(random.random() / 10)
        with worker(environment):
            await until_confirmed(writer, PLANS * FACTS + 2)  # the town's own plan told two services
    assert await cut_off(writer) > 0, "no worker was killed in the middle of anything"
    check(overheard.heard)


async def test_a_worker_says_how_it_is_and_ends_when_it_is_told_to(url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = PROCESSES.Process(
        target=work, args=(settings(url), "--queues", "deliveries", "--port", str(port)))
    process.start()
    try:
        async with asyncio.timeout(30), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            while not await ready(client):
                await asyncio.sleep(0.1)
            assert "hub_queue_polls_total" in (await client.get("/metrics")).text
        process.terminate()
        process.join(20)
        assert process.exitcode == 0
    finally:
        process.kill()


async def ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).status_code == 200
    except httpx.ConnectError:
        return False


async def test_a_worker_that_stops_by_itself_starts_again(
        url: str, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Procrastinate ends a worker, as if it had been asked to, when the database was away for a moment."""
    runs, again = list[App](), asyncio.Event()

    async def run(queue: App, **_: Any) -> None:
        runs.append(queue)
        if len(runs) == 2:
            again.set()
            await asyncio.sleep(60)
    monkeypatch.setattr(App, "run_worker_async", run)
    monkeypatch.setattr(running, "PAUSE", 0)
    known = Settings(
        database_url=url, seal_keys=SecretStr(SEAL_KEYS), lookup_key=SecretStr(LOOKUP_KEY), audience="hub",
        persons_issuer="x", persons_jwks_url="https://x.invalid")
    async with app.running(app.Parts(known, (), Targets({})), Reader(url, 1), writer).working():
        await asyncio.wait_for(again.wait(), 20)


async def cut_off(writer: Writer) -> int:
    """The attempts that were begun and never ended."""
    async with transaction(writer, datetime.now(UTC)) as session:
        return await session.scalar(select(func.count()).select_from(DeliveryAttempt).where(
            DeliveryAttempt.milliseconds.is_(None))) or 0


def check(heard: list[tuple[str, int, str]]) -> None:
    """Per plan reference: a fact is repeated with its id or followed by the next, never passed by one."""
    by_plan: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for ref, seq, fact in heard:
        by_plan[ref].append((seq, fact))
    full = [facts for facts in by_plan.values() if len({seq for seq, _ in facts}) == FACTS]
    assert len(full) == PLANS, "every plan told all its facts"
    for facts in full:
        assert [seq for seq, _ in facts] == sorted(seq for seq, _ in facts)
        assert len(set(facts)) == FACTS, "a repeat carries the same id"
