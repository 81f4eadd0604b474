"""What a unit is to note in its own fagsystem by hand, until it is answered."""
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.tables.held import Base, held


class Task(Base):
    """Of one delivery, and open as long as that waits. Who sees it: `gate.task`."""
    __tablename__ = "task"
    __right__ = Right.NEVER
    __table_args__ = (
        UniqueConstraint("municipality_id", "delivery_id"),
        Index("task_plan_id_idx", "municipality_id", "plan_id"),
        Index("task_unit_id_idx", "municipality_id", "unit_id"),
        Index("task_reminding", "remind_at", postgresql_where=text("remind_at is not null")))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    delivery_id: Mapped[UUID] = held(Right.NEVER, to="delivery")
    unit_id: Mapped[UUID] = held(Right.NEVER, to="unit")
    due_on: Mapped[date] = held(Right.NEVER)
    remind_at: Mapped[datetime | None] = held(Right.NEVER)
