"""Orders for other systems and people: made in the change's own transaction, in order per `Key`."""
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from procrastinate import App, PsycopgConnector
from sqlalchemy import SmallInteger, Uuid, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from db.engine import Writing
from db.rules.delivery import DeliveryState, FactKind
from db.rules.rights import Right
from db.rules.words import ArchiveTrigger, LogAction
from db.tables.delivery import Delivery
from db.tables.log import AccessLog
from db.tables.plan import Plan
from db.write.find import Who
from db.write.plan import municipality
from db.write.plan_template import archived, lacks

DELIVER = "deliver"  # the task that the worker has under this name
QUEUE = App(connector=PsycopgConnector())  # never opened: jobs are deferred on the change's own connection


@dataclass(frozen=True)
class Key:
    """What must be told in order: one plan, or none, to one target, and of notices, to one person."""
    municipality: int
    plan: UUID | None
    target: str
    recipient: UUID | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """Of the job that wakes a worker for it."""
        plan, recipient = (key and str(key) for key in (self.plan, self.recipient))
        return {"municipality": self.municipality, "plan": plan, "target": self.target,
                "recipient": recipient}


async def order_archive(session: Writing, who: Who, plan: Plan, trigger: ArchiveTrigger,
                        named: Right | None = None) -> Delivery | None:
    """A version of the plan for the municipality's archive, and the log of it; None where there is none.

    It holds what is `named` by a person, or what the municipality has chosen for the type."""
    target = (await municipality(session, who.municipality)).archive
    if target is None:
        return None
    await session.flush()  # what this act has changed is in the version
    version = await session.scalar(select(func.count()).select_from(Delivery).where(
        Delivery.municipality_id == who.municipality, Delivery.plan_id == plan.id,
        Delivery.kind == FactKind.ARCHIVED))
    chosen = await archived(session, who.municipality, plan.type)
    elements = chosen if named is None else named
    made = Delivery(target=target, kind=FactKind.ARCHIVED, trigger=trigger, version=(version or 0) + 1,
                    elements=int(elements), whole=elements & chosen == chosen,
                    revision=await revision(session, who, plan))
    await order(session, who, plan, made)
    lacked = await lacks(session, who.municipality, plan.type, who.now)
    await session.execute(insert(AccessLog).values(
        municipality_id=who.municipality, plan_id=plan.id, person_id=who.person, hour=who.now, at=who.now,
        elements=int(elements & ~lacked), action=LogAction.ARCHIVE).on_conflict_do_nothing())
    await wake(session, {Key(who.municipality, plan.id, target)})
    return made


async def revision(session: Writing, who: Who, plan: Plan) -> int | None:
    """As the database has counted it, with what this transaction has changed."""
    return await session.scalar(select(func.plan_revision(
        literal(who.municipality, SmallInteger), literal(plan.id, Uuid()))))


async def order(session: Writing, who: Who, plan: Plan | None, made: Delivery) -> None:
    """Takes the next number of its plan and target. The plan is locked, and where there is none, the
    municipality: no two take the same."""
    key = plan.id if plan else None
    last = await session.scalar(select(func.max(Delivery.seq)).where(
        Delivery.municipality_id == who.municipality, Delivery.plan_id == key,
        Delivery.target == made.target))
    made.municipality_id, made.plan_id, made.seq = who.municipality, key, (last or 0) + 1
    made.state, made.ordered_at, made.ordered_by = DeliveryState.ORDERED, who.now, who.by
    await session.execute(update(Delivery).where(  # what was found of those before it is over
        Delivery.municipality_id == who.municipality, Delivery.plan_id == key, Delivery.target == made.target,
        Delivery.record.is_not(None)).values(record=None))
    session.add(made)
    await session.flush()


async def wake(session: Writing, keys: Iterable[Key]) -> None:
    """Defers a job for each key in this very transaction: no change without its delivery, nor the reverse."""
    connection = (await (await session.connection()).get_raw_connection()).driver_connection
    for key in sorted(keys, key=str):
        await QUEUE.configure_task(DELIVER, queue="deliveries", connection=connection).defer_async(
            **key.arguments)


