"""What came of an attempt, written down: how far it came, a receipt that ends it, or what follows a fault."""
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, select, update

from db.engine import Writing
from db.rules.delivery import BLOCKED, DONE, CancelReason, DeliveryState, FactKind
from db.tables.delivery import Delivery, DeliveryAttempt
from db.write import target
from db.write.attempt import MOST_ATTEMPTS, Claim, NoLonger, Outcome, end, locked
from db.write.delivery import Key, tell_closed, tell_lapsed
from db.write.find import ASKING, NOBODY, Who, lock


async def keep(session: Writing, held: Claim, steps: Mapping[str, str], lease: timedelta) -> None:
    """Writes down how far an attempt has come, and leaves it the lease anew. NoLonger: it is another's."""
    delivery = await locked(session, held)
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
    for, and the end of a consent is theirs to hear: then the plan is locked, before the delivery, as in
    `claim`."""
    who = Who(held.key.municipality, NOBODY, now)
    archived = outcome.confirmed and held.kind is FactKind.ARCHIVED
    settled = archived or outcome.cancelled is CancelReason.CONSENT_ENDED
    plan = await lock(session, who, held.key.plan) if settled and held.key.plan else None
    delivery = await locked(session, held)
    await _note(session, held, outcome)
    tried = outcome.then is not None or outcome.confirmed  # else nothing was sent
    if tried and not (held.well and outcome.fault is None):
        await target.answered(session, held.key, outcome.fault, now)
    answered = outcome.milliseconds is not None and delivery.state is not DeliveryState.SENT  # while it ended
    late = delivery.attempt_count != held.attempt or delivery.state in BLOCKED or answered
    if delivery.state in DONE or (late and not outcome.confirmed):
        return
    if outcome.confirmed:
        _confirm(delivery, outcome.reference, now)
    else:
        _go_on(delivery, outcome)
    if plan is not None:
        await (tell_closed if archived else tell_lapsed)(session, who, plan)


def _confirm(delivery: Delivery, reference: str | None, now: datetime) -> None:
    """Nothing is kept of what was sent but its hash and the receipt."""
    delivery.state, delivery.confirmed_at, delivery.reference = DeliveryState.CONFIRMED, now, reference
    delivery.leased_until = delivery.next_attempt_at = delivery.body_sealed = delivery.steps = None


def _go_on(delivery: Delivery, outcome: Outcome) -> None:
    """To the next attempt, or to an end."""
    if outcome.then is None or outcome.then.at is None:
        end(delivery, outcome.then.state if outcome.then else DeliveryState.CANCELLED, outcome.cancelled)
    elif delivery.attempt_count >= MOST_ATTEMPTS:
        end(delivery, DeliveryState.DEAD)
    else:
        delivery.state, delivery.next_attempt_at = outcome.then.state, outcome.then.at
        delivery.leased_until = None


async def _note(session: Writing, held: Claim, outcome: Outcome) -> None:
    """In the attempt itself; what is told later does not change how long it took."""
    came = {"came_fault": outcome.fault, "came_answer": outcome.answer, "took": outcome.milliseconds}
    of = {"municipality": held.key.municipality, "delivery": held.id, "attempt": held.attempt}
    await session.execute(NOTED, came | of)


NOTED: Final = update(DeliveryAttempt).where(
    DeliveryAttempt.municipality_id == ASKING.municipality,
    DeliveryAttempt.delivery_id == bindparam("delivery"), DeliveryAttempt.number == bindparam("attempt"),
).values(
    fault=bindparam("came_fault"), answer=bindparam("came_answer"),
    milliseconds=func.coalesce(bindparam("took", type_=Integer), DeliveryAttempt.milliseconds),
).execution_options(synchronize_session=False)
