"""Idempotency keys: a change is made once, and the same request within a day gets the same outcome."""
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert

from db.engine import Writing
from db.rules.errors import Refused
from db.tables.replay import Replay
from db.write.find import Who

KEPT = timedelta(hours=24)


async def claimed(session: Writing, who: Who, key: str, field: str,
                  request: bytes) -> Mapping[str, str | int] | None:
    """What the same request came to before; None where this is the first, which now holds the key.

    One that comes while the first is still at work waits for it.
    Refused where the key came with another request."""
    of = _of(who, key, field)
    await session.execute(delete(Replay).where(*of, Replay.created_at < who.now - KEPT))
    mine = await session.scalar(insert(Replay).values(
        municipality_id=who.municipality, person_id=None if who.through else who.person,
        organisation_number=who.through and who.through.organisation, key=key, field=field, request=request,
        outcome={}, created_at=who.now).on_conflict_do_nothing().returning(Replay.id))
    if mine is not None:
        return None
    known = (await session.scalars(select(Replay).where(*of))).one()
    if known.request != request:
        raise Refused("KEY_REUSED", "Idempotency-Key")
    return known.outcome


async def keep(session: Writing, who: Who, key: str, field: str, outcome: Mapping[str, str | int]) -> None:
    (await session.scalars(select(Replay).where(*_of(who, key, field)))).one().outcome = dict(outcome)


def _of(who: Who, key: str, field: str) -> tuple[ColumnElement[bool], ...]:
    """The key of a person; what a system does for somebody is done under its organisation's."""
    mine = (Replay.organisation_number == who.through.organisation if who.through
            else Replay.person_id == who.person)
    return Replay.municipality_id == who.municipality, mine, Replay.key == key, Replay.field == field


async def forget(session: Writing, now: datetime) -> None:
    """Drops the keys whose day is over."""
    await session.execute(delete(Replay).where(Replay.created_at < now - KEPT))
