"""Declarations of confidentiality: a municipality's own words for them, and what somebody has signed."""
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.tables.held import Base, held


class DeclarationText(Base):
    """What is to be signed, in one language; the newest version counts. Without one the hub's words do."""
    __tablename__ = "declaration_text"
    __right__ = Right.NEVER
    __table_args__ = (UniqueConstraint("municipality_id", "language", "version"),)
    language: Mapped[str] = held(Right.NEVER)
    version: Mapped[int] = held(Right.NEVER, Integer)
    text: Mapped[str] = held(Right.NEVER)


class Declaration(Base):
    """Signed for one participation, and kept as it was read; who has signed is the participant."""
    __tablename__ = "declaration"
    __right__ = Right.NEVER
    __table_args__ = (UniqueConstraint("municipality_id", "participant_id"),
                      Index("declaration_plan_id_idx", "municipality_id", "plan_id"))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    participant_id: Mapped[UUID] = held(Right.NEVER, to="participant")
    signed_at: Mapped[datetime] = held(Right.NEVER)
    language: Mapped[str] = held(Right.NEVER)
    text: Mapped[str] = held(Right.NEVER)
    hash: Mapped[str] = held(Right.NEVER)  # SHA-256, hexadecimal, of language and text
