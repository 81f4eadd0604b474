"""Deliveries that are tried again, one or many: what was given up, lost there, or waits for its time."""
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

from db.engine import Writing
from db.gate.mask import visible_plans
from db.rules.delivery import BLOCKED, DeliveryState, FactKind, RecordState
from db.rules.rights import Right
from db.tables.delivery import Delivery
from db.tables.person import keeps
from db.write.find import Who

WAITING = (DeliveryState.ORDERED, DeliveryState.ACCEPTED)


@dataclass(frozen=True)
class Wanted:
    """Which of them; what is None may be any."""
    states: Collection[DeliveryState] | None = None
    target: str | None = None
    kind: FactKind | None = None
    plan: UUID | None = None
    record: RecordState | None = None


def retry(delivery: Delivery) -> None:
    """At once, whatever it waited for; one that was given up gets one attempt more."""
    delivery.state = DeliveryState.ORDERED
    delivery.next_attempt_at = delivery.confirmed_at = delivery.record = None


def counting(who: Who, wanted: Wanted) -> Select[int]:
    """How many `retry_many` would try again; none for one who keeps no settings."""
    return select(func.count()).select_from(Delivery).where(_chosen(who, wanted), keeps(who.asking))


async def retry_many(session: Writing, who: Who, wanted: Wanted) -> int:
    """How many there were. The next sweep takes them up, in their order."""
    anew = {"state": DeliveryState.ORDERED, "next_attempt_at": None, "confirmed_at": None, "record": None}
    rows = await session.scalars(
        update(Delivery).where(_chosen(who, wanted)).values(anew).returning(Delivery.id))
    return len(rows.all())


def _chosen(who: Who, wanted: Wanted) -> ColumnElement[bool]:
    """Of the plans whose deliveries one sees; no notices, which are of the one who administers the plan."""
    seen = visible_plans(who.asking, "seen")
    plans = select(seen.c.plan_id).where(seen.c.mask.bitwise_and(int(Right.DELIVERIES)) != 0)
    waits = and_(Delivery.state.in_(WAITING), Delivery.next_attempt_at > who.now)
    lost = and_(Delivery.state == DeliveryState.CONFIRMED, Delivery.record != RecordState.SAME,
                Delivery.kind != FactKind.ARCHIVED)
    tests = [Delivery.municipality_id == who.municipality, Delivery.plan_id.in_(plans),
             Delivery.kind != FactKind.NOTICE, or_(Delivery.state.in_(BLOCKED), waits, lost)]
    if wanted.states is not None:
        tests.append(Delivery.state.in_(wanted.states))
    given = ((Delivery.target, wanted.target), (Delivery.kind, wanted.kind), (Delivery.plan_id, wanted.plan),
             (Delivery.record, wanted.record))
    return and_(*tests, *(column == value for column, value in given if value is not None))
