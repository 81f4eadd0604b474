"""What people have been reminded of, so that they are once."""
from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.rules.words import NoticeKind
from db.tables.held import Base, held


class Reminder(Base):
    """One that came due; its moment tells it from the others, and a new period has moments of its own."""
    __tablename__ = "reminder"
    __right__ = Right.NEVER
    __table_args__ = (UniqueConstraint("municipality_id", "plan_id", "about", "due_at"),)
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    about: Mapped[NoticeKind] = held(Right.NEVER)
    due_at: Mapped[datetime] = held(Right.NEVER)
    told_at: Mapped[datetime] = held(Right.NEVER)
