"""A receipt is written down with the claim of what comes next, and is lost with nothing that fails there."""
import asyncio
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from db.rules.delivery import FactKind
from db.tables.delivery import Delivery
from db.write.delivery import Key
from db.write.find import NOBODY, Who, lock, transaction
from integrations.target import Order
from tests.support.asking import NOW, Asking
from tests.support.changing import rows
from tests.support.posting import Post
from tests.support.receiver import Receiver, Slow

WITHDRAW = "mutation($id: ID!) { withdrawConsent(consentId: $id) { errors { code } } }"


@pytest.fixture
def post(own_town: Asking) -> Post:
    return Post(own_town)


class Broken(Receiver):
    """Can't put together what comes second."""

    def render(self, order: Order) -> bytes:
        if len(self.bodies) == 1:
            raise ValueError("what it can't put together")
        return super().render(order)


async def test_it_is_kept_though_what_comes_next_can_not_be_put_together(post: Post) -> None:
    broken = Broken("fagsystem")
    post.worker = replace(post.worker, targets={"fagsystem": broken})
    again = await post.worker.work(key(post))
    first, second, *_ = await post.said()
    assert (first["state"], first["reference"], first["attempts"]) == (
        "CONFIRMED", "theirs", [{"number": 1, "fault": None, "answer": None}])
    assert (second["state"], second["attempts"]) == (
        "ORDERED", [{"number": 1, "fault": "RETRYABLE", "answer": "ValueError"}])
    assert isinstance(again, datetime) and len(broken.bodies) == 1


async def test_what_a_withdrawal_withholds_meanwhile_does_not_go_out_with_it(post: Post) -> None:
    slow = Slow("fagsystem")
    working = asyncio.create_task(replace(post.worker, targets={"fagsystem": slow}).work(key(post)))
    await asyncio.to_thread(slow.asked.wait, 20)
    await post.town.told("guardian1", WITHDRAW, id=f"Consent:{post.town.town.consent}")
    slow.may.set()
    await working
    told = [(delivery["kind"], delivery["state"]) for delivery in await post.said()]
    assert told[:2] == [("OPENED", "CONFIRMED"), ("OPENED", "CANCELLED")]
    assert [order.kind for order in slow.orders if hasattr(order, "kind")] == [
        FactKind.OPENED, FactKind.WITHDRAWN]


async def test_who_has_the_plan_never_waits_for_a_worker_that_waits_for_it(post: Post) -> None:
    """Both lock the plan first, or PostgreSQL would have to break off one of them."""
    slow = Slow("fagsystem")
    working = asyncio.create_task(replace(post.worker, targets={"fagsystem": slow}).work(key(post)))
    await asyncio.to_thread(slow.asked.wait, 20)
    async with transaction(post.town.writer, NOW, lambda: NOW) as session:
        await lock(session, Who(1, NOBODY, NOW), post.town.town.plan)
        slow.may.set()
        await waited(post)
        await session.execute(select(Delivery).with_for_update(nowait=True))
    await working
    assert [delivery["state"] for delivery in await post.said()][:2] == ["CONFIRMED", "CONFIRMED"]


async def waited(post: Post) -> None:
    """Until the worker waits for a lock."""
    while not rows(post.town, "select from pg_locks where not granted"):
        await asyncio.sleep(0.05)


def key(post: Post) -> Key:
    return Key(1, post.town.town.plan, "fagsystem")
