"""The conclusion of a meeting on its way into the fagsystem of a service that took part."""
from datetime import date
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.tables.held import Base, held


class Conclusion(Base):
    """Of one delivery; a trigger deletes it when that is confirmed, or goes out no more."""
    __tablename__ = "conclusion"
    __right__ = Right.NEVER
    __table_args__ = (UniqueConstraint("municipality_id", "delivery_id"),
                      Index("conclusion_plan_id_idx", "municipality_id", "plan_id"))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    delivery_id: Mapped[UUID] = held(Right.NEVER, to="delivery")
    unit_id: Mapped[UUID] = held(Right.NEVER, to="unit")  # whose fagsystem gets it
    by_id: Mapped[UUID] = held(Right.NEVER, to="person")
    held_on: Mapped[date] = held(Right.NEVER)
    text_sealed: Mapped[bytes] = held(Right.NEVER)
