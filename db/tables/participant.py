"""Who takes part in a plan, as what, from when to when; and the invitation to it."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, Integer, and_, case, or_, text
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.rules.words import ParticipantState, Role
from db.tables.held import Asking, Base, computed, held, link
from db.tables.person import Person
from db.tables.unit import Unit


class Participant(Base):
    __tablename__ = "participant"
    __right__ = Right.PARTICIPANTS_READ
    __table_args__ = (
        Index("participant_plan_id_idx", "municipality_id", "plan_id", "id"),
        Index("participant_person_id_idx", "municipality_id", "person_id"),
        Index("participant_one_stafettholder", "municipality_id", "plan_id", unique=True,
              postgresql_where=text("role = 'STAFETTHOLDER' and until is null")),
        Index("participant_once", "municipality_id", "plan_id", "person_id", "role", unique=True,
              postgresql_where=text("until is null")),
        Index("participant_link", "municipality_id", "link_hash", unique=True,
              postgresql_where=text("link_hash is not null")))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    person_id: Mapped[UUID] = held(Right.NEVER, to="person")
    unit_id: Mapped[UUID | None] = held(Right.NEVER, to="unit")  # the service they came from, at the time
    role: Mapped[Role] = held(Right.PARTICIPANTS_READ)
    responsibility: Mapped[str | None] = held(Right.PARTICIPANTS_READ)
    since: Mapped[datetime] = held(Right.PARTICIPANTS_READ)
    until: Mapped[datetime | None] = held(Right.PARTICIPANTS_READ)
    version: Mapped[int] = held(Right.PARTICIPANTS_READ, Integer, default=1, server_default="1")
    accepted_at: Mapped[datetime | None] = held(Right.PARTICIPANTS_READ)
    invited_until: Mapped[datetime | None] = held(Right.PARTICIPANTS_READ)  # the last link is good until then
    link_number: Mapped[int] = held(Right.NEVER, Integer, default=0)  # of the last: 1, 2, …; 0: none went out
    link_hash: Mapped[bytes | None] = held(Right.NEVER)  # SHA-256 of its code; null once it is used or dead
    must_declare: Mapped[bool] = held(Right.PARTICIPANTS_READ, default=False)
    declared_at: Mapped[datetime | None] = held(Right.PARTICIPANTS_READ)
    person: Mapped[Person] = link("Participant.person_id")
    unit: Mapped[Unit | None] = link("Participant.unit_id", Right.WHEREABOUTS)

    @computed(Right.PARTICIPANTS_READ)
    def state(row: Any, asking: Asking) -> ColumnElement[Any]:
        return case((row.until <= asking.now, ParticipantState.ENDED.value),
                    (has_begun(row, asking), ParticipantState.ACTIVE.value),
                    else_=ParticipantState.INVITED.value)


def has_begun(part: Any, asking: Asking) -> ColumnElement[bool]:
    """Accepted, and confidentiality declared where it must be: `rules.grant.Part.opens`, said in SQL."""
    declared = or_(part.must_declare.is_(False), part.declared_at <= asking.now)
    return and_(part.accepted_at <= asking.now, declared)
