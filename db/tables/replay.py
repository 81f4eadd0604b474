"""What a change with an idempotency key came to, so that the same request again changes nothing more."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.tables.held import Base, held


class Replay(Base):
    """`outcome` holds the ids that were touched, never content.

    A replay reads the payload again through the gate."""
    __tablename__ = "replay"
    __right__ = Right.NEVER
    __table_args__ = (
        UniqueConstraint("municipality_id", "person_id", "organisation_number", "key", "field",
                         name="replay_once", postgresql_nulls_not_distinct=True),)
    person_id: Mapped[UUID | None] = held(Right.NEVER, to="person")
    organisation_number: Mapped[str | None] = held(Right.NEVER)  # of a system, which is no person
    key: Mapped[str] = held(Right.NEVER)
    field: Mapped[str] = held(Right.NEVER)  # the response key: one request can hold several changes
    request: Mapped[bytes] = held(Right.NEVER)  # SHA-256 of document and variables
    outcome: Mapped[dict[str, Any]] = held(Right.NEVER, JSONB)
    created_at: Mapped[datetime] = held(Right.NEVER, index=True)
