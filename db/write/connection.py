"""Which systems are whose, as the targets' file says it."""
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import or_, select

from db.engine import Writer, Writing
from db.rules.target import Serves, Use
from db.tables.municipality import Municipality
from db.tables.participant import Participant
from db.tables.plan import Plan
from db.tables.unit import Unit
from db.write.find import transaction

COLUMNS = {Use.ARCHIVE: Municipality.archive, Use.SMS: Municipality.sms, Use.EMAIL: Municipality.email}


async def connect(writer: Writer, now: datetime, serves: Mapping[str, Serves]) -> set[str]:
    """Gives each municipality and unit the targets that say they are theirs, and takes away those that no
    longer do; what is in no such table stays as it is. The numbers that nobody here has.

    The plans of a unit whose fagsystem is another now are due at once: the clock has the old one told of the
    end, and the new one of the plan, each in a transaction of its own."""
    async with transaction(writer, now) as session:
        unknown = await _units(session, now, serves)
    for use in COLUMNS:  # apart: whoever holds a municipality may wait for a plan
        async with transaction(writer, now) as session:
            unknown |= await _municipalities(session, use, serves)
    return unknown


async def _units(session: Writing, now: datetime, serves: Mapping[str, Serves]) -> set[str]:
    wanted, names = _wanted(Use.FAGSYSTEM, serves)
    found = (await session.scalars(select(Unit).where(or_(
        Unit.organisation_number.in_(wanted), Unit.fagsystem.in_(names))).order_by(Unit.id).with_for_update(
        key_share=True))).all()  # who adds somebody of it to a plan holds its key, and the plan
    for unit in found:
        other = wanted.get(unit.organisation_number)
        if other != unit.fagsystem:
            unit.fagsystem = other
            await _due(session, now, unit)
    return wanted.keys() - {unit.organisation_number for unit in found}


async def _due(session: Writing, now: datetime, unit: Unit) -> None:
    """Every plan in which the unit has ever taken part: `settle` finds what must be told of it."""
    took_part = select(Participant.plan_id).where(
        Participant.municipality_id == unit.municipality_id, Participant.unit_id == unit.id)
    for plan in await session.scalars(select(Plan).where(
            Plan.municipality_id == unit.municipality_id, Plan.id.in_(took_part), Plan.deleted_at.is_(None),
            or_(Plan.next_change_at.is_(None), Plan.next_change_at > now)).order_by(Plan.id).with_for_update(
            key_share=True)):
        plan.next_change_at = now


async def _municipalities(session: Writing, use: Use, serves: Mapping[str, Serves]) -> set[str]:
    (wanted, names), column = _wanted(use, serves), COLUMNS[use]
    found = (await session.scalars(select(Municipality).where(or_(
        Municipality.number.in_(wanted), column.in_(names))))).all()
    for municipality in found:
        setattr(municipality, column.key, wanted.get(municipality.number))
    return wanted.keys() - {municipality.number for municipality in found}


def _wanted(use: Use, serves: Mapping[str, Serves]) -> tuple[dict[str, str], list[str]]:
    """The target of each number, and all that say whose they are."""
    named = {name: of.numbers for name, of in serves.items() if use in of.uses}
    return {number: name for name, numbers in named.items() for number in numbers}, [*named]
