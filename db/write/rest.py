"""What the clock does to plans: one whose consent has run out rests, and its services are told."""
from datetime import datetime

from sqlalchemy import and_, select

from db.engine import Writer
from db.rules.delivery import FactKind
from db.rules.words import PlanStatus
from db.tables.consent import Consent, in_force
from db.tables.plan import Plan
from db.write.delivery import settle
from db.write.find import NOBODY, Who, transaction
from db.write.plan import consent_in_force, set_status


async def rest(writer: Writer, now: datetime) -> int:
    """Records what the ledger has said since the consent ended: rights closed then, by the clock alone.
    How many plans."""
    async with transaction(writer, now) as session:
        holds = select(Consent.id).where(
            Consent.municipality_id == Plan.municipality_id, Consent.plan_id == Plan.id,
            in_force(Consent, Who(0, NOBODY, now).asking)).exists()
        found = (await session.execute(select(Plan.municipality_id, Plan.id).where(
            and_(Plan.recorded_status == PlanStatus.ACTIVE, ~holds)).limit(200))).all()
    for municipality, key in found:
        async with transaction(writer, now) as session:
            who = Who(municipality, NOBODY, now)
            plan = await session.get_one(Plan, (municipality, key), with_for_update={"key_share": True})
            if plan.recorded_status is PlanStatus.ACTIVE and await consent_in_force(session, who,
                plan) is None:
                set_status(session, who, plan, PlanStatus.PASSIVE)
                await settle(session, who, plan, FactKind.WITHDRAWN)
    return len(found)
