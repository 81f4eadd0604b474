"""A target is given no more than it takes, from all workers together, and everything in the end."""
import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import select, update

from db.rules.target import KEPT, Limits
from db.tables.delivery import Delivery, DeliveryAttempt
from db.write.delivery import Key
from db.write.due import due, following
from db.write.find import transaction
from integrations.target import Receipt, Sending
from tests.integrations.test_notices import Office, carried
from tests.support.asking import NOW, Asking
from tests.support.changing import rows
from tests.support.receiver import Receiver

PARTS = ("guardian1", "guardian2", "stafettholder", "nurse")


class Crowded(Receiver):
    """Counts how many it is given, and answers none before the test says so."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.given, self.may = list[UUID](), Event()

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        self.given.append(sending.fact_id)
        assert self.may.wait(20)
        return super().deliver(body, sending)


@pytest.fixture
async def office(own_town: Asking) -> AsyncIterator[Office]:
    async with carried(own_town, "sms", None):
        made = Office(own_town)
        await made.tell(*PARTS)
        woken(made)
        yield made


def limited(office: Office, limits: Limits) -> None:
    office.worker = replace(office.worker, limits={"sms": limits})


async def waiting(office: Office) -> list[Key]:
    async with transaction(office.town.writer, office.town.now) as session:
        return [key for key in await due(session, office.town.now, office.worker.limits) if key.recipient]


def woken(office: Office) -> list[str]:
    """Takes out of the queue whom its jobs are for."""
    query = "delete from procrastinate_jobs returning coalesce(args->>'recipient', '')"
    return [recipient for (recipient,) in rows(office.town, query) if recipient]


@pytest.mark.parametrize("most", [1, 2])
async def test_no_more_are_under_way_than_it_takes_at_once(office: Office, most: int) -> None:
    crowded = Crowded("sms")
    office.worker.targets["sms"] = crowded  # type: ignore[index]
    everybody = await waiting(office)
    assert len(everybody) == len(PARTS)
    limited(office, Limits(at_once=most))
    others = replace(office.worker)
    asked = [asyncio.create_task(worker.work(key))
             for key in everybody for worker in (office.worker, others)]
    async with asyncio.timeout(20):
        while sum(task.done() for task in asked) < len(asked) - most or len(crowded.given) < most:
            await asyncio.sleep(0.02)
    assert len(crowded.given) == most, "and all the others were told to wait"
    crowded.may.set()
    await asyncio.gather(*asked)
    assert len(crowded.bodies) == most
    assert len(await waiting(office)) == min(most, len(PARTS) - most)
    assert woken(office), "who is done wakes the next"


async def test_each_that_is_done_wakes_the_one_that_has_waited_longest(office: Office) -> None:
    limited(office, Limits(at_once=1))
    (first,) = await waiting(office)
    seen = [first]
    while len(seen) < len(PARTS):
        await office.worker.work(seen[-1])
        (recipient,) = woken(office)
        async with transaction(office.town.writer, NOW) as session:
            (key,) = await following(session, NOW, "sms")
        assert str(key.recipient) == recipient
        seen.append(key)
    await office.worker.work(seen[-1])
    assert len(set(seen)) == len(PARTS) == len(office.sms.bodies) and not await waiting(office)


async def test_who_died_with_one_under_way_takes_no_room_for_ever(office: Office) -> None:
    limited(office, Limits(at_once=1))
    (first,) = await waiting(office)
    async with transaction(office.town.writer, NOW) as session:
        await session.execute(update(Delivery).where(Delivery.recipient_id == first.recipient).values(
            state="SENT", attempt_count=1, leased_until=NOW + timedelta(minutes=1)))
        second = next(iter(await following(session, NOW, "sms")))
    await office.worker.work(second)
    assert office.sms.bodies == []
    office.town.now += timedelta(minutes=1)
    await office.worker.work(second)
    assert len(office.sms.bodies) == 1


async def test_they_go_out_evenly_over_the_minute_and_each_at_a_turn_of_its_own(office: Office) -> None:
    everybody = await waiting(office)
    limited(office, Limits(per_minute=6))
    step = timedelta(seconds=10)
    assert [await office.worker.work(key) for key in everybody] == [
        None, *(NOW + n * step for n in range(1, len(PARTS)))]
    assert [await office.worker.work(key) for key in everybody[1:]] == [
        NOW + n * step for n in range(1, len(PARTS))], "asked again, each keeps its turn"
    assert await waiting(office) == []
    for n, key in enumerate(everybody[1:], 1):
        office.town.now = NOW + n * step
        assert await waiting(office) == [key]
        await office.worker.work(key)
    async with transaction(office.town.writer, NOW) as session:
        moments = list(await session.scalars(select(DeliveryAttempt.started_at).order_by(
            DeliveryAttempt.started_at)))
    assert moments == [NOW + n * step for n in range(len(PARTS))]


async def test_turns_that_were_not_used_are_given_anew(office: Office) -> None:
    """Else all of them would go out at once when a target is resumed."""
    everybody = await waiting(office)
    limited(office, Limits(per_minute=6))
    for key in everybody:
        await office.worker.work(key)
    office.town.now = NOW + 2 * KEPT
    again = [await office.worker.work(key) for key in everybody[1:]]
    assert again == [None, *(office.town.now + n * timedelta(seconds=10) for n in range(1, len(PARTS) - 1))]
