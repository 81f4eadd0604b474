"""The access log's rows of what is no question: a PDF that is read, a plan that a system opens, content that
leaves for one."""
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from db.engine import Writing
from db.rules.rights import Right
from db.rules.words import LogAction
from db.tables.log import AccessLog
from db.tables.plan import Plan
from db.write.find import Who


async def was_read(session: Writing, who: Who, plan: Plan, elements: Right) -> None:
    """In the transaction that reads: no log, no answer. What is read again within the hour shares the row."""
    await session.execute(insert(AccessLog).values(
        municipality_id=who.municipality, plan_id=plan.id, person_id=who.person, at=who.now,
        hour=who.now.replace(minute=0, second=0, microsecond=0), elements=int(elements),
        action=LogAction.READ).on_conflict_do_nothing())


def was_opened(session: Writing, who: Who, plan: Plan) -> None:
    """By the fagsystem of a unit, in a person's name."""
    session.add(AccessLog(
        municipality_id=who.municipality, plan_id=plan.id, person_id=who.person,
        unit_id=who.through and who.through.unit, at=who.now, hour=who.now, elements=0,
        action=LogAction.OPEN))


def was_concluded(session: Writing, who: Who, plan: Plan, unit: UUID, elements: Right) -> None:
    """A person has had what is under `elements` sent into the fagsystem of a unit."""
    session.add(AccessLog(
        municipality_id=who.municipality, plan_id=plan.id, person_id=who.person, unit_id=unit, at=who.now,
        hour=who.now, elements=int(elements), action=LogAction.SEND))
