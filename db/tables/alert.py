"""What local administrators are told of targets: one alert from when it starts until it ends."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, and_, literal_column, or_, text
from sqlalchemy.orm import Mapped

from db.rules.alert import AlertKind
from db.rules.rights import Right
from db.tables.held import Asking, Base, held
from db.tables.person import keeps


class Alert(Base):
    __tablename__ = "alert"
    __right__ = Right.PUBLIC
    __order__ = "started_at"
    __table_args__ = (Index("alert_open", "municipality_id", "target_id", "kind", unique=True,
                            postgresql_where=text("ended_at is null")),)
    target_id: Mapped[UUID] = held(Right.NEVER, to="target")
    kind: Mapped[AlertKind] = held(Right.PUBLIC)
    started_at: Mapped[datetime] = held(Right.PUBLIC)
    ended_at: Mapped[datetime | None] = held(Right.PUBLIC)

    @staticmethod
    def visible(row: Any, asking: Asking) -> ColumnElement[bool]:
        """For those who keep the municipality's settings, until it has been over for a month."""
        lately = or_(row.ended_at.is_(None), row.ended_at > asking.now - literal_column("interval '30 days'"))
        return and_(keeps(asking), lately)
