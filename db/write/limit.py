"""How much a target is given, by all workers and for all municipalities together."""
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from db.engine import Writing
from db.rules.delivery import DeliveryState
from db.rules.target import KEPT, UNLIMITED, Limits
from db.tables.delivery import Delivery
from db.tables.target import Target


async def turn(session: Writing, delivery: Delivery, limits: Limits) -> datetime | None:
    """When a delivery may go out; None: as many are under way as may be, and one that is done wakes the next.

    Of all workers one asks at a time. Each delivery is given a turn of its own, so that a thousand that wait
    do not all come back at the next moment that is free."""
    now: datetime = session.info["now"]
    if limits == UNLIMITED:
        return now
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(delivery.target, 0))))
    if limits.at_once is not None and await _under_way(session, delivery, now) >= limits.at_once:
        return None
    at = delivery.turn_at
    if at is None or at < now - KEPT:
        at = await _taken(session, delivery, limits, now)
    delivery.turn_at = at if at > now else None
    return at


async def _under_way(session: Writing, delivery: Delivery, now: datetime) -> int:
    return await session.scalar(select(func.count()).select_from(Delivery).where(
        Delivery.target == delivery.target, Delivery.state == DeliveryState.SENT, Delivery.leased_until > now,
        Delivery.id != delivery.id)) or 0


async def _taken(session: Writing, delivery: Delivery, limits: Limits, now: datetime) -> datetime:
    """The next turn of its target, which is this one's from now on."""
    last = await session.scalar(select(func.max(Target.taken_until)).where(Target.name == delivery.target))
    at = limits.turn(last, now)
    if limits.per_minute is not None:
        await session.execute(insert(Target).values(
            municipality_id=delivery.municipality_id, name=delivery.target, taken_until=at,
        ).on_conflict_do_update(index_elements=["municipality_id", "name"], set_={"taken_until": at}))
    return at
