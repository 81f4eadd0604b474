"""The municipality, held while what is its own is changed."""
from sqlalchemy import select

from db.engine import Writing
from db.tables.municipality import Municipality
from db.write.find import Who


async def held(session: Writing, who: Who, *, changing: bool = False) -> Municipality:
    """The municipality, until the transaction ends: by those who open plans, side by side, or by the one who
    changes its templates. The plans to be granted anew would else lack one that is just being opened.

    Who has waited to change something changes it from now on, not from when they asked."""
    rows = await session.scalars(select(Municipality).where(
        Municipality.municipality_id == who.municipality).with_for_update(
        read=not changing, key_share=changing))
    if changing:
        who.now = session.info["now"] = session.info["clock"]()
    return rows.one()
