"""Acts on deliveries, by those who lead: try again, or leave it."""
from collections.abc import Mapping

from db.engine import Writing
from db.rules.delivery import check_cancel, check_retry
from db.rules.post import check_leads
from db.write import attempt, delivery, find, person
from db.write.delivery import Delivery, Key
from db.write.find import Who
from db.write.plan import Plan
from resolvers.act import Done, act, key, touched
from resolvers.context import Context


async def retry_delivery(ctx: Context, delivery_id: str) -> Done:
    """At once, with all its attempts before it; rights are asked again."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Delivery, key(delivery_id, "Delivery"), "deliveryId")
        await _check_leads(session, who, found.plan)
        check_retry(found.row.state)
        attempt.retry(found.row)
        await delivery.wake(session, [Key(who.municipality, found.plan.id, found.row.target)])
        return touched(delivery=found.row)
    return await act(ctx, do)


async def cancel_delivery(ctx: Context, delivery_id: str) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Delivery, key(delivery_id, "Delivery"), "deliveryId")
        await _check_leads(session, who, found.plan)
        check_cancel(found.row.state, found.row.kind)
        attempt.cancel(found.row)
        await delivery.wake(session, [Key(who.municipality, found.plan.id, found.row.target)])
        return touched(delivery=found.row)
    return await act(ctx, do)


async def _check_leads(session: Writing, who: Who, plan: Plan) -> None:
    """The stafettholder sees how deliveries go; those who lead answer for them."""
    check_leads(await person.posts(session, who, plan.unit_id), "deliveryId")
