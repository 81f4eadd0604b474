"""Acts on deliveries, by those who lead: try again, or leave it."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.engine import Writing
from db.read.number import number
from db.rules.delivery import DeliveryState, FactKind, check_cancel, check_retry
from db.rules.plan import check_write
from db.rules.post import check_keeps, check_leads
from db.rules.rights import Right
from db.write import attempt, delivery, find, person, retry
from db.write.delivery import Delivery, Key
from db.write.find import Found, Who
from db.write.retry import Wanted
from resolvers.act import Done, act, key, touched
from resolvers.context import Context


async def retry_delivery(ctx: Context, delivery_id: str) -> Done:
    """At once, with all its attempts before it; rights are asked again."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Delivery, key(delivery_id, "Delivery"), "deliveryId")
        await check(session, who, found)
        check_retry(found.row.state, found.row.kind, found.row.record)
        retry.retry(found.row)
        await delivery.wake(session, [_key(found.row)])
        return touched(delivery=found.row)
    return await act(ctx, do)


@dataclass(frozen=True)
class Preview:
    """Of what would be tried again."""
    count: int


async def retry_deliveries(ctx: Context, filter: Mapping[str, Any]) -> Done:  # noqa: A002
    """All at once that a filter names, in every plan of the municipality."""
    async def do(session: Writing, who: Who) -> Mapping[str, str | int]:
        check_keeps(await person.posts(session, who), "filter")
        return {"count": await retry.retry_many(session, who, _wanted(filter))}
    return await act(ctx, do)


async def deliveries_preview(ctx: Context, arguments: Mapping[str, Any]) -> Preview | None:
    """How many `retry_deliveries` would try again now, by the same conditions; None for a system."""
    if ctx.viewer.person is None:
        return None
    who = Who(ctx.viewer.municipality, ctx.viewer.person, ctx.now)
    counting = retry.counting(who, _wanted(arguments.get("filter") or {}))
    return Preview(await number(ctx.hub.reader, counting))


def _wanted(given: Mapping[str, Any]) -> Wanted:
    states, plan = given.get("state"), given.get("plan")
    return Wanted(states and [DeliveryState(state) for state in states], given.get("target"),
                  given.get("kind"), key(plan, "Plan") if plan else None, given.get("record"))


async def cancel_delivery(ctx: Context, delivery_id: str) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Delivery, key(delivery_id, "Delivery"), "deliveryId")
        await check(session, who, found)
        check_cancel(found.row.state, found.row.kind)
        attempt.cancel(found.row)
        await delivery.wake(session, [_key(found.row)])
        return touched(delivery=found.row)
    return await act(ctx, do)


async def check(session: Writing, who: Who, found: Found[Delivery]) -> None:
    """The stafettholder sees how deliveries go; those who lead answer for them, but do not see notices."""
    if found.row.kind is FactKind.NOTICE:
        check_write(found.mask, Right.ADMINISTRATION_WRITE, "deliveryId")
    else:
        check_leads(await person.posts(session, who, found.plan.unit_id), "deliveryId")


def _key(delivery: Delivery) -> Key:
    return Key(delivery.municipality_id, delivery.plan_id, delivery.target, delivery.recipient_id)
