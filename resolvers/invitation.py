"""Acts on invitations: a new link is sent, and the very person whom it is for accepts."""
from collections.abc import Mapping

from db.engine import Writing
from db.rules.errors import Refused
from db.rules.invitation import ATTEMPT, check_invite, check_may_invite
from db.write import find, invitation, notice, participant, person
from db.write.find import Who
from db.write.plan import Plan, municipality
from resolvers.act import Done, act, key, touched
from resolvers.context import Context


async def invite_participant(ctx: Context, plan_id: str, person_id: str) -> Done:
    """A new link, with which the old one dies; or the declaration is asked for again."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Plan, key(plan_id, "Plan"), "planId")
        wanted = key(person_id, "Person")
        check_may_invite(found.mask, await person.posts(session, who, found.plan.unit_id),
                         holder=wanted == found.plan.stafettholder_id)
        if not await participant.standing(session, who, found.plan, person=wanted):
            raise Refused("NOT_FOUND", "personId")
        waiting = await participant.waiting(session, who, found.plan, wanted)
        home, invited = await municipality(session, who.municipality), await person.get(session, who, wanted)
        at = await notice.addresses(session, invited, found.plan.id)
        old_enough = all([await invitation.old_enough(session, who, part) for part in waiting])
        check_invite(found.plan.recorded_status, waits=bool(waiting),
                     has_number=invited.identity_mark is not None, old_enough=old_enough,
                     reached=notice.reached(home, invited, at) is not None)
        for part in waiting:
            await invitation.send(session, who, ctx.hub.seal, found.plan, part)
        return touched(plan=found.plan, participant=waiting[0])
    return await act(ctx, do)


async def accept_invitation(ctx: Context, code: str) -> Done:
    """Each try costs some of the budget for what is new, whatever comes of it."""
    if ctx.hub.spend:
        ctx.hub.spend((ctx.viewer.municipality, ctx.viewer.person), ATTEMPT)

    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        plan, part = await invitation.accept(session, who, code)
        return touched(plan=plan, participant=part)
    return await act(ctx, do)
