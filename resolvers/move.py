"""The act by which a plan follows its child to another unit."""
from collections.abc import Mapping

from db.engine import Writing
from db.rules.entry import LINE, Entry
from db.rules.errors import Refused
from db.rules.move import check_covered, check_move
from db.rules.post import check_holds_or_leads
from db.write import find, move, participant, person, plan as plans
from db.write.find import Found, Who
from db.write.plan import Plan, Unit
from resolvers.act import Done, act, key, touched
from resolvers.context import Context


async def move_plan(ctx: Context, plan_id: str, unit_id: str, reason: str, *, without_consent: bool) -> Done:
    """By the stafettholder, or by those who lead the unit that it leaves."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Plan, key(plan_id, "Plan"), "planId")
        check_holds_or_leads(found.mask, await person.posts(session, who, found.plan.unit_id), "planId")
        typed = Entry()
        why = typed.needed("reason", reason, LINE)
        typed.done()
        unit = await plans.unit(session, who, key(unit_id, "Unit"))
        if unit is None:
            raise Refused("NOT_FOUND", "unitId")
        check_move(found.plan.recorded_status, found.mask, found.plan.unit_id, unit.id)
        await _check_covered(session, who, found, unit, without=without_consent)
        move.moved(session, who, found.plan, unit.id, why)
        return touched(plan=found.plan)
    return await act(ctx, do)


async def _check_covered(session: Writing, who: Who, found: Found[Plan], unit: Unit, *,
                         without: bool) -> None:
    consent = await plans.consent_in_force(session, who, found.plan)
    named = consent is not None and await participant.named(session, who, consent.id, None, unit.id)
    check_covered(found.mask, in_force=consent is not None, named=named, without=without)
