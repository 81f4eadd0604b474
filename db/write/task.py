"""Tasks for units that note in their fagsystem by hand: given, found for those who answer, reminded of."""
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from db.engine import Writing
from db.gate.task import shown_to
from db.rules import task as rules
from db.rules.delivery import DeliveryState
from db.rules.errors import Refused
from db.rules.words import NoticeKind
from db.tables.delivery import Delivery
from db.tables.task import Task
from db.write import notice
from db.write.find import NOBODY, Who, lock

AT_ONCE = 200  # tasks in one round; the next comes within seconds


async def give(session: Writing, delivery: Delivery, within: timedelta, now: datetime) -> None:
    """To the unit, once: that it is asked about anew does not make it due any later."""
    await session.execute(insert(Task).values(
        municipality_id=delivery.municipality_id, plan_id=delivery.plan_id, delivery_id=delivery.id,
        unit_id=delivery.unit_id, due_on=rules.due_on(now, within), remind_at=now).on_conflict_do_nothing())


async def waits(session: Writing, delivery: Delivery) -> bool:
    """Whether it is a task that the unit has been given, and has not answered."""
    return delivery.state is DeliveryState.ACCEPTED and await session.scalar(select(Task.id).where(
        Task.municipality_id == delivery.municipality_id, Task.delivery_id == delivery.id)) is not None


async def take_back(session: Writing, delivery: Delivery) -> None:
    """Where the unit can't do it: if it is tried again, it is due anew."""
    await session.execute(delete(Task).where(
        Task.municipality_id == delivery.municipality_id, Task.delivery_id == delivery.id))


async def locked(session: Writing, who: Who, key: UUID, field: str) -> Delivery:
    """The delivery of a task and its plan. Refused NOT_FOUND where it is no open task of this viewer's unit;
    the rights that count are read after the lock, as in `find.locked`."""
    plan_id = await session.scalar(select(Task.plan_id).where(
        Task.municipality_id == who.municipality, Task.delivery_id == key))
    if plan_id is None or not await _is_shown(session, who, key):
        raise Refused("NOT_FOUND", field)
    await lock(session, who, plan_id)
    delivery = (await session.scalars(select(Delivery).where(
        Delivery.municipality_id == who.municipality, Delivery.id == key,
    ).with_for_update().execution_options(populate_existing=True))).one()
    if not await _is_shown(session, who, key):
        raise Refused("NOT_FOUND", field)
    return delivery


async def answered(session: Writing, who: Who, delivery: Delivery) -> None:
    """By whom, when the receipt is written down; the delivery is as it is from then on."""
    await session.refresh(delivery)
    delivery.answered_by_id = who.person


async def _is_shown(session: Writing, who: Who, key: UUID) -> bool:
    seen = shown_to(who.asking, "seen")
    return await session.scalar(select(seen.c.delivery_id).where(
        seen.c.delivery_id == key, seen.c.person_id == who.person)) is not None


async def remind(session: Writing, now: datetime) -> None:
    """Tells of what has come, is soon due or overdue: each person once, of what is most urgent. What is
    answered by now is nobody's to be told."""
    due = (await session.scalars(select(Task).where(Task.remind_at <= now).order_by(Task.remind_at).limit(
        AT_ONCE).with_for_update(skip_locked=True))).all()
    urgent: dict[tuple[int, UUID], NoticeKind] = {}
    order = list(NoticeKind)
    for task in due:
        about, task.remind_at = rules.reminder(task.due_on, now)
        seen = shown_to(Who(task.municipality_id, NOBODY, now).asking, "seen")
        for person in await session.scalars(select(seen.c.person_id).where(
                seen.c.delivery_id == task.delivery_id)):
            key = (task.municipality_id, person)
            urgent[key] = max(about, urgent.get(key, about), key=order.index)
    for (municipality, person), about in sorted(urgent.items()):
        await notice.tell_of_tasks(session, Who(municipality, NOBODY, now), person, about)
