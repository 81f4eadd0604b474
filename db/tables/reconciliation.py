"""A night's comparison of what a target has confirmed with what it holds by its own word."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, Integer, and_, literal_column
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.tables.held import Asking, Base, held
from db.tables.person import keeps


class Reconciliation(Base):
    """How many of the plans and versions that were asked about are there as told. Without an end, it broke
    off: the target, or the worker, was gone."""
    __tablename__ = "reconciliation"
    __right__ = Right.PUBLIC
    __order__ = "started_at"
    __table_args__ = (Index("reconciliation_target", "municipality_id", "target_id", "started_at"),)
    target_id: Mapped[UUID] = held(Right.NEVER, to="target")
    started_at: Mapped[datetime] = held(Right.PUBLIC)
    ended_at: Mapped[datetime | None] = held(Right.PUBLIC)
    same: Mapped[int] = held(Right.PUBLIC, Integer, default=0, server_default="0")
    missing: Mapped[int] = held(Right.PUBLIC, Integer, default=0, server_default="0")
    different: Mapped[int] = held(Right.PUBLIC, Integer, default=0, server_default="0")
    unanswered: Mapped[int] = held(Right.PUBLIC, Integer, default=0, server_default="0")

    @staticmethod
    def visible(row: Any, asking: Asking) -> ColumnElement[bool]:
        """For those who keep the municipality's settings; the last month's."""
        return and_(keeps(asking), row.started_at > asking.now - literal_column("interval '30 days'"))
