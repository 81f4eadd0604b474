"""Workers on queues of their choice: what the clock brings is done once, what one leaves another takes up."""
import asyncio
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import typer

from command import named
from db.write.attempt import Claim, claim
from db.write.coverage import tell_holder
from db.write.delivery import Key
from db.write.find import NOBODY, Who, lock, transaction
from integrations import tasks
from integrations.pulse import Pulse
from integrations.running import Running
from integrations.tasks import CLOCK, DELIVERIES, QUEUES, queued
from integrations.worker import Worker
from tests.support.asking import NOW, Asking
from tests.support.changing import rows
from tests.support.posting import Post
from tests.support.receiver import Slow

LEASE = timedelta(seconds=60)
DOING = "select from procrastinate_jobs where status = 'doing'"


@pytest.fixture
def post(own_town: Asking) -> Post:
    return Post(own_town)


def running(post: Post, *queues: str) -> Running:
    """One with a pulse of its own, as on a machine of its own."""
    return Running(replace(post.worker, pulse=Pulse()), post.town.url, queues or QUEUES)


async def until_told(post: Post) -> None:
    """Until nothing waits for the fagsystem."""
    async with asyncio.timeout(20):
        while {delivery["state"] for delivery in await post.said()} - {"CONFIRMED", "CANCELLED"}:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(("given", "taken"), [
    ("deliveries", {DELIVERIES}), ("clock, deliveries", {CLOCK, DELIVERIES}), (" clock,", {CLOCK})])
def test_a_worker_takes_the_queues_that_it_is_given(given: str, taken: set[str]) -> None:
    assert named(given) == taken


@pytest.mark.parametrize("given", ["", "archive", "deliveries,clocks"])
def test_no_worker_waits_for_a_queue_that_does_not_exist(
        given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        named(given)
    assert capsys.readouterr().err == "The queues are: deliveries, clock.\n"


async def test_what_the_clock_brings_is_done_once_however_many_workers_there_are(
        post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """At its start each defers what was due last; the database takes it from the first alone."""
    done = Counter[str]()

    def counted(name: str) -> None:
        async def act(*_: object) -> None:
            done[name] += 1
        monkeypatch.setattr(tasks, name, act)
    counted("sweep")
    counted("look_after")
    started = time.time()
    async with running(post).working(), running(post).working(), running(post, CLOCK).working():
        async with asyncio.timeout(20):
            while len(done) < 2:
                await asyncio.sleep(0.05)
        await asyncio.sleep(2)  # in which a second one would have been done
    sweeps, minutes = (1 + int(time.time() // every - started // every) for every in (15, 60))
    assert 1 <= done["sweep"] <= sweeps
    assert 1 <= done["look_after"] <= minutes


async def test_one_that_minds_the_clock_alone_delivers_nothing(post: Post) -> None:
    async with running(post, CLOCK).working():
        async with asyncio.timeout(20):
            while not rows(post.town, "select from target where measured_at is not null"):
                await asyncio.sleep(0.05)
    assert post.fagsystem.bodies == []


async def test_one_that_takes_deliveries_alone_minds_no_clock(post: Post) -> None:
    async with running(post, DELIVERIES).working():
        await until_told(post)
    assert rows(post.town, "select from target where measured_at is not null") == []


async def test_what_a_dead_machine_was_at_is_taken_over(post: Post) -> None:
    key, queue = Key(1, post.town.town.plan, "fagsystem"), queued(post.worker, post.town.url)
    async with queue.open_async():
        dead = await queue.job_manager.register_worker()
        while await queue.job_manager.fetch_job(None, dead):
            pass
        async with transaction(post.town.writer, NOW - 2 * LEASE) as session:
            assert isinstance(await claim(session, key, LEASE), Claim)
        await queue.connector.execute_query_async(
            "update procrastinate_workers set last_heartbeat = now() - interval '1 minute'")
        assert rows(post.town, DOING)
    async with running(post).working():
        await until_told(post)
    assert (await post.said())[0]["attemptCount"] == 2, "it may have landed: the same is sent again"
    assert rows(post.town, DOING) == []


async def test_one_that_is_told_to_stop_finishes_what_it_has_begun_and_begins_no_more(post: Post) -> None:
    slow = Slow("fagsystem")
    post.worker = replace(post.worker, targets={**post.worker.targets, "fagsystem": slow})
    stopping = running(post)
    async with stopping.working():
        while not slow.asked.is_set():
            await asyncio.sleep(0.02)
        stopping.check()
        asyncio.get_running_loop().call_later(0.3, slow.may.set)
    with pytest.raises(RuntimeError):
        stopping.check()
    assert len(slow.bodies) == 1
    assert [delivery["state"] for delivery in await post.said()][:2] == ["CONFIRMED", "ORDERED"]
    async with running(post, DELIVERIES).working():  # no sweep is needed
        await until_told(post)


async def test_one_whose_attempts_all_hang_is_not_well(
        post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    worker: Worker = post.worker
    assert worker.pulse.well
    monkeypatch.setattr("integrations.pulse.LATELY", 0)
    assert not worker.pulse.well


async def test_what_is_ordered_while_the_last_is_sent_wakes_a_worker_of_its_own(post: Post) -> None:
    slow, key = Slow("fagsystem"), Key(1, post.town.town.plan, "fagsystem")
    await post.go()
    rows(post.town, "delete from procrastinate_jobs returning id")
    worker = replace(post.worker, targets={"fagsystem": slow})
    async with transaction(post.town.writer, NOW, lambda: NOW) as session:
        who = Who(1, NOBODY, NOW)
        await tell_holder(session, who, await lock(session, who, key.plan or NOBODY))
    rows(post.town, "delete from procrastinate_jobs returning id")
    rows(post.town, "update delivery set state = 'CONFIRMED' where seq = (select max(seq) from delivery "
                    "where target = 'fagsystem') and target = 'fagsystem' returning id")
    sending = asyncio.create_task(worker.work(key))
    await asyncio.to_thread(slow.asked.wait, 20)
    async with transaction(post.town.writer, NOW, lambda: NOW) as session:
        await tell_holder(session, who, await lock(session, who, key.plan or NOBODY))
    slow.may.set()
    assert await sending is None and len(slow.bodies) == 1
    waiting = "select from procrastinate_jobs where args->>'target' = 'fagsystem'"
    assert len(rows(post.town, waiting)) == 1, "by the order itself"
    await worker.work(key)
    assert len(slow.bodies) == 3
