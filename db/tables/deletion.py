"""Requests that a plan be deleted, and what became of them; of a plan that is deleted none are left."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, or_, text
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.rules.words import DeletionState
from db.tables.held import Asking, Base, allows, held, link
from db.tables.person import Person


class DeletionRequest(Base):
    """One person's: what one guardian asks for is no business of the other's."""
    __tablename__ = "deletion_request"
    __right__ = Right.SHELL
    __order__ = "asked_at"
    __table_args__ = (
        Index("deletion_request_plan_id_idx", "municipality_id", "plan_id"),
        Index("deletion_request_once", "municipality_id", "plan_id", "by_id", unique=True,
              postgresql_where=text("state = 'ASKED'")))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    by_id: Mapped[UUID] = held(Right.NEVER, to="person")
    state: Mapped[DeletionState] = held(Right.SHELL)
    reason: Mapped[str] = held(Right.SHELL)
    asked_at: Mapped[datetime] = held(Right.SHELL)
    answered_at: Mapped[datetime | None] = held(Right.SHELL)
    answer: Mapped[str | None] = held(Right.SHELL)  # why it was refused
    by: Mapped[Person] = link("DeletionRequest.by_id")

    @staticmethod
    def visible(row: Any, asking: Asking) -> ColumnElement[bool]:
        """To the one who asked, to those who administer the plan, and to those who decide."""
        return or_(row.by_id == asking.viewer, allows(Right.ADMINISTRATION_READ | Right.DELETION, asking))
