"""Who takes part in a plan, as what, from when to when."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, Integer, case, text
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
              postgresql_where=text("until is null")))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    person_id: Mapped[UUID] = held(Right.NEVER, to="person")
    unit_id: Mapped[UUID | None] = held(Right.NEVER, to="unit")  # the service they came from, at the time
    role: Mapped[Role] = held(Right.PARTICIPANTS_READ)
    responsibility: Mapped[str | None] = held(Right.PARTICIPANTS_READ)
    since: Mapped[datetime] = held(Right.PARTICIPANTS_READ)
    until: Mapped[datetime | None] = held(Right.PARTICIPANTS_READ)
    version: Mapped[int] = held(Right.PARTICIPANTS_READ, Integer, default=1, server_default="1")
    person: Mapped[Person] = link("Participant.person_id")
    unit: Mapped[Unit | None] = link("Participant.unit_id", Right.WHEREABOUTS)

    @computed(Right.PARTICIPANTS_READ)
    def state(row: Any, asking: Asking) -> ColumnElement[Any]:
        return case((row.until <= asking.now, ParticipantState.ENDED.value),
                    else_=ParticipantState.ACTIVE.value)
