"""The baton on its way from one stafettholder to the next: proposed and answered, or forced."""
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.rules.words import HandoverState
from db.tables.held import Base, held, link
from db.tables.person import Person


class Handover(Base):
    __tablename__ = "handover"
    __right__ = Right.PARTICIPANTS_READ
    __order__ = "proposed_at"
    __table_args__ = (
        Index("handover_plan_id_idx", "municipality_id", "plan_id"),
        Index("handover_one_open", "municipality_id", "plan_id", unique=True,
              postgresql_where=text("state = 'PROPOSED'")))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    holder_id: Mapped[UUID] = held(Right.NEVER, to="person")  # who held the baton
    successor_id: Mapped[UUID] = held(Right.NEVER, to="person")
    by_id: Mapped[UUID | None] = held(Right.NEVER, to="person")
    state: Mapped[HandoverState] = held(Right.PARTICIPANTS_READ)
    reason: Mapped[str] = held(Right.PARTICIPANTS_READ)
    proposed_at: Mapped[datetime] = held(Right.PARTICIPANTS_READ)
    answered_at: Mapped[datetime | None] = held(Right.PARTICIPANTS_READ)
    answer: Mapped[str | None] = held(Right.PARTICIPANTS_READ)  # why it was declined
    holder: Mapped[Person] = link("Handover.holder_id")
    successor: Mapped[Person] = link("Handover.successor_id")
    by: Mapped[Person | None] = link("Handover.by_id")
