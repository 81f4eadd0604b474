"""The release of a half-year's statistics, written down when it is first told."""
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from db.engine import Writing
from db.rules.disclosure import HalfYear, Row
from db.tables.statistics import StatisticsRelease

Released = Mapping[str, Mapping[str, Row]]  # by table and place


async def keep(session: Writing, municipality: int, period: HalfYear, threshold: int, released: Released,
               now: datetime) -> None:
    """Nothing where another was first: it is theirs that is told, and whoever is second waits for it here."""
    told: dict[str, dict[str, object]] = {}
    for table, rows in released.items():
        for place, row in rows.items():
            told.setdefault(place, {})[table] = [row.total, row.counts]
    await session.execute(insert(StatisticsRelease).values(
        municipality_id=municipality, year=period.year, half=period.half, threshold=threshold, told=told,
        told_at=now).on_conflict_do_nothing())
