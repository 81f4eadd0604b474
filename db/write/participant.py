"""Participants: added, changed and ended, never deleted."""
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from db.engine import Writing
from db.rules.invitation import BY_LAW, must_declare
from db.rules.words import Role
from db.tables.consent import ConsentName
from db.tables.participant import Participant, has_begun
from db.tables.person import Person
from db.tables.plan import Plan
from db.write.find import Who


async def add(session: Writing, who: Who, plan: Plan, key: UUID, role: Role, unit: UUID | None = None,
              responsibility: str | None = None) -> Participant:
    """Who has joined the municipality's hub takes part at once, and so does the one whose own deed it is;
    anybody else is invited by it: nothing opens before they have accepted, and declared where they must."""
    person = await session.get_one(Person, (who.municipality, key))
    here = person.joined_at is not None or key == who.here
    made = Participant(municipality_id=who.municipality, plan_id=plan.id, person_id=key, role=role,
                       unit_id=unit, responsibility=responsibility, since=who.now,
                       accepted_at=who.now if here else None, link_number=0,
                       must_declare=must_declare(role, employed=person.position is not None))
    session.add(made)
    plan.changed_at = who.now
    return made


def set_responsibility(who: Who, plan: Plan, participant: Participant, text: str | None) -> None:
    participant.responsibility, plan.changed_at = text, who.now
    participant.version += 1


def end(who: Who, plan: Plan, participant: Participant) -> None:
    """With it goes the link, if it was not used yet."""
    participant.until = plan.changed_at = who.now
    participant.link_hash = None


def accept(who: Who, participant: Participant) -> None:
    """From now on; the link has done its work."""
    participant.accepted_at, participant.link_hash = who.now, None


async def standing(session: Writing, who: Who, plan: Plan, role: Role | None = None,
                   person: UUID | None = None) -> Sequence[Participant]:
    """Those who take part now or are invited to: all, of one role, or one person."""
    return await _found(session, who, plan, role, person)


async def active(session: Writing, who: Who, plan: Plan, role: Role | None = None,
                 person: UUID | None = None) -> Sequence[Participant]:
    """Those who take part now: all, of one role, or one person."""
    return await _found(session, who, plan, role, person, has_begun(Participant, who.asking))


async def _found(session: Writing, who: Who, plan: Plan, role: Role | None, person: UUID | None,
                 *tests: ColumnElement[bool]) -> Sequence[Participant]:
    wanted = [column == value for column, value in ((Participant.role, role), (Participant.person_id, person))
              if value is not None]
    return (await session.scalars(select(Participant).where(
        Participant.municipality_id == who.municipality, Participant.plan_id == plan.id,
        stands(who), *wanted, *tests).order_by(Participant.id))).all()


def stands(who: Who) -> ColumnElement[bool]:
    """Whether a participation has not ended."""
    return (Participant.since <= who.now) & or_(Participant.until.is_(None), Participant.until > who.now)


async def waiting(session: Writing, who: Who, plan: Plan, person: UUID) -> Sequence[Participant]:
    """What somebody has not accepted, or not declared, in a plan."""
    return await _found(session, who, plan, None, person,
                        has_begun(Participant, who.asking).is_not(True))


async def plans_awaiting(session: Writing, who: Who) -> Sequence[UUID]:
    """The plans in which the one who acts has something to accept or to declare; in the order of locks."""
    return (await session.scalars(select(Participant.plan_id).where(
        Participant.municipality_id == who.municipality, Participant.person_id == who.person, stands(who),
        has_begun(Participant, who.asking).is_not(True)).distinct().order_by(Participant.plan_id))).all()


async def covered(session: Writing, who: Who, consent: UUID | None, part: Participant) -> bool:
    """Whether a part needs no consent to be there, or the one in force names it."""
    if part.role in (*BY_LAW, Role.STAFETTHOLDER):
        return True
    return consent is not None and await named(session, who, consent, part.person_id, part.unit_id)


async def named(session: Writing, who: Who, consent: UUID, person: UUID | None, unit: UUID | None) -> bool:
    """Whether a consent names the person or the service; None is named by none."""
    covers = [column == value for column, value in (
        (ConsentName.person_id, person), (ConsentName.unit_id, unit)) if value is not None]
    return await session.scalar(select(ConsentName.id).where(
        ConsentName.municipality_id == who.municipality, ConsentName.consent_id == consent,
        or_(*covers)).limit(1)) is not None
