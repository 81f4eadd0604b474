"""What the clock does to plans: one whose consent has run out rests, one whose consent begins is active."""
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select

from db.engine import Writer
from db.rules.delivery import FactKind
from db.rules.plan import by_clock
from db.rules.words import PlanStatus
from db.tables.consent import Consent, in_force
from db.tables.plan import Plan
from db.write.delivery import settle
from db.write.find import NOBODY, Who, transaction
from db.write.plan import consent_in_force, set_status

AT_ONCE = 200  # plans in one round; the next comes within seconds


async def tick(writer: Writer, now: datetime) -> int:
    """Records what has come with time, and has the services told; how many plans were looked at.

    Rights were closed at the very moment, by the ledger; what opens waits for this,
    and so is a little late."""
    plans = await _due(writer, now)
    for municipality, key in plans:
        async with transaction(writer, now) as session:
            who = Who(municipality, NOBODY, now)
            plan = await session.get_one(Plan, (municipality, key), with_for_update={"key_share": True})
            holds = await consent_in_force(session, who, plan) is not None
            set_status(session, who, plan, by_clock(plan.recorded_status, in_force=holds))
            await settle(session, who, plan, FactKind.WITHDRAWN)
    return len(plans)


async def _due(writer: Writer, now: datetime) -> list[tuple[int, UUID]]:
    """The plans whose status is not what their consents say."""
    holds = select(Consent.id).where(
        Consent.municipality_id == Plan.municipality_id, Consent.plan_id == Plan.id,
        in_force(Consent, Who(0, NOBODY, now).asking)).exists()
    stale = or_(and_(Plan.recorded_status == PlanStatus.ACTIVE, ~holds),
                and_(Plan.recorded_status == PlanStatus.AWAITING_CONSENT, holds))
    async with transaction(writer, now) as session:
        rows = await session.execute(select(Plan.municipality_id, Plan.id).where(stale).limit(AT_ONCE))
        return [(municipality, key) for municipality, key in rows]
