"""One attempt at a delivery: claimed by lease, checked anew, and written down whatever comes of it."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select

from db.engine import Writing
from db.rules.delivery import (
    BLOCKED,
    DONE,
    CancelReason,
    DeliveryFault,
    DeliveryState,
    FactKind,
    Next,
    cancelled_because,
)
from db.tables.delivery import Delivery, DeliveryAttempt
from db.tables.plan import Plan
from db.write import notice
from db.write.delivery import Key, heard, services, tell_closed
from db.write.find import NOBODY, Who, lock
from db.write.person import get

MOST_ATTEMPTS = 40  # of all kinds: one that never ends must not be repeated for ever


@dataclass(frozen=True)
class Claim:
    """A delivery that is this worker's until the lease runs out; `attempt` counts from 1."""
    key: Key
    id: UUID
    kind: FactKind
    attempt: int
    steps: Mapping[str, str]  # that the attempts before it have kept


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: a receipt (confirmed or not), a fault with what follows it, or an end.

    `milliseconds`: None where it is told later than by the attempt itself."""
    milliseconds: int | None
    answer: str | None
    confirmed: bool = False
    reference: str | None = None
    fault: DeliveryFault | None = None
    then: Next | None = None
    cancelled: CancelReason | None = None  # why it may not go out any more


class NoLonger(Exception):
    """What was claimed may not go out any more; without a reason: not by this attempt."""

    def __init__(self, reason: CancelReason | None) -> None:
        super().__init__(reason)
        self.reason = reason


async def claim(session: Writing, key: Key, lease: timedelta) -> Claim | datetime | None:
    """The first of its key that is not done, which none may pass; when to look again; or nothing.

    What consent no longer allows is cancelled here, and the next one looked at."""
    who = Who(key.municipality, NOBODY, session.info["now"])
    plan = await lock(session, who, key.plan)
    for delivery in await _waiting(session, key):
        if delivery.leased_until is not None and delivery.leased_until > who.now:
            return delivery.leased_until
        reason = await _refused(session, who, plan, delivery)
        if reason is None:
            return _next(session, key, delivery, who.now, lease)
        _end(delivery, DeliveryState.CANCELLED, reason)
    return None


def _next(session: Writing, key: Key, delivery: Delivery, now: datetime,
          lease: timedelta) -> Claim | datetime | None:
    """The one that none may pass: claimed, or when it is due, or nothing while a person must look at it."""
    if delivery.state is DeliveryState.SENT and delivery.attempt_count >= MOST_ATTEMPTS:
        _end(delivery, DeliveryState.DEAD)  # whoever takes it up dies of it
    if delivery.state in BLOCKED:
        return None
    if delivery.next_attempt_at is not None and delivery.next_attempt_at > now:
        return delivery.next_attempt_at
    delivery.state, delivery.leased_until = DeliveryState.SENT, now + lease
    delivery.attempt_count += 1
    session.add(DeliveryAttempt(municipality_id=key.municipality, plan_id=key.plan, delivery_id=delivery.id,
                                number=delivery.attempt_count, started_at=now))
    return Claim(key, delivery.id, delivery.kind, delivery.attempt_count, delivery.steps or {})


async def _waiting(session: Writing, key: Key) -> list[Delivery]:
    """In order. A notice that a person must look at holds back none: the next may go to a better address."""
    return list(await session.scalars(select(Delivery).where(
        Delivery.municipality_id == key.municipality, Delivery.plan_id == key.plan,
        Delivery.target == key.target, Delivery.recipient_id == key.recipient,
        Delivery.state.not_in(DONE), or_(Delivery.kind != FactKind.NOTICE, Delivery.state.not_in(BLOCKED)),
    ).order_by(Delivery.seq)
        .with_for_update(key_share=True)))  # a receipt for one of them may be on its way: `finish`


async def _refused(session: Writing, who: Who, plan: Plan, delivery: Delivery) -> CancelReason | None:
    """Why it may not go out any more. The archive keeps what it keeps by law, consent or not."""
    if delivery.recipient_id is not None:
        return await notice.withheld(session, who, plan, delivery)
    if delivery.kind is FactKind.ARCHIVED or delivery.unit_id is None:
        return None
    wanted = (delivery.unit_id, delivery.target) in await services(session, who, plan)
    owner = await get(session, who, plan.owner_id)
    return cancelled_because(delivery.kind, wanted=wanted, numbered=owner.identity_mark is not None,
                             heard=await heard(session, delivery))


def _end(delivery: Delivery, state: DeliveryState, reason: CancelReason | None = None) -> None:
    """Nothing more goes out by itself, so nothing is kept of what would have.

    But the archive's bytes stay while they may be asked for: a second version would be another document."""
    delivery.state, delivery.reason = state, reason
    delivery.leased_until = delivery.next_attempt_at = None
    if delivery.kind is not FactKind.ARCHIVED or state is DeliveryState.CANCELLED:
        delivery.body_sealed = None


def retry(delivery: Delivery) -> None:
    """At once, whatever it waited for; one that was given up gets one attempt more."""
    delivery.state, delivery.next_attempt_at = DeliveryState.ORDERED, None


def cancel(delivery: Delivery) -> None:
    """By hand: what comes after it goes on."""
    _end(delivery, DeliveryState.CANCELLED, CancelReason.BY_HAND)


async def still(session: Writing, held: Claim) -> Delivery:
    """The delivery, locked, at the moment of sending. NoLonger where consent has ended since the claim, or
    where it is another's by now, or was confirmed by one who had been taken for dead.

    The plan is locked first, as in `claim`, or the two could wait for each other; but for the archive it is
    not, for no withdrawal shall wait for a document to be made."""
    who, to_archive = Who(held.key.municipality, NOBODY, session.info["now"]), held.kind is FactKind.ARCHIVED
    plan = None if to_archive else await lock(session, who, held.key.plan)
    delivery = await _locked(session, held)
    reason = await _refused(session, who, plan, delivery) if plan else None
    if reason is not None or delivery.state in DONE or delivery.attempt_count != held.attempt:
        raise NoLonger(reason)
    return delivery


async def _locked(session: Writing, held: Claim) -> Delivery:
    return await session.get_one(Delivery, (held.key.municipality, held.id), with_for_update=True,
                                 populate_existing=True)


async def keep(session: Writing, held: Claim, steps: Mapping[str, str], lease: timedelta) -> None:
    """Writes down how far an attempt has come, and leaves it the lease anew. NoLonger: it is another's."""
    delivery = await _locked(session, held)
    if delivery.state in DONE or delivery.attempt_count != held.attempt:
        raise NoLonger(None)
    delivery.steps, delivery.leased_until = dict(steps), session.info["now"] + lease


async def sent(session: Writing, target: str, fact_id: UUID) -> Claim | None:
    """The last attempt at a delivery, for a receipt that comes after it; None: it was sent no such thing."""
    delivery = (await session.scalars(select(Delivery).where(
        Delivery.id == fact_id, Delivery.target == target, Delivery.attempt_count > 0))).one_or_none()
    if delivery is None:
        return None
    key = Key(delivery.municipality_id, delivery.plan_id, target, delivery.recipient_id)
    return Claim(key, delivery.id, delivery.kind, delivery.attempt_count, delivery.steps or {})


async def finish(session: Writing, held: Claim, outcome: Outcome, now: datetime) -> None:
    """Writes down what came of it. One whose lease was taken over meanwhile leaves its attempt, and changes
    nothing else; but a receipt is a receipt, whoever brings it. The archive's may be what the services wait
    for, so the plan is locked then, and before the delivery, as in `claim`."""
    who = Who(held.key.municipality, NOBODY, now)
    archived = outcome.confirmed and held.kind is FactKind.ARCHIVED
    plan = await lock(session, who, held.key.plan) if archived else None
    delivery = await _locked(session, held)
    await _note(session, held, outcome)
    late = delivery.attempt_count != held.attempt or delivery.state in BLOCKED  # refused by an answer since
    if delivery.state in DONE or (late and not outcome.confirmed):
        return
    if outcome.confirmed:
        delivery.state, delivery.confirmed_at, delivery.leased_until = DeliveryState.CONFIRMED, now, None
        delivery.reference = outcome.reference
        delivery.body_sealed = delivery.next_attempt_at = delivery.steps = None
        if plan is not None:
            await tell_closed(session, who, plan)
    elif outcome.then is None or outcome.then.at is None:
        _end(delivery, outcome.then.state if outcome.then else DeliveryState.CANCELLED, outcome.cancelled)
    elif delivery.attempt_count >= MOST_ATTEMPTS:
        _end(delivery, DeliveryState.DEAD)
    else:
        delivery.state, delivery.next_attempt_at = outcome.then.state, outcome.then.at
        delivery.leased_until = None


async def _note(session: Writing, held: Claim, outcome: Outcome) -> None:
    """In the attempt itself; what is told later does not change how long it took."""
    attempt = (await session.scalars(select(DeliveryAttempt).where(
        DeliveryAttempt.municipality_id == held.key.municipality, DeliveryAttempt.delivery_id == held.id,
        DeliveryAttempt.number == held.attempt))).one()
    attempt.fault, attempt.answer = outcome.fault, outcome.answer
    if outcome.milliseconds is not None:
        attempt.milliseconds = outcome.milliseconds


async def due(session: Writing, now: datetime) -> list[Key]:
    """The keys that a worker should look at: new, due again, or under way.

    What is under way may have been left by a worker that died: its lease tells, when it is looked at."""
    key = (Delivery.municipality_id, Delivery.plan_id, Delivery.target, Delivery.recipient_id)
    rows = await session.execute(select(*key).where(
        Delivery.state.not_in(DONE | BLOCKED),
        or_(Delivery.next_attempt_at.is_(None), Delivery.next_attempt_at <= now)).distinct())
    return [Key(*row) for row in rows]
