"""Archiving on the municipality's days: who is due is found once, and each archived in its turn."""
import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, and_, literal, select
from sqlalchemy.dialects.postgresql import insert

from db.engine import Writer, Writing
from db.rules.archive import last_due
from db.rules.delivery import DeliveryState, FactKind
from db.rules.words import ArchiveTrigger, PlanStatus
from db.tables.archive import ArchiveCampaign, ArchiveDue
from db.tables.delivery import Delivery
from db.tables.municipality import Municipality
from db.tables.plan import Plan, StatusChange
from db.write.delivery import order_archive, revision
from db.write.find import NOBODY, Who, lock, transaction

AT_ONCE = 500  # plans in one round; the next comes within a minute, and a worker that must stop soon can
log = logging.getLogger(__name__)


async def come(writer: Writer, clock: Callable[[], datetime]) -> int:
    """What the days of the year bring; how many plans were seen to.

    Each plan is a transaction of its own: where a worker dies the next round goes on, several at once order
    nothing twice, and a plan that can't be archived stops no other."""
    async with transaction(writer, clock()) as session:
        for home in (await session.scalars(select(Municipality))).all():
            await begin(session, home, clock())
    waiting = await _waiting(writer, clock())
    for municipality, due, plan in waiting:
        try:
            async with transaction(writer, clock(), clock) as session:
                await _archive(session, Who(municipality, NOBODY, clock()), due, plan)
        except Exception as error:  # noqa: BLE001  its text may hold what is in the plan
            log.error("Plan %s: could not be archived on its day: %s", plan, type(error).__qualname__)
    return len(waiting)


async def begin(session: Writing, home: Municipality, now: datetime) -> None:
    """Where the last of the municipality's days has come: writes down, once, who is due. That must not change
    while they are archived."""
    due_at = last_due(home.archive_dates, home.archive_dates_since, now)
    if due_at is None:
        return
    begun = insert(ArchiveCampaign).values(
        municipality_id=home.municipality_id, due_at=due_at, begun_at=now).on_conflict_do_nothing()
    if await session.scalar(begun.returning(ArchiveCampaign.id)) is not None:
        due = _due(home.municipality_id, due_at)
        await session.execute(insert(ArchiveDue).from_select(
            ["municipality_id", "plan_id", "due_at"], due, include_defaults=False))


def _due(municipality: int, due_at: datetime) -> Select[int, UUID, datetime]:
    """Plans that have been active and are not closed, with a consent in force now or without, of which the
    archive is to have no version as they are."""
    was_active = select(StatusChange.id).where(
        StatusChange.municipality_id == Plan.municipality_id, StatusChange.plan_id == Plan.id,
        StatusChange.status == PlanStatus.ACTIVE, StatusChange.since < due_at).exists()
    as_it_is = select(Delivery.id).where(
        Delivery.municipality_id == Plan.municipality_id, Delivery.plan_id == Plan.id,
        _ordered_whole(), Delivery.revision == Plan.revision).exists()
    return select(Plan.municipality_id, Plan.id, literal(due_at, DateTime(timezone=True))).where(
        Plan.municipality_id == municipality, Plan.recorded_status != PlanStatus.CLOSED, was_active,
        ~as_it_is)


def _ordered_whole() -> ColumnElement[bool]:
    """A version that the archive has, or gets when what holds it up is seen to."""
    return and_(Delivery.kind == FactKind.ARCHIVED, Delivery.whole.is_(True),
                Delivery.state != DeliveryState.CANCELLED)


async def _waiting(writer: Writer, now: datetime) -> list[tuple[int, UUID, UUID]]:
    """Who is due and has not been seen to, the longest due first; not where there is no archive."""
    async with transaction(writer, now) as session:
        rows = await session.execute(select(
            ArchiveDue.municipality_id, ArchiveDue.id, ArchiveDue.plan_id).join(
            Municipality, Municipality.municipality_id == ArchiveDue.municipality_id).where(
            ArchiveDue.done_at.is_(None), Municipality.archive.is_not(None),
        ).order_by(ArchiveDue.id).limit(AT_ONCE))
        return [(municipality, due, plan) for municipality, due, plan in rows]


async def _archive(session: Writing, who: Who, key: UUID, plan_id: UUID) -> None:
    """A version, unless one is ordered already of the plan as it is now; a closing has ordered its own."""
    plan = await lock(session, who, plan_id)
    due = await session.get_one(ArchiveDue, (who.municipality, key), populate_existing=True)
    if due.done_at is not None:
        return
    there = await session.scalar(select(Delivery.id).where(
        Delivery.municipality_id == who.municipality, Delivery.plan_id == plan_id, _ordered_whole(),
        Delivery.revision == await revision(session, who, plan)).limit(1))
    if plan.recorded_status is PlanStatus.CLOSED or there is not None or await order_archive(
            session, who, plan, ArchiveTrigger.CAMPAIGN) is not None:
        due.done_at = who.now
