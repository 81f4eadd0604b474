"""What was read by whom, and who searched for whom: written by the hub with the answer, never changed."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    UniqueConstraint,
    Uuid,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, relationship

from db.rules.rights import Right
from db.rules.words import AccessReason, LogAction
from db.tables.grant import NONE, AccessGrant, elements
from db.tables.held import Asking, Base, Held, computed, held
from db.tables.person import Person
from db.tables.unit import Unit


class AccessLog(Base):
    """One person's reading of some elements of one plan, or that the fagsystem of a unit was told that there
    is one; the same again within the hour shares the row.

    No foreign keys: they would cost every reader two look-ups, and the log must outlive what it tells of."""
    __tablename__ = "access_log"
    __right__ = Right.ACCESS_LOG_READ
    __order__ = "at"
    __loose__ = True
    __table_args__ = (
        UniqueConstraint("municipality_id", "plan_id", "person_id", "unit_id", "hour", "elements", "action",
                         name="access_log_once_an_hour", postgresql_nulls_not_distinct=True),)
    plan_id: Mapped[UUID] = held(Right.NEVER)
    person_id: Mapped[UUID] = held(Right.NEVER)  # nobody's: the hub itself, or a fagsystem
    unit_id: Mapped[UUID | None] = held(Right.NEVER)  # whose fagsystem it was
    consent_id: Mapped[UUID | None] = held(Right.NEVER)  # of a fagsystem: no row of the ledger tells of it
    hour: Mapped[datetime] = held(Right.NEVER, DateTime(timezone=True))
    elements: Mapped[int] = held(Right.NEVER)  # a mask: the rights to read that were asked for and held
    action: Mapped[LogAction] = held(Right.ACCESS_LOG_READ)
    at: Mapped[datetime] = held(Right.ACCESS_LOG_READ)
    person: Mapped[Person] = relationship(
        primaryjoin="and_(foreign(AccessLog.municipality_id) == Person.municipality_id,"
                    "foreign(AccessLog.person_id) == Person.id)", viewonly=True, info={"held": None})
    unit: Mapped[Unit | None] = relationship(
        primaryjoin="and_(foreign(AccessLog.municipality_id) == Unit.municipality_id,"
                    "foreign(AccessLog.unit_id) == Unit.id)", viewonly=True,
        info={"held": Held(Right.WHEREABOUTS)})

    @computed(Right.ACCESS_LOG_READ)
    def because(row: Any, asking: Asking) -> ColumnElement[Any]:
        """Why it was open: what the ledger said then; to a fagsystem, by its consent alone.

        A reader who is not in the ledger read by a post outside the plan."""
        through_consent = case((row.consent_id.is_not(None), literal_column(f"'{AccessReason.CONSENT}'")))
        return func.coalesce(through_consent, at_the_time(row, AccessGrant.because),
                             literal_column(f"'{AccessReason.ROLE}'"))

    @computed(Right.ACCESS_LOG_READ)
    def consent(row: Any, asking: Asking) -> ColumnElement[Any]:
        """The global id of the consent that it was read through; null where the role opened it."""
        return literal_column("'Consent:'").concat(
            func.coalesce(row.consent_id, at_the_time(row, AccessGrant.consent_id)))

    @computed(Right.ACCESS_LOG_READ, tells=("access_log.elements",))
    def read(row: Any, asking: Asking) -> ColumnElement[Any]:
        """The elements that were read, by name."""
        element = elements("seen")
        was_read = row.elements.bitwise_and(element.c.readable) != NONE
        names = select(func.coalesce(func.json_agg(element.c.element), literal_column("'[]'::json")))
        names = names.select_from(element).where(was_read)
        return names.correlate_except(element).scalar_subquery()


def at_the_time(entry: Any, told: Any) -> ColumnElement[Any]:
    """What the ledger told of a reader at the time, on both axes: valid then, and recorded by then."""
    at = entry.at
    row = select(told).where(
        AccessGrant.municipality_id == entry.municipality_id, AccessGrant.person_id == entry.person_id,
        AccessGrant.plan_id == entry.plan_id, AccessGrant.recorded_at <= at,
        or_(AccessGrant.superseded_at.is_(None), AccessGrant.superseded_at > at),
        AccessGrant.valid_from <= at, or_(AccessGrant.valid_until.is_(None), AccessGrant.valid_until > at))
    return row.limit(literal_column("1")).correlate_except(AccessGrant).scalar_subquery()


class SearchLog(Base):
    """A search for persons: what was sought and who was found."""
    __tablename__ = "search_log"
    __right__ = Right.NEVER
    __loose__ = True
    person_id: Mapped[UUID] = held(Right.NEVER)
    at: Mapped[datetime] = held(Right.NEVER)
    sought: Mapped[str] = held(Right.NEVER)
    found: Mapped[list[UUID]] = held(Right.NEVER, ARRAY(Uuid()))
