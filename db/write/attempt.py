"""One attempt at a delivery: claimed by lease, asked again whether it may go out,
and written down whatever comes of it.
"""
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select

from db.engine import Writing
from db.rules.delivery import BLOCKED, DONE, DeliveryFault, DeliveryState, FactKind, Next, cancelled_because
from db.tables.delivery import Delivery, DeliveryAttempt
from db.tables.plan import Plan
from db.write.delivery import Key, heard, services
from db.write.find import NOBODY, Who, lock

MOST_ATTEMPTS = 40  # of all kinds: one that never ends must not be repeated for ever


@dataclass(frozen=True)
class Claim:
    """A delivery that is this worker's until the lease runs out; `attempt` counts from 1."""

    key: Key
    id: UUID
    attempt: int


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: a receipt (confirmed or not), a fault with what follows it, or an end."""

    milliseconds: int
    answer: str | None
    confirmed: bool = False
    reference: str | None = None
    fault: DeliveryFault | None = None
    then: Next | None = None
    cancelled: str | None = None  # why it may not go out any more


class NoLonger(Exception):
    """What was claimed may not go out any more; the code says why."""


async def claim(session: Writing, key: Key, lease: timedelta) -> Claim | datetime | None:
    """The first that is not done of a plan and target, which none may pass; or when to look again;
    or nothing.

    What consent no longer allows is cancelled here, and the next one looked at.
    """
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
    if delivery.attempt_count >= MOST_ATTEMPTS and delivery.state not in BLOCKED:
        _end(delivery, DeliveryState.DEAD)
    if delivery.state in BLOCKED:
        return None
    if delivery.next_attempt_at is not None and delivery.next_attempt_at > now:
        return delivery.next_attempt_at
    delivery.state, delivery.leased_until = DeliveryState.SENT, now + lease
    delivery.attempt_count += 1
    session.add(DeliveryAttempt(municipality_id=key.municipality, plan_id=key.plan, delivery_id=delivery.id,
                                number=delivery.attempt_count, started_at=now))
    return Claim(key, delivery.id, delivery.attempt_count)


async def _waiting(session: Writing, key: Key) -> list[Delivery]:
    return list(await session.scalars(select(Delivery).where(
        Delivery.municipality_id == key.municipality, Delivery.plan_id == key.plan,
        Delivery.target == key.target, Delivery.state.not_in(DONE)).order_by(Delivery.seq)))


async def _refused(session: Writing, who: Who, plan: Plan, delivery: Delivery) -> str | None:
    """Why it may not go out any more. The archive keeps what it keeps by law, consent or not."""
    if delivery.kind is FactKind.ARCHIVED or delivery.unit_id is None:
        return None
    wanted = (delivery.unit_id, delivery.target) in await services(session, who, plan)
    return cancelled_because(delivery.kind, wanted=wanted, heard=await heard(session, delivery))


def _end(delivery: Delivery, state: DeliveryState, reason: str | None = None) -> None:
    """Nothing more goes out by itself, so nothing is kept of what would have;
    the archive's bytes stay while they
    may be asked for again: a second version would be another document.
    """
    delivery.state, delivery.reason = state, reason
    delivery.leased_until = delivery.next_attempt_at = None
    if delivery.kind is not FactKind.ARCHIVED or state is DeliveryState.CANCELLED:
        delivery.body_sealed = None


async def still(session: Writing, held: Claim) -> Delivery:
    """The delivery, locked, at the moment of sending. NoLonger where consent has
    ended since it was claimed.
    """
    delivery = await _locked(session, held)
    if delivery.kind is not FactKind.ARCHIVED:
        who = Who(held.key.municipality, NOBODY, session.info["now"])
        reason = await _refused(session, who, await lock(session, who, held.key.plan), delivery)
        if reason is not None:
            raise NoLonger(reason)
    return delivery


async def _locked(session: Writing, held: Claim) -> Delivery:
    return await session.get_one(Delivery, (held.key.municipality, held.id), with_for_update=True,
                                 populate_existing=True)


async def finish(session: Writing, held: Claim, outcome: Outcome, now: datetime) -> None:
    """Writes down what came of it. One whose lease was taken over meanwhile leaves its attempt, and changes
    nothing else; but a receipt is a receipt, whoever brings it.
    """
    attempt = (await session.scalars(select(DeliveryAttempt).where(
        DeliveryAttempt.municipality_id == held.key.municipality, DeliveryAttempt.delivery_id == held.id,
        DeliveryAttempt.number == held.attempt))).one()
    attempt.milliseconds, attempt.fault, attempt.answer = outcome.milliseconds, outcome.fault, outcome.answer
    delivery = await _locked(session, held)
    if delivery.state in DONE or (delivery.attempt_count != held.attempt and not outcome.confirmed):
        return
    if outcome.confirmed:
        delivery.state, delivery.confirmed_at, delivery.leased_until = DeliveryState.CONFIRMED, now, None
        delivery.reference = outcome.reference
        delivery.body_sealed = delivery.next_attempt_at = None
    elif outcome.then is None or outcome.then.at is None:
        _end(delivery, outcome.then.state if outcome.then else DeliveryState.CANCELLED, outcome.cancelled)
    else:
        delivery.state, delivery.next_attempt_at = outcome.then.state, outcome.then.at
        delivery.leased_until = None


async def due(session: Writing, now: datetime) -> list[Key]:
    """The keys that a worker should look at: new, due again, or under way.

    What is under way may have been left behind by a worker that died: its lease tells,
    when it is looked at.
    """
    rows = await session.execute(select(Delivery.municipality_id, Delivery.plan_id, Delivery.target).where(
        Delivery.state.not_in(DONE | BLOCKED),
        or_(Delivery.next_attempt_at.is_(None), Delivery.next_attempt_at <= now)).distinct())
    return [Key(*row) for row in rows]
