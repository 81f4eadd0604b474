"""Where a plan has been: the unit since a moment, and why it went there."""
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.tables.held import Base, held, link
from db.tables.person import Person
from db.tables.unit import Unit


class UnitChange(Base):
    """The first is the unit that it was opened in; each further one is a move (domain.md §3)."""
    __tablename__ = "unit_change"
    __right__ = Right.TIMELINE_READ
    __order__ = "since"
    __table_args__ = (Index("unit_change_plan_id_idx", "municipality_id", "plan_id"),)
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    unit_id: Mapped[UUID] = held(Right.NEVER, to="unit")
    since: Mapped[datetime] = held(Right.TIMELINE_READ)
    reason: Mapped[str | None] = held(Right.WHEREABOUTS)  # it may say where
    by_id: Mapped[UUID | None] = held(Right.NEVER, to="person")
    unit: Mapped[Unit] = link("UnitChange.unit_id", Right.WHEREABOUTS)
    by: Mapped[Person | None] = link("UnitChange.by_id")
