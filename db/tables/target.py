"""Each receiver that a municipality tells something, and how it is with it."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.rules.target import PauseReason
from db.tables.alert import Alert
from db.tables.held import Asking, Base, held, link
from db.tables.person import keeps
from db.tables.reconciliation import Reconciliation


class Target(Base):
    """A target of the settings' file, as one municipality uses it."""
    __tablename__ = "target"
    __right__ = Right.PUBLIC
    __order__ = "name"
    __table_args__ = (UniqueConstraint("municipality_id", "name"),)
    name: Mapped[str] = held(Right.PUBLIC)
    failures: Mapped[int] = held(Right.PUBLIC, Integer, default=0, server_default="0")  # in a row
    resting_until: Mapped[datetime | None] = held(Right.PUBLIC)  # the circuit breaker is open
    taken_until: Mapped[datetime | None] = held(Right.NEVER)  # the last turn that a delivery has been given
    paused_at: Mapped[datetime | None] = held(Right.PUBLIC)
    pause_reason: Mapped[PauseReason | None] = held(Right.PUBLIC)
    paused_by_id: Mapped[UUID | None] = held(Right.NEVER, to="person")
    # as of `measured_at`
    measured_at: Mapped[datetime | None] = held(Right.PUBLIC)
    waiting: Mapped[int] = held(Right.PUBLIC, Integer, default=0, server_default="0")
    blocked: Mapped[int] = held(Right.PUBLIC, Integer, default=0, server_default="0")  # but for notices
    oldest_unconfirmed_at: Mapped[datetime | None] = held(Right.PUBLIC)
    attempts: Mapped[int] = held(Right.PUBLIC, Integer, default=0, server_default="0")  # within a day
    failed: Mapped[int] = held(Right.PUBLIC, Integer, default=0, server_default="0")  # of these
    checked_at: Mapped[datetime | None] = held(Right.PUBLIC)
    fault: Mapped[str | None] = held(Right.PUBLIC)  # what its own check found wrong, a line each
    fault_since: Mapped[datetime | None] = held(Right.PUBLIC)
    alerts: Mapped[list[Alert]] = link("Alert.target_id")
    reconciliations: Mapped[list[Reconciliation]] = link("Reconciliation.target_id")

    @staticmethod
    def visible(row: Any, asking: Asking) -> ColumnElement[bool]:
        """For those who keep the municipality's settings."""
        return keeps(asking)
