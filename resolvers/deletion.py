"""Acts towards the deletion of a plan: asked for by the family, decided by the local administrator."""
from collections.abc import Mapping

from db.engine import Writing
from db.rules.deletion import ASKS, check_delete, check_own, check_stands
from db.rules.entry import LINE, Entry
from db.rules.plan import check_write
from db.rules.post import check_keeps
from db.rules.words import DeletionState, NoticeKind
from db.write import deletion, find, notice, person
from db.write.deletion import DeletionRequest
from db.write.find import Found, Who
from db.write.plan import Plan
from resolvers.act import Done, act, key, touched
from resolvers.context import Context


async def request_deletion(ctx: Context, plan_id: str, reason: str) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Plan, key(plan_id, "Plan"), "planId")
        check_write(found.mask, ASKS, "planId")
        made = await deletion.ask(session, who, found.plan, _typed(reason))
        decide = await person.local_administrators(session, who, found.plan.unit_id)
        await notice.tell(session, who, found.plan, decide, NoticeKind.DELETION_ASKED)
        return touched(plan=found.plan, request=made)
    return await act(ctx, do)


async def withdraw_deletion_request(ctx: Context, request_id: str) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await _found(session, who, request_id)
        check_own(found.row.by_id, who.person)
        check_stands(found.row.state)
        deletion.end(who, found.row, DeletionState.WITHDRAWN)
        return touched(plan=found.plan, request=found.row)
    return await act(ctx, do)


async def refuse_deletion(ctx: Context, request_id: str, reason: str) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await _found(session, who, request_id)
        check_keeps(await person.posts(session, who, found.plan.unit_id), "requestId")
        check_stands(found.row.state)
        deletion.end(who, found.row, DeletionState.REFUSED, _typed(reason))
        await notice.tell(session, who, found.plan, [found.row.by_id], NoticeKind.DELETION_REFUSED)
        return touched(plan=found.plan, request=found.row)
    return await act(ctx, do)


async def delete_plan(ctx: Context, plan_id: str) -> Done:
    """Nothing is touched that could be read again."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Plan, key(plan_id, "Plan"), "planId")
        check_keeps(await person.posts(session, who, found.plan.unit_id), "planId")
        check_delete(await deletion.ending(session, who, found.plan))
        asked = await deletion.askers(session, who, found.plan)
        await notice.tell_last(session, who, ctx.hub.seal, found.plan, asked, NoticeKind.DELETION_DONE)
        await deletion.delete(session, who, found.plan)
        return {}
    return await act(ctx, do)


async def _found(session: Writing, who: Who, request_id: str) -> Found[DeletionRequest]:
    return await find.locked(session, who, DeletionRequest, key(request_id, "DeletionRequest"), "requestId")


def _typed(reason: str) -> str:
    typed = Entry()
    clean = typed.needed("reason", reason, LINE)
    typed.done()
    return clean
