"""What a fact tells beside what is in its plan, and whether it may be told: asked at once."""
from typing import Final, NamedTuple

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import aliased

from db.engine import Writing
from db.tables.delivery import Delivery
from db.tables.municipality import Municipality
from db.tables.person import Person
from db.tables.plan import Plan
from db.tables.unit import Unit
from db.write.coverage import COVERED
from db.write.find import ASKING, PLAN


class About(NamedTuple):
    """Whether the told unit takes part under the consent in force; the owner's number, the municipality's and
    the unit's; the stafettholder, as they are at work."""
    covered: bool
    numbered: bool
    identity_sealed: bytes | None
    number: str
    organisation_number: str
    name: str
    position: str | None
    work_mobile: str | None
    hides_mobile: bool
    workplace: str | None


async def told_of(session: Writing, plan: Plan, delivery: Delivery) -> About:
    """Once in a transaction, which has locked the plan: to check it, and to put it together."""
    asked = {"municipality": plan.municipality_id, "plan": plan.id, "unit": delivery.unit_id,
             "target": delivery.target, "now": session.info["now"]}
    if session.info.get("asked") != asked:
        about = About._make((await session.execute(ABOUT, asked)).one())
        session.info["asked"], session.info["about"] = asked, about
    known: About = session.info["about"]
    return known


owner, holder, workplace = aliased(Person), aliased(Person), aliased(Unit)
covered = COVERED.where(Unit.id == bindparam("unit"), Unit.fagsystem == bindparam("target")).correlate(None)
ABOUT: Final = select(
    covered.exists(), owner.identity_mark.is_not(None), owner.identity_sealed, Municipality.number,
    Unit.organisation_number, holder.name, holder.position, holder.work_mobile, holder.hides_mobile,
    workplace.name,
).select_from(Plan).join(
    owner, and_(owner.municipality_id == Plan.municipality_id, owner.id == Plan.owner_id)).join(
    Municipality, Municipality.municipality_id == Plan.municipality_id).join(
    Unit, and_(Unit.municipality_id == Plan.municipality_id, Unit.id == bindparam("unit"))).join(
    holder, and_(holder.municipality_id == Plan.municipality_id, holder.id == Plan.stafettholder_id),
).outerjoin(
    workplace, and_(workplace.municipality_id == holder.municipality_id, workplace.id == holder.workplace_id),
).where(Plan.municipality_id == ASKING.municipality, Plan.id == PLAN)
