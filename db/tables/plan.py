"""The plan, its overview and its history."""
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    Index,
    Integer,
    Select,
    SmallInteger,
    case,
    cast,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Mapped, relationship

from db.rules.rights import Right
from db.rules.words import CloseReason, PlanStatus, PlanType
from db.tables.consent import Consent, in_force
from db.tables.deletion import DeletionRequest
from db.tables.delivery import Delivery
from db.tables.goal import Goal
from db.tables.grant import AccessGrant, ElementAccess, in_use
from db.tables.handover import Handover
from db.tables.held import Asking, Base, Row, computed, held, link, made
from db.tables.log import AccessLog
from db.tables.move import UnitChange
from db.tables.participant import Participant
from db.tables.person import Person
from db.tables.unit import Unit

ACTIVE: ColumnElement[str] = literal_column(f"'{PlanStatus.ACTIVE}'")
PASSIVE: ColumnElement[str] = literal_column(f"'{PlanStatus.PASSIVE}'")


class Overview(Base):
    """What the plan says of the child; a row that is made with the plan."""
    __tablename__ = "overview"
    __right__ = Right.OVERVIEW_READ
    __table_args__ = (Index("overview_plan_id_idx", "municipality_id", "plan_id", unique=True),)
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    presentation: Mapped[str | None] = held(Right.OVERVIEW_READ)
    initiative: Mapped[str | None] = held(Right.OVERVIEW_READ)
    strengths: Mapped[str | None] = held(Right.OVERVIEW_READ)
    challenges: Mapped[str | None] = held(Right.OVERVIEW_READ)
    own_voice: Mapped[str | None] = held(Right.OVERVIEW_READ)
    version: Mapped[int] = held(Right.OVERVIEW_READ, Integer, default=1)


class StatusChange(Base):
    """The status since a moment; rights follow from these, so that closing a plan leaves its past alone."""
    __tablename__ = "status_change"
    __right__ = Right.TIMELINE_READ
    __order__ = "since"
    __table_args__ = (Index("status_change_plan_id_idx", "municipality_id", "plan_id"),)
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    status: Mapped[PlanStatus] = held(Right.TIMELINE_READ)
    since: Mapped[datetime] = held(Right.TIMELINE_READ)
    reason: Mapped[CloseReason | None] = held(Right.TIMELINE_READ)
    by_id: Mapped[UUID | None] = held(Right.NEVER, to="person")
    by: Mapped[Person | None] = link("StatusChange.by_id")


class LevelChange(Base):
    """The BTI level since a moment, and why."""
    __tablename__ = "level_change"
    __right__ = Right.OVERVIEW_READ
    __order__ = "since"
    __table_args__ = (Index("level_change_plan_id_idx", "municipality_id", "plan_id"),)
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    level: Mapped[int] = held(Right.OVERVIEW_READ, SmallInteger)
    since: Mapped[datetime] = held(Right.OVERVIEW_READ)
    reason: Mapped[str | None] = held(Right.OVERVIEW_READ)


class Plan(Base):
    """Or the tombstone of one (`deleted_at`), which names nobody, and which no viewer comes to."""
    __tablename__ = "plan"
    __right__ = Right.SHELL
    __table_args__ = (
        CheckConstraint("level between 0 and 3", name="plan_level"),
        CheckConstraint("owner_id is not null and stafettholder_id is not null and short_name is not null "
                        "or deleted_at is not null", name="plan_or_tombstone"),
        Index("plan_unit_id_idx", "municipality_id", "unit_id"),
        Index("plan_owner_id_idx", "municipality_id", "owner_id"),
        Index("plan_next_change", "next_change_at", postgresql_where=text("next_change_at is not null")),
        Index("plan_one_running_stafettlogg", "municipality_id", "owner_id", unique=True,
              postgresql_where=text("type = 'STAFETTLOGG' and recorded_status <> 'CLOSED'")))
    owner_id: Mapped[UUID] = held(Right.NEVER, to="person", nullable=True)
    unit_id: Mapped[UUID] = held(Right.NEVER, to="unit")
    stafettholder_id: Mapped[UUID] = held(Right.NEVER, to="person", nullable=True)
    successor_id: Mapped[UUID | None] = held(Right.NEVER, to="plan")  # the individual plan it was closed for
    opened_through_id: Mapped[UUID | None] = held(Right.NEVER, to="unit")  # whose fagsystem opened it
    type: Mapped[PlanType] = held(Right.SHELL)
    short_name: Mapped[str] = held(Right.SHELL, nullable=True)
    recorded_status: Mapped[PlanStatus] = held(Right.NEVER)
    level: Mapped[int] = held(Right.OVERVIEW_READ, SmallInteger)
    start_date: Mapped[date] = held(Right.SHELL)
    end_date: Mapped[date | None] = held(Right.SHELL)
    next_evaluation_date: Mapped[date | None] = held(Right.OVERVIEW_READ)
    changed_at: Mapped[datetime] = held(Right.SHELL)
    protected: Mapped[bool] = held(Right.NEVER, default=False)  # somebody's address is; re-granting writes it
    next_change_at: Mapped[datetime | None] = held(Right.NEVER)  # when the clock must come; likewise
    revision: Mapped[int] = held(Right.NEVER, default=0, server_default="0")  # a trigger counts every change
    deleted_at: Mapped[datetime | None] = held(Right.NEVER)
    owner: Mapped[Person] = link("Plan.owner_id")
    unit: Mapped[Unit] = link("Plan.unit_id", Right.WHEREABOUTS)
    opened_through: Mapped[Unit | None] = link("Plan.opened_through_id", Right.WHEREABOUTS)
    stafettholder: Mapped[Person] = link("Plan.stafettholder_id")
    overview: Mapped[Overview | None] = link("Overview.plan_id", uselist=False)
    participants: Mapped[list[Participant]] = link("Participant.plan_id")
    consents: Mapped[list[Consent]] = link("Consent.plan_id")
    goals: Mapped[list[Goal]] = link("Goal.plan_id")
    status_history: Mapped[list[StatusChange]] = link("StatusChange.plan_id")
    level_history: Mapped[list[LevelChange]] = link("LevelChange.plan_id")
    unit_history: Mapped[list[UnitChange]] = link("UnitChange.plan_id")
    handovers: Mapped[list[Handover]] = link("Handover.plan_id")
    deletion_requests: Mapped[list[DeletionRequest]] = link("DeletionRequest.plan_id")
    deliveries: Mapped[list[Delivery]] = link("Delivery.plan_id")
    access_log: Mapped[list[AccessLog]] = relationship(
        primaryjoin="and_(foreign(AccessLog.municipality_id) == Plan.municipality_id,"
                    "foreign(AccessLog.plan_id) == Plan.id)", viewonly=True, info={"held": None})
    viewer_access = made(ElementAccess)

    @computed(Right.SHELL, tells=("plan.recorded_status", "consent.valid_until", "consent.opened_at",
                                  "consent.withdrawn_at", "consent.superseded_at"))
    def status(row: Any, asking: Asking) -> ColumnElement[Any]:
        """What is recorded; but an active plan rests from the moment that no consent is in force."""
        holds = consents_in_force(literal_column("1"), row, asking).exists()
        return case((row.recorded_status != ACTIVE, row.recorded_status), (holds, ACTIVE), else_=PASSIVE)

    @computed(Right.SHELL, tells=("consent.valid_until", "consent.opened_at", "consent.withdrawn_at",
                                  "consent.superseded_at"))
    def consent_expires_in_days(row: Any, asking: Asking) -> ColumnElement[Any]:
        """Days from today to the last on which the consent in force holds; null where none is."""
        latest = func.max(Row(Consent, "consent").valid_until)
        until = consents_in_force(latest, row, asking).scalar_subquery()
        return _day(until - literal_column("interval '1 microsecond'")) - _day(asking.now)

    @computed(Right.SHELL, tells=("delivery.confirmed_at", "delivery.kind"))
    def last_archived_at(row: Any, asking: Asking) -> ColumnElement[Any]:
        """Of the archive's own receipt; what was only sent does not count."""
        sent = Row(Delivery, "delivery")
        archived = select(func.max(sent.confirmed_at)).select_from(Delivery.__table__).where(
            sent.municipality_id == row.municipality_id, sent.plan_id == row.id,
            sent.kind == literal_column("'ARCHIVED'"))
        return archived.scalar_subquery()

    @computed(Right.SHELL)
    def followed_by(row: Any, asking: Asking) -> ColumnElement[Any]:
        """The global id of the plan that follows, where the ledger says that it is there for the viewer.

        An id alone: along a link this plan's mask would flow into that one."""
        there = AccessGrant.mask.bitwise_and(literal_column(str(int(Right.SHELL)))) != literal_column("0")
        told = in_use(asking).with_only_columns(literal_column("'Plan:'").concat(AccessGrant.plan_id)).where(
            AccessGrant.plan_id == row.successor_id, there)
        return told.limit(literal_column("1")).correlate_except(AccessGrant).scalar_subquery()

    @computed(Right.SHELL)
    def owner_name(row: Any, asking: Asking) -> ColumnElement[Any]:
        owner = Row(Person, "person")
        name = select(owner.name).select_from(Person.__table__).where(
            owner.municipality_id == row.municipality_id, owner.id == row.owner_id)
        return name.scalar_subquery()


def _day(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """The day in Norway."""
    return cast(func.timezone(literal_column("'Europe/Oslo'"), moment), Date)


def consents_in_force(told: ColumnElement[Any], plan: Any, asking: Asking) -> Select[Any]:
    """What is told of a plan's consents that hold now.

    Their columns as text: one mapped attribute, and the ORM compiles every select that stands round it."""
    consent = Row(Consent, "consent")
    return select(told).select_from(Consent.__table__).where(
        consent.municipality_id == plan.municipality_id, consent.plan_id == plan.id,
        in_force(consent, asking))
