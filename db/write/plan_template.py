"""Elements of a type of plan, switched on and off; each switch is kept, so that the past can be explained."""
from datetime import datetime

from db.engine import Writing
from db.rules.plan_template import Switch, lacking
from db.rules.rights import Element, Right
from db.rules.words import PlanType
from db.tables.plan_template import ElementSwitch, switches
from db.write.find import Who


async def lacks(session: Writing, municipality: int, plan_type: PlanType, at: datetime) -> Right:
    """The rights to what plans of a type do not have."""
    rows = await session.execute(switches(municipality, plan_type))
    return lacking(plan_type, [Switch(*row) for row in rows], at)


def switch(session: Writing, who: Who, plan_type: PlanType, element: Element, *, on: bool) -> None:
    """From now on. Before the commit every plan of the type is granted anew."""
    session.add(ElementSwitch(municipality_id=who.municipality, plan_type=plan_type, element=element,
                              is_on=on, since=who.now, by_id=who.by))
