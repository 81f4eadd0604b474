"""The act by which one sends the conclusion of a meeting into the fagsystem of their own service."""
from collections.abc import Mapping
from datetime import date

from db.engine import Writing
from db.rules.entry import TEXT, Entry
from db.rules.errors import Refused
from db.rules.grant import OSLO
from db.rules.plan import check_write
from db.rules.post import check_keeps
from db.write import conclusion, find, municipality as municipalities, person
from db.write.find import Who
from db.write.plan import Plan, municipality
from integrations.target import concludes
from resolvers.act import Done, act, key, touched
from resolvers.context import Context


async def send_conclusion(ctx: Context, plan_id: str, held_on: date, text: str) -> Done:
    """Where the consent opens to them what minutes are under, and their service's system can take it."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Plan, key(plan_id, "Plan"), "planId")
        check_write(found.mask, conclusion.UNDER.read, "planId")
        services = await conclusion.mine(session, who, found.plan, who.person)
        if not services:
            raise Refused("NOT_ALLOWED", "planId")  # the family reads minutes, too, and has no fagsystem
        if not (await municipality(session, who.municipality)).sends_conclusions:
            raise Refused("CONCLUSIONS_OFF", "planId")
        fit = [service for service in sorted(services) if concludes(ctx.hub.targets.get(service[1]))]
        if not fit:
            raise Refused("NOT_CARRIED", "planId")
        said = held_on, _typed(who, found.plan.start_date, held_on, text)
        made = await conclusion.send(session, who, ctx.hub.seal, found.plan, fit[0], said)
        return {**touched(delivery=made), "state": made.state}
    return await act(ctx, do)


def _typed(who: Who, begun: date, held_on: date, text: str) -> str:
    typed = Entry()
    typed.order("heldOn", begun, held_on)
    if held_on > who.now.astimezone(OSLO).date():
        typed.refuse("NOT_HELD_YET", "heldOn")
    told = typed.needed("conclusion", text, TEXT)
    typed.done()
    return told


async def send_conclusions(ctx: Context, *, on: bool) -> Done:
    """Whether the municipality lets conclusions be sent at all; what waits when it is turned off is
    cancelled."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        check_keeps(await person.posts(session, who), "on")
        home = await municipalities.held(session, who, changing=True)
        home.sends_conclusions = on
        return touched(municipality=home)
    return await act(ctx, do)
