"""What came of an attempt, written down: how far it came, a receipt that ends it, or what follows a fault."""
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Integer, Table, bindparam, func, null, select, update

from db.engine import Writing
from db.rules.delivery import BLOCKED, DONE, CancelReason, DeliveryState, FactKind
from db.tables.delivery import Delivery, DeliveryAttempt
from db.write import target, task
from db.write.attempt import MOST_ATTEMPTS, Claim, NoLonger, Outcome, end, locked
from db.write.coverage import tell_closed, tell_lapsed
from db.write.delivery import Key
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
    changed = await (confirm if outcome.confirmed else _go_on)(session, held, outcome, now)
    tried = outcome.then is not None or outcome.confirmed  # else nothing was sent
    if tried and not (held.well and outcome.fault is None):
        await target.answered(session, held.key, outcome.fault, now)
    if changed and plan is not None:
        await (tell_closed if archived else tell_lapsed)(session, who, plan)


async def confirm(session: Writing, held: Claim, outcome: Outcome, now: datetime) -> bool:
    """Whether it was not done before. Nothing is kept of what was sent but its hash and the receipt."""
    return await session.scalar(CONFIRMED, _came(held, outcome) | {
        "now": now, "told_reference": outcome.reference}) is not None


async def _go_on(session: Writing, held: Claim, outcome: Outcome, now: datetime) -> bool:
    """To the next attempt, or to an end; not where it is another's by now, done, or waits for a person."""
    delivery = await locked(session, held)
    await session.execute(NOTED, _came(held, outcome))
    answered = outcome.milliseconds is not None and delivery.state is not DeliveryState.SENT  # while it ended
    late = delivery.attempt_count != held.attempt or delivery.state in BLOCKED or answered
    if late or delivery.state in DONE:
        return False
    if outcome.then is None or outcome.then.at is None:
        end(delivery, outcome.then.state if outcome.then else DeliveryState.CANCELLED, outcome.cancelled)
    elif delivery.attempt_count >= MOST_ATTEMPTS and outcome.due is None:  # people may take their time
        end(delivery, DeliveryState.DEAD)
    else:
        delivery.state, delivery.next_attempt_at = outcome.then.state, outcome.then.at
        delivery.leased_until = None
        if outcome.due is not None:
            await task.give(session, delivery, outcome.due, now)
    return True


def _came(held: Claim, outcome: Outcome) -> dict[str, Any]:
    """Of the attempt itself; what is told later does not change how long it took."""
    return {"municipality": held.key.municipality, "delivery": held.id, "attempt": held.attempt,
            "came_fault": outcome.fault, "came_answer": outcome.answer, "took": outcome.milliseconds}


ATTEMPTS, DELIVERIES = cast("Table", DeliveryAttempt.__table__), cast("Table", Delivery.__table__)
NOTED: Final = update(ATTEMPTS).where(
    ATTEMPTS.c.municipality_id == ASKING.municipality, ATTEMPTS.c.delivery_id == bindparam("delivery"),
    ATTEMPTS.c.number == bindparam("attempt"),
).values(
    fault=bindparam("came_fault"), answer=bindparam("came_answer"),
    milliseconds=func.coalesce(bindparam("took", type_=Integer), ATTEMPTS.c.milliseconds))
CONFIRMED: Final = update(DELIVERIES).where(
    DELIVERIES.c.municipality_id == ASKING.municipality, DELIVERIES.c.id == bindparam("delivery"),
    DELIVERIES.c.state.not_in(DONE),
).values(
    state=DeliveryState.CONFIRMED, confirmed_at=ASKING.now, reference=bindparam("told_reference"),
    leased_until=None, next_attempt_at=None, body_sealed=None, steps=null(),
).returning(DELIVERIES.c.id).add_cte(NOTED.returning(ATTEMPTS.c.id).cte("noted"))
