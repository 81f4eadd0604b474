"""Requests that a plan be deleted; and the deleting, which the database itself does or refuses."""
from uuid import UUID

from sqlalchemy import DateTime, SmallInteger, Uuid, exists, func, literal, or_, select

from db.engine import Writing
from db.rules.deletion import ASKS, Ending
from db.rules.delivery import DONE, DeliveryState, FactKind
from db.rules.words import DeletionState
from db.tables.deletion import DeletionRequest
from db.tables.delivery import Delivery
from db.tables.plan import Plan
from db.write import plan_template
from db.write.coverage import told
from db.write.delivery import revision
from db.write.find import Who, mask_in


async def ask(session: Writing, who: Who, plan: Plan, reason: str) -> DeletionRequest:
    made = DeletionRequest(municipality_id=who.municipality, plan_id=plan.id, by_id=who.person,
                           state=DeletionState.ASKED, reason=reason, asked_at=who.now)
    session.add(made)
    await session.flush()
    return made


def end(who: Who, request: DeletionRequest, state: DeletionState, answer: str | None = None) -> None:
    request.state, request.answered_at, request.answer = state, who.now, answer


async def askers(session: Writing, who: Who, plan: Plan) -> frozenset[UUID]:
    """Whose requests stand: whoever is not of the family any more has none."""
    asked = await session.scalars(select(DeletionRequest.by_id).where(
        DeletionRequest.municipality_id == who.municipality, DeletionRequest.plan_id == plan.id,
        DeletionRequest.state == DeletionState.ASKED))
    return frozenset([one for one in asked if ASKS & await mask_in(
        session, Who(who.municipality, one, who.now), plan.id)])


async def ending(session: Writing, who: Who, plan: Plan) -> Ending:
    """How far the plan has come; the database looks at the same once more, in `delete_plan`."""
    of_plan = (Delivery.municipality_id == who.municipality, Delivery.plan_id == plan.id)
    chosen = int(await plan_template.archived(session, who.municipality, plan.type))
    whole = Delivery.elements.bitwise_and(chosen) == chosen  # as chosen today: it is the last of the plan
    archived = await session.scalar(select(exists().where(
        *of_plan, Delivery.kind == FactKind.ARCHIVED, Delivery.state == DeliveryState.CONFIRMED, whole,
        Delivery.revision == await revision(session, who, plan))))
    on_its_way = await session.scalar(select(exists().where(
        *of_plan, Delivery.state.not_in(DONE),
        or_(Delivery.kind != FactKind.NOTICE, Delivery.state == DeliveryState.SENT))))
    return Ending(bool(await askers(session, who, plan)), plan.recorded_status, bool(archived),
                  not on_its_way and not await told(session, who, plan))


async def delete(session: Writing, who: Who, plan: Plan) -> None:
    """Leaves a tombstone, and no one who is in nothing else."""
    await session.execute(select(func.delete_plan(
        literal(who.municipality, SmallInteger), literal(plan.id, Uuid()),
        literal(who.now, DateTime(timezone=True)))))
