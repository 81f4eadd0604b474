"""Participants: added, changed and ended, never deleted."""
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select

from db.engine import Writing
from db.rules.words import Role
from db.tables.consent import ConsentName
from db.tables.participant import Participant
from db.tables.plan import Plan
from db.write.find import Who


def add(session: Writing, who: Who, plan: Plan, person: UUID, role: Role, unit: UUID | None = None,
        responsibility: str | None = None) -> Participant:
    made = Participant(municipality_id=who.municipality, plan_id=plan.id, person_id=person, role=role,
                       unit_id=unit, responsibility=responsibility, since=who.now)
    session.add(made)
    plan.changed_at = who.now
    return made


def set_responsibility(who: Who, plan: Plan, participant: Participant, text: str | None) -> None:
    participant.responsibility, plan.changed_at = text, who.now
    participant.version += 1


def end(who: Who, plan: Plan, participant: Participant) -> None:
    participant.until = plan.changed_at = who.now


async def active(session: Writing, who: Who, plan: Plan, role: Role | None = None,
                 person: UUID | None = None) -> Sequence[Participant]:
    """Those who take part now: all, of one role, or one person."""
    wanted = [column == value for column, value in ((Participant.role, role), (Participant.person_id, person))
              if value is not None]
    return (await session.scalars(select(Participant).where(
        Participant.municipality_id == who.municipality, Participant.plan_id == plan.id,
        Participant.since <= who.now, or_(Participant.until.is_(None), Participant.until > who.now),
        *wanted))).all()


async def named(session: Writing, who: Who, consent: UUID, person: UUID | None, unit: UUID | None) -> bool:
    """Whether a consent names the person or the service; None is named by none."""
    covers = [column == value for column, value in (
        (ConsentName.person_id, person), (ConsentName.unit_id, unit)) if value is not None]
    return await session.scalar(select(ConsentName.id).where(
        ConsentName.municipality_id == who.municipality, ConsentName.consent_id == consent,
        or_(*covers)).limit(1)) is not None
