"""Elements of a type of plan and of its versions, switched; each is kept, so the past can be explained."""
from datetime import datetime

from db.engine import Writing
from db.rules import archive
from db.rules.plan_template import Switch, lacking
from db.rules.rights import Element, Right
from db.rules.words import PlanType
from db.tables.plan_template import ArchiveSwitch, ElementSwitch, Switched, switches
from db.write.find import Who


async def lacks(session: Writing, municipality: int, plan_type: PlanType, at: datetime) -> Right:
    """The rights to what plans of a type do not have."""
    rows = await session.execute(switches(municipality, plan_type))
    return lacking(plan_type, [Switch(*row) for row in rows], at)


async def archived(session: Writing, municipality: int, plan_type: PlanType) -> Right:
    """What a version for the archive holds of a plan of a type, as the municipality has chosen."""
    rows = await session.execute(switches(municipality, plan_type, ArchiveSwitch))
    return archive.held(Switch(*row) for row in rows)


def switch(session: Writing, who: Who, plan_type: PlanType, element: Element, *, on: bool,
           of: type[Switched] = ElementSwitch) -> None:
    """From now on. Where plans get or lose it, each of the type is granted anew before the commit."""
    session.add(of(municipality_id=who.municipality, plan_type=plan_type, element=element,
                   is_on=on, since=who.now, by_id=who.by))
