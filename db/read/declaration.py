"""Whether somebody has a declaration of confidentiality to sign, and the municipality's own words for it."""
from datetime import datetime
from uuid import UUID

from db.engine import Reader

WAITS = """select coalesce(json_object_agg(language, text), '{}') from (
  select distinct on (language) language, text from declaration_text
  where municipality_id = $1 order by language, version desc) newest
having exists (
  select from participant where municipality_id = $1 and person_id = $2 and accepted_at <= $3
  and must_declare and declared_at is null and (until is null or until > $3))"""


async def own_words(reader: Reader, municipality: int, person: UUID, now: datetime) -> dict[str, str] | None:
    """By language; None where nothing that the person has accepted waits for a declaration."""
    rows = await reader.rows(WAITS, [municipality, person, now])
    return dict(rows[0][0]) if rows else None
