"""What a system client stands for: the units whose own organisation number it signs in by."""
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from db.engine import Reader

# The municipality's own number is no unit's: it would stand for them all.
OWN = """from unit u join municipality m using (municipality_id)
  where u.municipality_id = $1 and u.organisation_number = $2 and m.organisation_number <> $2"""
UNITS = f"select u.id, u.name, u.organisation_number {OWN} order by u.name, u.id"
PERSON = "(select p.id from person p where p.municipality_id = u.municipality_id and p.identity_mark = ${})"
STANDS_FOR = f"select u.fagsystem, {PERSON.format(4)}, {PERSON.format(5)} {OWN} and u.id = $3"


class OwnUnit(NamedTuple):
    id: UUID
    name: str
    organisation_number: str


class Standing(NamedTuple):
    """The target of the unit's fagsystem, if it has one; and the persons, where they are known here."""
    fagsystem: str | None
    creator: UUID | None
    stafettholder: UUID | None


async def own_units(reader: Reader, municipality: int, organisation: str) -> list[OwnUnit]:
    return [OwnUnit(*row) for row in await reader.rows(UNITS, [municipality, organisation])]


async def standing(reader: Reader, municipality: int, organisation: str, unit: UUID,
                   marks: Sequence[bytes | None]) -> Standing | None:
    """`marks`: of the plan creator and the stafettholder. None where the unit is not the organisation's."""
    rows = await reader.rows(STANDS_FOR, [municipality, organisation, unit, *marks])
    return Standing(*rows[0]) if rows else None
