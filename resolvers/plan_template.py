"""Acts by which a municipality chooses what a type of plan has, and what its versions hold."""
from collections.abc import Mapping

from db.engine import Writing
from db.rules.archive import check_choose
from db.rules.plan_template import check_switch
from db.rules.post import check_keeps
from db.rules.rights import Element
from db.rules.words import PlanType
from db.write import municipality as municipalities, person, plan_template
from db.write.find import Who
from db.write.plan_template import ArchiveSwitch
from resolvers.act import Done, act, touched
from resolvers.context import Context


async def switch_element(ctx: Context, plan_type: PlanType, element: Element, *, on: bool) -> Done:
    """Nothing where it is so already."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        check_keeps(await person.posts(session, who), "planType")
        check_switch(plan_type, element)
        municipality = await municipalities.held(session, who, changing=True)
        lacked = await plan_template.lacks(session, who.municipality, plan_type, who.now)
        if on == bool(lacked & element.read):
            plan_template.switch(session, who, plan_type, element, on=on)
        return touched(municipality=municipality)
    return await act(ctx, do)


async def choose_for_archive(ctx: Context, plan_type: PlanType, element: Element, *, on: bool) -> Done:
    """Of the versions that are ordered from now on. Nothing where it is so already."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        check_keeps(await person.posts(session, who), "planType")
        check_choose(plan_type, element)
        municipality = await municipalities.held(session, who, changing=True)
        if on != bool(await plan_template.archived(session, who.municipality, plan_type) & element.read):
            plan_template.switch(session, who, plan_type, element, on=on, of=ArchiveSwitch)
        return touched(municipality=municipality)
    return await act(ctx, do)
