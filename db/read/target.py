"""How it is with each municipality's targets, for those who run the hub: numbers alone."""
from dataclasses import dataclass
from datetime import datetime

from db.engine import Reader

STANDINGS = """select m.number, t.name, t.waiting,
    coalesce(extract(epoch from $1::timestamptz - t.oldest_unconfirmed_at), 0)::float8,
    t.paused_at is not null, coalesce(t.resting_until > $1::timestamptz, false)
  from target t join municipality m using (municipality_id) order by m.number, t.name"""


@dataclass(frozen=True)
class Standing:
    """As last measured; `oldest`: seconds since the first was ordered that is not confirmed, or none."""
    municipality: str  # its number
    target: str
    waiting: int
    oldest: float
    paused: bool
    resting: bool


async def standings(reader: Reader, now: datetime) -> list[Standing]:
    return [Standing(*row) for row in await reader.rows(STANDINGS, [now])]
