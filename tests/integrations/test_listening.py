"""Deliveries of several calls, and receipts that come by themselves after what they are for was sent."""
import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event
from uuid import UUID, uuid4

import pytest

from db.rules.delivery import DeliveryFault
from db.write.attempt import Claim, NoLonger, claim
from db.write.delivery import Key
from db.write.find import transaction
from integrations.listening import listening
from integrations.target import DeliveryError, Receipt, Sending
from tests.support.asking import NOW, Asking
from tests.support.posting import Post
from tests.support.receiver import Receiver

HOUR = timedelta(hours=1)
HEARD = Receipt(confirmed=False, code="HEARD", again=HOUR)
LEASE = timedelta(seconds=60)


@pytest.fixture
def post(own_town: Asking) -> Post:
    return Post(own_town)


class Steps(Receiver):
    """Comes one call further at each attempt, and breaks off; the third time it is done."""

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        self.bodies.append((body, sending.fact_id))
        if len(sending.steps) == 2:
            return Receipt(confirmed=True, reference=" ".join(sending.steps.values()))
        sending.save(**{f"call{len(sending.steps)}": f"id{len(self.bodies)}"})
        raise DeliveryError(DeliveryFault.RETRYABLE, "broke off")


async def test_an_attempt_goes_on_where_the_last_one_broke_off(post: Post) -> None:
    post.worker = replace(post.worker, targets={"fagsystem": Steps("fagsystem")})
    for n in range(3):
        post.town.now = NOW + n * timedelta(days=1)
        await post.go()
    first = (await post.said())[0]
    assert (first["state"], first["reference"], first["attemptCount"]) == ("CONFIRMED", "id1 id2", 3)
    ((steps,), *_) = await post.town.reader.rows("select steps from delivery where state = 'CONFIRMED'", [])
    assert steps is None, "nothing is kept of what is done"


async def test_a_step_leaves_the_lease_anew_and_one_who_was_taken_over_keeps_none(post: Post) -> None:
    key = Key(1, post.town.town.plan, "fagsystem")
    async with transaction(post.town.writer, NOW) as session:
        late = await claim(session, key, LEASE)
    assert isinstance(late, Claim)
    post.town.now = NOW + LEASE / 2
    await post.worker.keep(late, {"folder": "7"})
    async with transaction(post.town.writer, NOW + LEASE) as session:
        assert await claim(session, key, LEASE) == NOW + LEASE / 2 + LEASE, "it is under way still"
    async with transaction(post.town.writer, NOW + 2 * LEASE) as session:
        taken = await claim(session, key, LEASE)
    assert isinstance(taken, Claim) and taken.steps == {"folder": "7"}
    with pytest.raises(NoLonger):
        await post.worker.keep(late, {"folder": "8"})


async def test_what_is_only_heard_waits_as_long_as_its_target_says(post: Post) -> None:
    post.fagsystem.says = [HEARD]
    await post.go()
    assert (await post.said())[0]["nextAttemptAt"] == (NOW + HOUR).isoformat()


async def test_a_receipt_that_comes_later_confirms_once_and_lets_the_next_one_by(post: Post) -> None:
    post.fagsystem.says = [HEARD]
    await post.go()
    first = (await post.said())[0]
    fact_id = UUID(first["id"].removeprefix("Delivery:"))
    for code in ("STORED", "STORED AGAIN"):
        await post.worker.heard("fagsystem", fact_id, Receipt(confirmed=True, reference="2026/7", code=code))
    await post.go()
    done, following = (await post.said())[:2]
    assert (done["state"], done["reference"], done["attemptCount"]) == ("CONFIRMED", "2026/7", 1)
    assert following["state"] == "CONFIRMED"
    assert [fact for _, fact in post.fagsystem.bodies].count(fact_id) == 1


async def test_a_refusal_that_comes_later_is_not_sent_again_by_itself(post: Post) -> None:
    post.fagsystem.says = [HEARD]
    await post.go()
    fact_id = UUID((await post.said())[0]["id"].removeprefix("Delivery:"))
    refused = DeliveryError(DeliveryFault.PERMANENT, "the title is missing")
    await post.worker.heard("fagsystem", fact_id, refused)
    post.town.now = NOW + 2 * HOUR
    await post.go()
    first = (await post.said())[0]
    assert (first["state"], first["attempts"]) == (
        "REJECTED", [{"number": 1, "fault": "PERMANENT", "answer": "the title is missing"}])


async def test_nobody_confirms_what_was_sent_to_another(post: Post) -> None:
    post.fagsystem.says = [HEARD]
    await post.go()
    sent, never, *_ = [UUID(d["id"].removeprefix("Delivery:")) for d in await post.said()]
    for target, fact_id in (("archive", sent), ("fagsystem", never), ("fagsystem", uuid4())):
        await post.worker.heard(target, fact_id, Receipt(confirmed=True))
    assert [d["state"] for d in await post.said()][:2] == ["ACCEPTED", "ORDERED"]


class Answered(Receiver):
    """Its answer is there before its own call has ended."""

    def __init__(self, name: str, answer: Callable[[UUID], None]) -> None:
        super().__init__(name)
        self.answer = answer

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        self.answer(sending.fact_id)
        return HEARD


async def test_an_answer_that_is_there_before_the_call_has_ended_stands(post: Post) -> None:
    """Else a failure would wait as long as a receipt that never comes."""
    loop = asyncio.get_running_loop()

    def answer(fact_id: UUID) -> None:
        busy = DeliveryError(DeliveryFault.RETRYABLE, "busy", timedelta(minutes=7))
        asyncio.run_coroutine_threadsafe(post.worker.heard("fagsystem", fact_id, busy), loop).result()
    post.worker = replace(post.worker, targets={"fagsystem": Answered("fagsystem", answer)})
    await post.go()
    first = (await post.said())[0]
    assert (first["state"], first["nextAttemptAt"]) == ("ORDERED", (NOW + timedelta(minutes=7)).isoformat())


class Calling(Receiver):
    """Hears of what it is sent from a thread of its own, after it has broken off once."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.sent, self.broken, self.over = Event(), 0, False

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        self.bodies.append((body, sending.fact_id))
        self.sent.set()
        return HEARD

    def listen(self, heard: Callable[[UUID, Receipt | DeliveryError], None], stop: Event) -> None:
        if not self.broken:
            self.broken += 1
            raise ConnectionError
        while not stop.wait(0.01):
            if self.sent.is_set():
                self.sent.clear()
                heard(self.bodies[-1][1], Receipt(confirmed=True, reference="by itself"))
        self.over = True


async def test_a_target_that_listens_is_heard_until_the_worker_stops(
        post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.listening.PAUSE", 0.01)
    calling = Calling("fagsystem")
    post.worker = replace(post.worker, targets={"fagsystem": calling})
    async with listening(post.worker):
        await post.go()
        while (await post.said())[0]["state"] != "CONFIRMED":
            await asyncio.sleep(0.02)
    assert (await post.said())[0]["reference"] == "by itself"
    assert calling.over
