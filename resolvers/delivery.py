"""Acts on deliveries, by those who lead: try again, or leave it."""
from collections.abc import Mapping

from db.engine import Writing
from db.rules.delivery import DeliveryState, check_cancel, check_retry
from db.rules.errors import Refused
from db.rules.words import Post
from db.write import delivery, find, person
from db.write.delivery import Delivery, Key
from db.write.find import Who
from db.write.plan import Plan
from resolvers.act import Done, act, key, touched
from resolvers.context import Context

LEADING = {Post.UNIT_ADMINISTRATOR, Post.GROUP_ADMINISTRATOR, Post.LOCAL_ADMINISTRATOR}


async def retry_delivery(ctx: Context, delivery_id: str) -> Done:
    """At once, with all its attempts before it; rights are asked again."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Delivery, key(delivery_id, "Delivery"), "deliveryId")
        await _check_leads(session, who, found.plan)
        check_retry(found.row.state)
        found.row.state, found.row.next_attempt_at = DeliveryState.ORDERED, None
        await delivery.wake(session, [Key(who.municipality, found.plan.id, found.row.target)])
        return touched(delivery=found.row)
    return await act(ctx, do)


async def cancel_delivery(ctx: Context, delivery_id: str) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Delivery, key(delivery_id, "Delivery"), "deliveryId")
        await _check_leads(session, who, found.plan)
        check_cancel(found.row.state, found.row.kind)
        found.row.state, found.row.reason, found.row.body_sealed = DeliveryState.CANCELLED, "BY_HAND", None
        await delivery.wake(session, [Key(who.municipality, found.plan.id, found.row.target)])
        return touched(delivery=found.row)
    return await act(ctx, do)


async def _check_leads(session: Writing, who: Who, plan: Plan) -> None:
    """The stafettholder sees how deliveries go; those who lead answer for them."""
    if not LEADING & await person.posts(session, who, plan.unit_id):
        raise Refused("NOT_ALLOWED", "deliveryId")
