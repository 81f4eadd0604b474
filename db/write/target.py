"""How it is with each receiver: by what its deliveries answer, measured now and then, paused by people."""
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, or_, select, union, update
from sqlalchemy.dialects.postgresql import insert

from db.engine import Writing
from db.rules.alert import Health
from db.rules.delivery import BLOCKED, DONE, DeliveryFault, FactKind
from db.rules.target import CLOSED, PAUSES, Breaker, PauseReason, after
from db.rules.task import due_on
from db.tables.delivery import Delivery, DeliveryAttempt
from db.tables.municipality import Municipality
from db.tables.target import Target
from db.tables.task import Task
from db.tables.unit import Unit
from db.write import alert, reconciliation
from db.write.delivery import Key
from db.write.find import NOBODY, Who

MEASURED = timedelta(minutes=1)
CHECKED = timedelta(minutes=10)
LATELY = timedelta(days=1)  # what the share of failures is counted over
NAMES = (Municipality.archive, Municipality.sms, Municipality.email, Unit.fagsystem)
USED = union(*(select(name.class_.municipality_id, name.label("name")).where(name.is_not(None))
               for name in NAMES))


class Standing(NamedTuple):
    """How it is with a target, as its last deliveries have left it."""
    paused_at: datetime | None = None
    resting_until: datetime | None = None
    failures: int = 0

    @property
    def well(self) -> bool:
        return self == Standing()


STANDING: Final = (Target.paused_at, Target.resting_until, Target.failures)


async def held_up(session: Writing, key: Key, known: Standing, lease: timedelta) -> bool:
    """Whether nothing goes out to the target now. One that has rested is tried by one delivery at a time."""
    if known.paused_at is None and known.resting_until is None:
        return False
    now: datetime = session.info["now"]
    if known.paused_at is not None or known.resting_until is None or known.resting_until > now:
        return True
    probe = update(Target).where(
        Target.municipality_id == key.municipality, Target.name == key.target,
        Target.resting_until == known.resting_until).values(resting_until=now + lease).returning(Target.id)
    return await session.scalar(probe) is None  # another was first


async def answered(session: Writing, key: Key, fault: DeliveryFault | None, now: datetime) -> None:
    """Of an attempt that changes how it is with the target, or may."""
    await session.execute(insert(Target).values(
        municipality_id=key.municipality, name=key.target).on_conflict_do_nothing())
    target = (await session.scalars(select(Target).where(
        Target.municipality_id == key.municipality, Target.name == key.target,
    ).with_for_update().execution_options(populate_existing=True))).one()
    breaker = after(Breaker(target.failures, target.resting_until), fault, now)
    target.failures, target.resting_until = breaker.failures, breaker.resting_until
    if fault in PAUSES and target.paused_at is None:
        target.paused_at, target.pause_reason = now, PAUSES[fault]


def pause(who: Who, target: Target) -> None:
    target.paused_at, target.pause_reason, target.paused_by_id = who.now, PauseReason.BY_HAND, who.person


def resume(target: Target) -> None:
    """What waited goes out at the next sweep."""
    target.paused_at = target.pause_reason = target.paused_by_id = None
    target.failures, target.resting_until = CLOSED.failures, CLOSED.resting_until


async def locked(session: Writing, who: Who, key: UUID) -> Target | None:
    return await session.scalar(select(Target).where(
        Target.municipality_id == who.municipality, Target.id == key).with_for_update())


async def measure(session: Writing, now: datetime) -> None:
    """How much waits for each target, how it has gone lately, and whether there is an alert: by the first
    worker that comes to it."""
    await session.execute(insert(Target).from_select(
        ["municipality_id", "name"], USED, include_defaults=False).on_conflict_do_nothing())
    late = or_(Target.measured_at.is_(None), Target.measured_at <= now - MEASURED)
    due = update(Target).where(late).values(measured_at=now).returning(Target)
    for target in (await session.scalars(due)).all():
        of_target = and_(Delivery.municipality_id == target.municipality_id, Delivery.target == target.name)
        to_task = and_(Task.municipality_id == Delivery.municipality_id, Task.delivery_id == Delivery.id)
        fact = and_(Delivery.state.in_(BLOCKED), Delivery.kind != FactKind.NOTICE)
        in_time = and_(Task.due_on.is_not(None), Task.due_on >= due_on(now, timedelta()))
        goes = func.min(Delivery.ordered_at).filter(Delivery.state.not_in(BLOCKED), ~in_time)
        target.waiting, target.oldest_unconfirmed_at, target.blocked, oldest = (await session.execute(select(
            func.count(), func.min(Delivery.ordered_at), func.count().filter(fact), goes,
        ).select_from(Delivery).outerjoin(Task, to_task).where(of_target, Delivery.state.not_in(DONE)))).one()
        to_delivery = and_(DeliveryAttempt.municipality_id == Delivery.municipality_id,
                           DeliveryAttempt.delivery_id == Delivery.id)
        lately = select(func.count(DeliveryAttempt.id), func.count(DeliveryAttempt.fault)).join(
            Delivery, to_delivery).where(of_target, DeliveryAttempt.started_at > now - LATELY)
        target.attempts, target.failed = (await session.execute(lately)).one()
        await alert.settle(session, Who(target.municipality_id, NOBODY, now), target, Health(
            target.failures, target.pause_reason, target.fault_since, target.blocked, oldest,
            await reconciliation.differing(session, target)))


async def due_for_check(session: Writing, now: datetime) -> set[str]:
    """The names of those that have not been asked for a while, which this worker asks now."""
    due = update(Target).where(or_(Target.checked_at.is_(None), Target.checked_at <= now - CHECKED)).values(
        checked_at=now).returning(Target.name)
    return set(await session.scalars(due))


async def checked(session: Writing, name: str, faults: list[str], now: datetime) -> None:
    """What is wrong with it, wherever it is used."""
    since = func.coalesce(Target.fault_since, now) if faults else None
    await session.execute(update(Target).where(Target.name == name).values(
        checked_at=now, fault="\n".join(faults) or None, fault_since=since))
