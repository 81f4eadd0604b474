"""What services know of a plan, and what must be told so that they know what consent says they may."""
from typing import Final

from sqlalchemy import func, or_, select

from db.engine import Writing
from db.gate.coverage import taking_part
from db.rules.delivery import OPENING, DeliveryState, FactKind, Service, settled
from db.rules.words import PlanStatus
from db.tables.delivery import Delivery
from db.tables.plan import Plan, StatusChange
from db.tables.unit import Unit
from db.write.delivery import Key, order, wake
from db.write.find import ASKING, PLAN, Who

# built once, for every act asks
COVERED: Final = taking_part(PLAN, ASKING).where(Unit.fagsystem.is_not(None))


async def services(session: Writing, who: Who, plan: Plan) -> frozenset[Service]:
    """The services with a fagsystem that take part under the consent in force, while the plan runs."""
    return await _covered(session, who, plan) if plan.recorded_status is PlanStatus.ACTIVE else frozenset()


async def _covered(session: Writing, who: Who, plan: Plan) -> frozenset[Service]:
    """The same whether it runs or not; none where there is no consent."""
    rows = await session.execute(COVERED, {
        "municipality": who.municipality, "plan": plan.id, "now": who.now})
    return frozenset((unit, target) for unit, target in rows if target)


async def told(session: Writing, who: Who, plan: Plan) -> frozenset[Service]:
    """The services that know of the plan, or will when what is ordered has gone out."""
    rows = await session.execute(select(Delivery.unit_id, Delivery.target, Delivery.kind).where(
        Delivery.municipality_id == who.municipality, Delivery.plan_id == plan.id,
        Delivery.unit_id.is_not(None),
        or_(Delivery.state != DeliveryState.CANCELLED, Delivery.attempt_count > 0)).order_by(Delivery.seq))
    last: dict[Service, FactKind] = {(unit, target): kind for unit, target, kind in rows if unit}
    return frozenset(service for service, kind in last.items() if kind in OPENING)


async def settle(session: Writing, who: Who, plan: Plan, ending: FactKind) -> None:
    """Orders what brings each service's fagsystem to what consent now says; `ending`: how an end is told.

    A closed plan is archived first (domain.md §8): until the archive has it, those alone hear of an end whom
    the consent covers no longer."""
    await session.flush()
    know, wanted = await told(session, who, plan), await services(session, who, plan)
    if plan.recorded_status is PlanStatus.CLOSED and not await _archived(session, who, plan):
        wanted |= know & await _covered(session, who, plan)
    facts = settled(know, wanted, ending)
    for (unit, target), kind in facts:
        await order(session, who, plan, Delivery(target=target, kind=kind, unit_id=unit))
    await wake(session, {Key(who.municipality, plan.id, target) for (_, target), _ in facts})


async def _archived(session: Writing, who: Who, plan: Plan) -> bool:
    """Whether the archive has confirmed a whole version that was ordered with the closing, or after it."""
    closed = select(func.max(StatusChange.since)).where(
        StatusChange.municipality_id == who.municipality, StatusChange.plan_id == plan.id)
    return await session.scalar(select(Delivery.id).where(
        Delivery.municipality_id == who.municipality, Delivery.plan_id == plan.id,
        Delivery.kind == FactKind.ARCHIVED, Delivery.state == DeliveryState.CONFIRMED,
        Delivery.whole.is_(True), Delivery.ordered_at >= closed.scalar_subquery()).limit(1)) is not None


async def tell_closed(session: Writing, who: Who, plan: Plan) -> None:
    """Where the archive's receipt is written down: one is not kept without the other. Nothing where the plan
    is open again; and a service that has been told of a withdrawal since knows of the end."""
    if plan.recorded_status is PlanStatus.CLOSED:
        await settle(session, who, plan, FactKind.CLOSED)


async def tell_lapsed(session: Writing, who: Who, plan: Plan) -> None:
    """Where a fact may not go out any more: the end that the clock has brought is told at once. If the next
    consent came before the clock's own round, nobody would know that the service has missed something."""
    await settle(session, who, plan, FactKind.WITHDRAWN)


async def tell_holder(session: Writing, who: Who, plan: Plan) -> None:
    """Whom the services call from now on."""
    await _tell(session, who, plan, FactKind.HOLDER_CHANGED)


async def tell_corrected(session: Writing, who: Who, plan: Plan) -> None:
    """The owner's identity number, as it is from now on."""
    await _tell(session, who, plan, FactKind.CORRECTED)


async def _tell(session: Writing, who: Who, plan: Plan, kind: FactKind) -> None:
    """Those that know of the plan and still may are told, the others by `settle`."""
    before = await told(session, who, plan)
    await settle(session, who, plan, FactKind.WITHDRAWN)
    know = sorted(before & await told(session, who, plan))
    for unit, target in know:
        await order(session, who, plan, Delivery(target=target, kind=kind, unit_id=unit))
    await wake(session, {Key(who.municipality, plan.id, target) for _, target in know})


async def heard(session: Writing, delivery: Delivery) -> bool:
    """Whether the unit's system may know of the plan when this comes: an attempt to tell it may have landed,
    and no end after it."""
    last = await session.scalar(select(Delivery.kind).where(
        Delivery.municipality_id == delivery.municipality_id, Delivery.plan_id == delivery.plan_id,
        Delivery.target == delivery.target, Delivery.unit_id == delivery.unit_id, Delivery.seq < delivery.seq,
        Delivery.attempt_count > 0).order_by(Delivery.seq.desc()).limit(1))
    return last in OPENING


async def may_hold(session: Writing, who: Who, plan: Plan, delivery: Delivery) -> bool:
    """Whether a unit's system may have a record of the plan now, when consent covers it. While a closed plan
    waits for the archive, whoever may know of it is told on: it can be opened again, and then all must be as
    if it never closed."""
    if plan.recorded_status is not PlanStatus.CLOSED:
        return plan.recorded_status is PlanStatus.ACTIVE
    begun = delivery.attempt_count > 0 or await heard(session, delivery)
    return begun and not await _archived(session, who, plan)
