"""A delivery: claim → pack as the recipient may see → one attempt → write down."""
import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from db.engine import Reader, Writer, Writing
from db.rules.delivery import DeliveryFault, DeliveryState, FactKind, Next, next_attempt
from db.rules.errors import Refused
from db.rules.target import UNLIMITED, Limits, Serves
from db.seal import Seal
from db.tables.delivery import Delivery
from db.write import delivery as ordered
from db.write.attempt import Claim, NoLonger, Outcome, begun, choose, claim, still, take
from db.write.delivery import Key
from db.write.due import following
from db.write.find import transaction
from db.write.receipt import finish, keep, sent
from integrations.metrics import attempted, attempting
from integrations.pack import packed
from integrations.pulse import Pulse
from integrations.target import UNKNOWN, DeliveryError, Receipt, Sending, Target

SEALED_AS = "delivery.body"
AGAIN = timedelta(minutes=5)  # when to ask again for a business receipt that was not there yet
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """What came of an attempt, and when."""
    held: Claim
    outcome: Outcome
    at: datetime

    @property
    def simple(self) -> bool:
        """A receipt that changes nothing but its delivery: it may wait for the next of its key."""
        return (self.outcome.confirmed and self.held.well and not self.held.last
                and self.held.kind is not FactKind.ARCHIVED)


@dataclass(frozen=True)
class Worker:
    """What a worker needs; as many as wanted work on one database."""
    reader: Reader
    writer: Writer
    seal: Seal
    targets: Mapping[str, Target]
    clock: Callable[[], datetime]
    hub_url: str
    lease: timedelta
    limits: Mapping[str, Limits] = field(default_factory=dict)  # of targets that take only so much
    serves: Mapping[str, Serves] = field(default_factory=dict)  # whose the targets are
    pulse: Pulse = field(default_factory=Pulse)

    async def work(self, key: Key) -> datetime | None:
        """All of one key that can go out, in order; when to look again, if something waits."""
        limits, receipt = self.limits.get(key.target, UNLIMITED), None
        while not self.pulse.stopping:
            self.pulse.beat()
            held, body = await self.next(key, limits, receipt)
            if not isinstance(held, Claim):
                return held
            with attempting(key.target):
                outcome = await self.attempt(held, body)
            attempted(key.target, outcome)
            receipt = Taken(held, outcome, self.clock())
            if not receipt.simple or limits != UNLIMITED:
                await self.finish(receipt, limits)
                receipt = None
            if held.last and outcome.confirmed:
                return None
        if receipt:
            await self.finish(receipt, limits)
        return self.clock()  # another goes on

    async def finish(self, taken: Taken, limits: Limits) -> None:
        """Written down by itself; where only so much is under way at once, the next has its turn."""
        async with transaction(self.writer, self.clock()) as session:
            await finish(session, taken.held, taken.outcome, taken.at)
            if limits.at_once is not None:
                await ordered.wake(session, await following(session, self.clock(), taken.held.key.target))

    async def next(self, key: Key, limits: Limits,
                   taken: Taken | None = None) -> tuple[Claim | datetime | None, bytes | None]:
        """What is next of a key, and what is sent: claimed, checked and put together in one transaction, in
        which the receipt of the one before it is written down.

        A version for the archive takes too long for that, and where a target takes only so much, the others
        wait for the claim. What fails is claimed alone: the attempt does the same, and writes down why."""
        target = self.targets.get(key.target) if limits == UNLIMITED else None
        try:
            async with transaction(self.writer, self.clock(), self.clock) as session:
                if taken:
                    await begun(session, key)
                    await finish(session, taken.held, taken.outcome, taken.at)
                held = await choose(session, key, self.lease, limits)
                if not isinstance(held, Claim):
                    return held, None
                if held.kind is FactKind.ARCHIVED or target is None:
                    await take(session, held, self.lease)
                    return held, None
                delivery = await session.get_one(Delivery, (key.municipality, held.id))
                body = await self.rendered(session, delivery, target)
                kept = () if held.kind is FactKind.NOTICE else self.kept(body)
                await take(session, held, self.lease, *kept)
                return held, body
        except Exception as error:  # noqa: BLE001  its text may hold what was to be sent
            log.info("A delivery to %s is claimed again: %s", key.target, type(error).__qualname__)
        if taken:
            await self.finish(taken, limits)
        async with transaction(self.writer, self.clock(), self.clock) as session:
            return await claim(session, key, self.lease, limits), None

    async def attempt(self, held: Claim, body: bytes | None = None) -> Outcome:
        """One attempt, and what follows it. Nothing is raised: a fault of ours is one more attempt, too."""
        started = time.monotonic()
        said: Receipt | DeliveryError
        try:
            said = await self.send(held, body)
        except NoLonger as ended:
            return Outcome(_since(started), None, cancelled=ended.reason)
        except DeliveryError as error:
            said = error
        except Refused as refused:
            said = DeliveryError(DeliveryFault.PERMANENT, refused.problems[0].code)
        except Exception as error:  # noqa: BLE001  one more attempt; its text may hold what was sent
            log.error("Delivery %s: %s", held.id, type(error).__qualname__)
            said = DeliveryError(DeliveryFault.RETRYABLE, type(error).__qualname__)
        return self.outcome(held, said, _since(started))

    def outcome(self, held: Claim, said: Receipt | DeliveryError, milliseconds: int | None = None) -> Outcome:
        """Only a business receipt confirms; what has only been heard is sent again."""
        if isinstance(said, DeliveryError):
            jitter = random.random()  # noqa: S311  no secret
            then = next_attempt(said.fault, held.attempt, self.clock(), jitter, said.retry_after)
            return Outcome(milliseconds, said.message, fault=said.fault, then=then)
        if said.confirmed:
            return Outcome(milliseconds, said.code, confirmed=True, reference=said.reference)
        then = Next(DeliveryState.ACCEPTED, self.clock() + (said.again or AGAIN))
        return Outcome(milliseconds, said.code, then=then, due=said.due)

    async def heard(self, target: str, fact_id: UUID, said: Receipt | DeliveryError) -> None:
        """A receipt that came by itself, some time after the attempt that it is for."""
        async with transaction(self.writer, self.clock(), self.clock) as session:
            held = await sent(session, target, fact_id)
            if held is None:
                log.warning("%s: a receipt for what it was never sent", target)
                return
            await finish(session, held, self.outcome(held, said), self.clock())
            await ordered.wake(session, [held.key])  # what it held back may go on

    async def send(self, held: Claim, body: bytes | None) -> Receipt:
        target = self.targets.get(held.key.target)
        if target is None:
            raise DeliveryError(DeliveryFault.RETRYABLE, UNKNOWN)
        body, loop = body or await self.body(held, target), asyncio.get_running_loop()

        def kept(steps: Mapping[str, str]) -> None:
            asyncio.run_coroutine_threadsafe(self.keep(held, dict(steps)), loop).result()
        return await asyncio.to_thread(target.deliver, body, Sending(held.id, dict(held.steps), kept))

    async def keep(self, held: Claim, steps: Mapping[str, str]) -> None:
        self.pulse.beat()
        async with transaction(self.writer, self.clock(), self.clock) as session:
            await keep(session, held, steps, self.lease)

    async def body(self, held: Claim, target: Target) -> bytes:
        """What is sent, where it was not put together when it was claimed."""
        async with transaction(self.writer, self.clock(), self.clock) as session:
            return await self.written(session, await still(session, held), target)

    async def written(self, session: Writing, delivery: Delivery, target: Target) -> bytes:
        """A fact is put together anew, for what may be told of somebody can have changed; of a notice nothing
        is kept, for it holds an address.

        A version for the archive is rendered once and kept, or a repeat would be another document. Its row is
        locked while that is done: one who has taken over waits, and sends what was rendered."""
        if delivery.kind is FactKind.ARCHIVED and delivery.body_sealed is not None:
            return self.seal.open(delivery.body_sealed, SEALED_AS)
        body = await self.rendered(session, delivery, target)
        if delivery.kind is not FactKind.NOTICE:
            delivery.body_sealed, delivery.sha256 = self.kept(body)
        return body

    async def rendered(self, session: Writing, delivery: Delivery, target: Target) -> bytes:
        order = await packed(session, self.reader, self.seal, delivery, self.clock(), self.hub_url)
        if delivery.kind is FactKind.ARCHIVED:
            return await asyncio.to_thread(target.render, order)
        return target.render(order)

    def kept(self, body: bytes) -> tuple[bytes, str]:
        """What is kept of it: sealed, and its hash."""
        return self.seal.close(body, SEALED_AS), sha256(body).hexdigest()


def _since(started: float) -> int:
    """Milliseconds."""
    return int((time.monotonic() - started) * 1000)
