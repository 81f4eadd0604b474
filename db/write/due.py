"""What a worker should look at: by the clock, and by the one before it."""
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from db.engine import Writing
from db.rules.delivery import BLOCKED, DONE, NEWS, OPENING, DeliveryState, FactKind
from db.rules.target import UNLIMITED, Limits
from db.tables.delivery import Delivery
from db.tables.target import Target
from db.tables.task import Task
from db.write.attempt import end
from db.write.delivery import Key

OF_KEY = (Delivery.municipality_id, Delivery.plan_id, Delivery.target, Delivery.recipient_id)


async def due(session: Writing, now: datetime, limits: Mapping[str, Limits] | None = None) -> list[Key]:
    """The keys that wait: new, due again, or under way; the longest waiting first.

    What is under way may have been left by a worker that died: its lease tells, when it is looked at. For a
    target that takes nothing there are none, for one that has rested one, to try it by, and never more than
    it takes at once: each that is done wakes the next (`following`)."""
    head = _heads(now)
    to_target = and_(Target.municipality_id == head.c.municipality_id, Target.name == head.c.target)
    rested = or_(Target.resting_until.is_(None), Target.resting_until <= now)
    rows = await session.execute(_waiting(head, now).add_columns(Target.resting_until).outerjoin(
        Target, to_target).where(Target.paused_at.is_(None), rested))
    found, room = dict[object, Key](), dict[str, "count[int]"]()
    for *of_key, since in rows:
        key = Key(*of_key)
        most = (limits or {}).get(key.target, UNLIMITED).at_once
        if most is None or next(room.setdefault(key.target, count())) < most:
            found.setdefault((key.municipality, key.target) if since else key, key)
    return list(found.values())


async def following(session: Writing, now: datetime, target: str) -> list[Key]:
    """The one that has waited longest for a target, of whatever municipality, and is not under way."""
    head = _heads(now)
    free = or_(head.c.leased_until.is_(None), head.c.leased_until <= now)
    rows = await session.execute(_waiting(head, now).where(head.c.target == target, free).limit(1))
    return [Key(*of_key) for of_key in rows]


def _heads(now: datetime) -> Subquery:
    """The first of each key that is not done, which none may pass; what `attempt.claim` looks at.

    A task that a unit takes its time for is passed by other units, and by its own end, which cancels it."""
    before = aliased(Delivery)
    of_unit = and_(
        before.municipality_id == Delivery.municipality_id, before.plan_id == Delivery.plan_id,
        before.target == Delivery.target, before.unit_id == Delivery.unit_id, _asked(before, now))
    waits = or_(_asked(Delivery, now), and_(
        Delivery.kind.in_(OPENING), select(before.id).where(of_unit, before.seq < Delivery.seq).exists()))
    passed = or_(and_(Delivery.kind == FactKind.NOTICE, Delivery.state.in_(BLOCKED)), waits)
    return select(*OF_KEY, Delivery.state, Delivery.ordered_at, Delivery.next_attempt_at, Delivery.turn_at,
                  Delivery.leased_until).ext(distinct_on(*OF_KEY)).where(
        Delivery.state.not_in(DONE), ~passed).order_by(*OF_KEY, Delivery.seq).subquery("head")


def _asked(delivery: type[Delivery], now: datetime) -> ColumnElement[bool]:
    """Whether it is a task, and it is not time yet to ask whether it still may be."""
    task = select(Task.id).where(
        Task.municipality_id == delivery.municipality_id, Task.delivery_id == delivery.id)
    return and_(delivery.state == DeliveryState.ACCEPTED, delivery.next_attempt_at > now, task.exists())


def _waiting(head: Subquery, now: datetime) -> Select[Any]:
    """Their keys, where it is time."""
    return select(*(head.c[column.key] for column in OF_KEY)).where(
        head.c.state.not_in(BLOCKED), or_(head.c.next_attempt_at.is_(None), head.c.next_attempt_at <= now),
        or_(head.c.turn_at.is_(None), head.c.turn_at <= now)).order_by(head.c.ordered_at)


async def expire(session: Writing, now: datetime) -> None:
    """Notices that nobody could be given while they were news, and that none is sent by now."""
    old = await session.scalars(select(Delivery).where(
        Delivery.kind == FactKind.NOTICE, Delivery.recipient_id.is_not(None), Delivery.state.not_in(DONE),
        Delivery.ordered_at <= now - NEWS, or_(Delivery.leased_until.is_(None), Delivery.leased_until <= now),
    ).with_for_update(key_share=True, skip_locked=True))
    for delivery in old:
        end(delivery, DeliveryState.EXPIRED)
