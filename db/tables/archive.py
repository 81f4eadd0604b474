"""The days on which plans are archived, the plans that were due then, and those that are overdue."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Index,
    Select,
    UniqueConstraint,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped

from db.rules.delivery import BLOCKED, DeliveryState, FactKind
from db.rules.rights import Right
from db.rules.words import ArchiveTrigger, OverdueReason, PlanStatus
from db.tables.delivery import Delivery
from db.tables.held import Asking, Base, Made, Row, computed, held
from db.tables.plan import Plan


class ArchiveCampaign(Base):
    """One of the municipality's days has come, and who was due on it is written down."""
    __tablename__ = "archive_campaign"
    __right__ = Right.NEVER
    __table_args__ = (UniqueConstraint("municipality_id", "due_at"),)
    due_at: Mapped[datetime] = held(Right.NEVER)
    begun_at: Mapped[datetime] = held(Right.NEVER)


class ArchiveDue(Base):
    """A plan that had changed since its last version when a day came; done: when a version of it is ordered,
    or has been already."""
    __tablename__ = "archive_due"
    __right__ = Right.NEVER
    __table_args__ = (UniqueConstraint("municipality_id", "plan_id", "due_at"),
                      Index("archive_due_waiting", "id", postgresql_where=text("done_at is null")))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    due_at: Mapped[datetime] = held(Right.NEVER)
    done_at: Mapped[datetime | None] = held(Right.NEVER)


def _is(value: str) -> ColumnElement[str]:
    return literal_column(f"'{value}'")


def _versions(plan: Any) -> FromClause:
    """One row of what the archive was sent of a plan: the number of versions, since when one waits for a
    person, when the last was ordered that the archive has whole, and when the closing asked for one."""
    version = Row(Delivery, "version")
    stopped = version.state.in_([_is(state) for state in sorted(BLOCKED)])
    confirmed = version.state == _is(DeliveryState.CONFIRMED)
    ordered = func.max(version.ordered_at)
    return select(
        func.max(version.version).label("version"), func.max(version.confirmed_at).label("confirmed_at"),
        func.min(version.ordered_at).filter(stopped).label("stopped_at"),
        ordered.filter(confirmed, version.whole).label("kept_at"),
        ordered.filter(version.trigger == _is(ArchiveTrigger.CLOSING)).label("closing_at"),
    ).select_from(Delivery.__table__.alias("version")).where(
        version.municipality_id == plan.municipality_id, version.plan_id == plan.id,
        version.kind == _is(FactKind.ARCHIVED)).lateral("versions")


def _due(plan: Any, kept_at: ColumnElement[Any]) -> FromClause:
    """One row: the first of the days on which the plan was due, and that no version has come after."""
    due = Row(ArchiveDue, "due")
    return select(func.min(due.due_at).label("due_at")).select_from(ArchiveDue.__table__.alias("due")).where(
        due.municipality_id == plan.municipality_id, due.plan_id == plan.id,
        or_(kept_at.is_(None), due.due_at > kept_at)).lateral("days")


class OverdueArchiving(Made):
    """A plan that should have been archived and was not, for the local administrator; it names nobody."""
    __right__ = Right.DELETION
    __order__ = "since"
    shown = ("type", "version")

    @classmethod
    def rows(cls, asking: Asking, above: Any) -> Select[Any]:
        plan = Row(Plan, "overdue")
        versions: Any = _versions(plan)
        kept_at, closing_at = versions.c.kept_at, versions.c.closing_at
        days: Any = _due(plan, kept_at)
        waits = and_(plan.recorded_status == _is(PlanStatus.CLOSED),
                     or_(kept_at.is_(None), closing_at > kept_at))
        since = func.coalesce(versions.c.stopped_at, case((waits, closing_at)), days.c.due_at)
        reason = case((versions.c.stopped_at.is_not(None), _is(OverdueReason.STOPPED)),
                      (and_(waits, closing_at.is_not(None)), _is(OverdueReason.CLOSING)),
                      else_=_is(OverdueReason.CAMPAIGN))
        return select(
            plan.id.label("id"), plan.unit_id.label("unit_id"), plan.type.label("type"), versions.c.version,
            versions.c.confirmed_at, reason.label("why"), since.label("overdue_at"),
        ).select_from(Plan.__table__.alias("overdue").join(versions, true()).join(days, true())).where(
            plan.municipality_id == asking.municipality, plan.id == above.plan_id, since.is_not(None))

    @computed(Right.DELETION)
    def plan(row: Any, asking: Asking) -> ColumnElement[Any]:
        """The global id: along a link this would lead to names."""
        return literal_column("'Plan:'").concat(row.id)

    @computed(Right.WHEREABOUTS)
    def unit(row: Any, asking: Asking) -> ColumnElement[Any]:
        return literal_column("'Unit:'").concat(row.unit_id)

    @computed(Right.DELETION, tells=("delivery.whole", "plan.recorded_status"))
    def reason(row: Any, asking: Asking) -> ColumnElement[Any]:
        """What a person must look at first, then what holds back a closing."""
        return row.why  # type: ignore[no-any-return]

    @computed(Right.DELETION)
    def since(row: Any, asking: Asking) -> ColumnElement[Any]:
        """When the version that is not there was ordered, or the day came."""
        return row.overdue_at  # type: ignore[no-any-return]

    @computed(Right.DELETION)
    def last_archived_at(row: Any, asking: Asking) -> ColumnElement[Any]:
        return row.confirmed_at  # type: ignore[no-any-return]
