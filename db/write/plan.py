"""Plans: made, and moved from status to status; every move is kept with its time."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from db.engine import Writing
from db.rules.grant import OSLO
from db.rules.plan import by_clock
from db.rules.rights import Right
from db.rules.words import CloseReason, PlanStatus, PlanType, Role
from db.tables.consent import Consent, in_force
from db.tables.municipality import Municipality
from db.tables.person import Person
from db.tables.plan import LevelChange, Overview, Plan, StatusChange
from db.tables.unit import Unit
from db.write import log, municipality as municipalities, participant
from db.write.find import Who, mask_in
from db.write.move import moved


@dataclass(frozen=True)
class PlanDraft:
    """A plan that is to be opened, its people known already."""
    type: PlanType
    unit: UUID
    owner: UUID
    short_name: str
    guardians: tuple[UUID, ...]
    stafettholder: UUID
    level: int
    start_date: date
    next_evaluation_date: date | None = None


async def create(session: Writing, who: Who, draft: PlanDraft) -> Plan:
    """The plan with its owner, guardians and stafettholder, an empty overview, and where it stands first."""
    plan = Plan(
        municipality_id=who.municipality, owner_id=draft.owner, unit_id=draft.unit,
        stafettholder_id=draft.stafettholder, type=draft.type, short_name=draft.short_name,
        recorded_status=PlanStatus.DRAFT, level=draft.level, start_date=draft.start_date,
        next_evaluation_date=draft.next_evaluation_date, changed_at=who.now,
        opened_through_id=who.through and who.through.unit)
    session.add(plan)
    await session.flush()
    if who.through:
        log.was_opened(session, who, plan)
    await municipalities.held(session, who)
    below = {"municipality_id": who.municipality, "plan_id": plan.id}
    moved(session, who, plan, draft.unit)
    session.add_all([Overview(**below), LevelChange(**below, level=draft.level, since=who.now),
                     StatusChange(**below, status=PlanStatus.DRAFT, since=who.now, by_id=who.by)])
    unit = await session.scalar(select(Person.workplace_id).where(
        Person.municipality_id == who.municipality, Person.id == draft.stafettholder))
    for person, role in [(draft.owner, Role.OWNER), *((g, Role.GUARDIAN) for g in draft.guardians)]:
        await participant.add(session, who, plan, person, role)
    await participant.add(session, who, plan, draft.stafettholder, Role.STAFETTHOLDER, unit)
    return plan


def set_status(session: Writing, who: Who, plan: Plan, status: PlanStatus,
               reason: CloseReason | None = None) -> None:
    """Nothing where it is the status already."""
    if plan.recorded_status is status:
        return
    plan.recorded_status, plan.changed_at = status, who.now
    plan.end_date = who.now.astimezone(OSLO).date() if status is PlanStatus.CLOSED else None
    plan.successor_id = None
    session.add(StatusChange(municipality_id=who.municipality, plan_id=plan.id, status=status, since=who.now,
                             reason=reason, by_id=who.by))


def set_level(session: Writing, who: Who, plan: Plan, level: int, reason: str) -> None:
    plan.level, plan.changed_at = level, who.now
    session.add(LevelChange(municipality_id=who.municipality, plan_id=plan.id, level=level, since=who.now,
                            reason=reason))


async def consent_in_force(session: Writing, who: Who, plan: Plan) -> Consent | None:
    return await session.scalar(select(Consent).where(
        Consent.municipality_id == who.municipality, Consent.plan_id == plan.id,
        in_force(Consent, who.asking)))


async def status_now(session: Writing, who: Who, plan: Plan) -> PlanStatus:
    """The status as it is, whether the clock's work has been recorded yet or not."""
    holds = await consent_in_force(session, who, plan) is not None
    return by_clock(plan.recorded_status, in_force=holds)


async def municipality(session: Writing, number: int) -> Municipality:
    return (await session.scalars(select(Municipality).where(Municipality.municipality_id == number))).one()


async def unit(session: Writing, who: Who, key: UUID) -> Unit | None:
    return await session.get(Unit, (who.municipality, key))


async def follows(session: Writing, who: Who, plan: Plan, key: UUID) -> bool:
    """Whether a plan that is there for the one who acts is a running individual plan of the same owner."""
    there = await mask_in(session, who, key) & Right.SHELL
    fits = await session.scalar(select(Plan.id).where(
        Plan.municipality_id == who.municipality, Plan.id == key, Plan.owner_id == plan.owner_id,
        Plan.type == PlanType.INDIVIDUAL_PLAN, Plan.recorded_status != PlanStatus.CLOSED, Plan.id != plan.id))
    return bool(there) and fits is not None


async def running(session: Writing, who: Who, owner: UUID) -> UUID | None:
    """The owner's stafettlogg that is not closed."""
    return await session.scalar(select(Plan.id).where(
        Plan.municipality_id == who.municipality, Plan.owner_id == owner, Plan.type == PlanType.STAFETTLOGG,
        Plan.recorded_status != PlanStatus.CLOSED))


async def owned(session: Writing, who: Who, owner: UUID) -> Sequence[UUID]:
    """All plans of somebody, in the order of locks."""
    return (await session.scalars(select(Plan.id).where(
        Plan.municipality_id == who.municipality, Plan.owner_id == owner, Plan.deleted_at.is_(None),
    ).order_by(Plan.id))).all()
