"""Who has signed in: an identity number (its keyed hash) or an organisation number becomes somebody here."""
from dataclasses import dataclass
from uuid import UUID

from db.engine import Reader

PERSON = """select p.municipality_id, p.id, coalesce(p.language, m.language) from person p
  join municipality m on m.municipality_id = p.municipality_id
  where p.identity_mark = $1 and ($2::text is null or m.number = $2)"""
SYSTEM = """select m.municipality_id, null::uuid, m.language from municipality m
  where ($2::text is null or m.number = $2) and (m.organisation_number = $1 or exists (
    select from unit u where u.municipality_id = m.municipality_id and u.organisation_number = $1))"""


@dataclass(frozen=True)
class Known:
    """Somebody of one municipality; a system has no person."""
    municipality: int
    person: UUID | None
    language: str


async def by_mark(reader: Reader, mark: bytes, number: str | None) -> Known | None:
    """The person in the municipality of that number; without one, in the only one that knows them."""
    return _only(await reader.rows(PERSON, [mark, number]))


async def by_organisation(reader: Reader, organisation: str, number: str | None) -> Known | None:
    return _only(await reader.rows(SYSTEM, [organisation, number]))


def _only(rows: list[tuple[int, UUID | None, str]]) -> Known | None:
    """None where several municipalities know them: the request must say which."""
    return Known(*rows[0]) if len(rows) == 1 else None
