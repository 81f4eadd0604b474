"""Statistics as they were first told: what is told of a half-year is told the same for ever."""
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.tables.held import Base, held


class StatisticsRelease(Base):
    """One municipality's release of one half-year, written once: every place of the tree as it stood then,
    and under it each table's total and counts, null where they are withheld.

    No count that is withheld is kept. JSON, not JSONB, which would change the order of the categories."""
    __tablename__ = "statistics_release"
    __right__ = Right.NEVER
    __table_args__ = (UniqueConstraint("municipality_id", "year", "half"),)
    year: Mapped[int] = held(Right.NEVER, SmallInteger)
    half: Mapped[int] = held(Right.NEVER, SmallInteger)
    threshold: Mapped[int] = held(Right.NEVER, Integer)
    told: Mapped[dict[str, Any]] = held(Right.NEVER, JSON)  # place → table → [total, {category: count}]
    told_at: Mapped[datetime] = held(Right.NEVER)
