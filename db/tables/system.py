"""What system clients have asked for by themselves, answered or not: so that fishing is seen."""
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, Integer
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.rules.words import SystemAct
from db.tables.held import Asking, Base, held
from db.tables.person import keeps


class SystemRequest(Base):
    """Nothing of whom it was about: that a person is asked about would tell of them. No foreign keys, as in
    `db.tables.log`."""
    __tablename__ = "system_request"
    __right__ = Right.PUBLIC
    __order__ = "at"
    __loose__ = True
    __table_args__ = (Index("system_request_at_idx", "municipality_id", "at"),)
    at: Mapped[datetime] = held(Right.PUBLIC)
    act: Mapped[SystemAct] = held(Right.PUBLIC)
    organisation_number: Mapped[str] = held(Right.PUBLIC)  # in whose name
    supplier_number: Mapped[str | None] = held(Right.PUBLIC)  # who asked for them, where the token tells
    allowed: Mapped[bool] = held(Right.PUBLIC)  # false: the token lacks the scope, and nothing was looked up
    answered: Mapped[int | None] = held(Right.PUBLIC, Integer)  # of a question: how many records were told

    @staticmethod
    def visible(row: Any, asking: Asking) -> ColumnElement[bool]:
        """For those who keep the municipality's settings."""
        return keeps(asking)
