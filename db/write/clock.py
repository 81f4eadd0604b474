"""What the clock does to plans: a consent runs out or begins, somebody comes of age or is reminded."""
import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from db.engine import Writer, mark
from db.rules.delivery import FactKind
from db.tables.plan import Plan
from db.write import document, replay, task
from db.write.coverage import settle
from db.write.find import NOBODY, Who, lock, transaction
from db.write.plan import set_status, status_now
from db.write.reminder import remind

AT_ONCE = 200  # plans in one round; the next comes within seconds
log = logging.getLogger(__name__)


async def tick(writer: Writer, now: datetime) -> int:
    """Records what has come with time, and has the services told; how many plans were looked at.

    Rights were closed at the very moment, by the ledger; a status that opens waits for this, and is a little
    late. A plan that can't be looked at stops no other."""
    plans = await _due(writer, now)
    for municipality, key in plans:
        try:
            await _come(writer, now, municipality, key)
        except Exception as error:  # noqa: BLE001  its text may hold what is in the plan
            log.error("Plan %s: what time has changed could not be recorded: %s", key,
                      type(error).__qualname__)
    async with transaction(writer, now) as session:
        await replay.forget(session, now)
        await document.forget(session, now)
    async with transaction(writer, now) as session:
        await task.remind(session, now)
    return len(plans)


async def _come(writer: Writer, now: datetime, municipality: int, key: UUID) -> None:
    async with transaction(writer, now) as session:
        who = Who(municipality, NOBODY, now)
        plan = await lock(session, who, key)
        set_status(session, who, plan, await status_now(session, who, plan))
        await settle(session, who, plan, FactKind.WITHDRAWN)
        await remind(session, who, plan)
        mark(session, plan)  # which finds the next moment


async def _due(writer: Writer, now: datetime) -> list[tuple[int, UUID]]:
    """The plans whose next moment has come, the longest due first."""
    async with transaction(writer, now) as session:
        rows = await session.execute(select(Plan.municipality_id, Plan.id).where(
            Plan.next_change_at <= now).order_by(Plan.next_change_at).limit(AT_ONCE))
        return [(municipality, key) for municipality, key in rows]
