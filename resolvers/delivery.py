"""Acts on deliveries, by those who lead: try again, or leave it."""
from collections.abc import Mapping

from db.engine import Writing
from db.rules.delivery import FactKind, check_cancel, check_retry
from db.rules.plan import check_write
from db.rules.post import check_leads
from db.rules.rights import Right
from db.write import attempt, delivery, find, person
from db.write.delivery import Delivery, Key
from db.write.find import Found, Who
from resolvers.act import Done, act, key, touched
from resolvers.context import Context


async def retry_delivery(ctx: Context, delivery_id: str) -> Done:
    """At once, with all its attempts before it; rights are asked again."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Delivery, key(delivery_id, "Delivery"), "deliveryId")
        await _check(session, who, found)
        check_retry(found.row.state)
        attempt.retry(found.row)
        await delivery.wake(session, [_key(found.row)])
        return touched(delivery=found.row)
    return await act(ctx, do)


async def cancel_delivery(ctx: Context, delivery_id: str) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Delivery, key(delivery_id, "Delivery"), "deliveryId")
        await _check(session, who, found)
        check_cancel(found.row.state, found.row.kind)
        attempt.cancel(found.row)
        await delivery.wake(session, [_key(found.row)])
        return touched(delivery=found.row)
    return await act(ctx, do)


async def _check(session: Writing, who: Who, found: Found[Delivery]) -> None:
    """The stafettholder sees how deliveries go; those who lead answer for them, but do not see notices."""
    if found.row.kind is FactKind.NOTICE:
        check_write(found.mask, Right.ADMINISTRATION_WRITE, "deliveryId")
    else:
        check_leads(await person.posts(session, who, found.plan.unit_id), "deliveryId")


def _key(delivery: Delivery) -> Key:
    return Key(delivery.municipality_id, delivery.plan_id, delivery.target, delivery.recipient_id)
