"""What a delivery would send now, with nothing personal in it: for those who answer for deliveries."""
import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from db.engine import Writing
from db.rules.delivery import DONE, CancelReason, DeliveryFault
from db.rules.errors import Refused
from db.write import find
from db.write.attempt import refused
from db.write.delivery import Delivery
from db.write.find import Who
from integrations.pack import packed
from integrations.preview import Part, masked, parts
from integrations.target import UNKNOWN, DeliveryError, Order, Showing, Target
from resolvers.act import key
from resolvers.context import Context
from resolvers.delivery import check


@dataclass(frozen=True)
class DeliveryPreview:
    """What would go out; or why nothing would, by what consent says or because it can't be put together."""
    reason: CancelReason | None = None
    fault: DeliveryFault | None = None
    answer: str | None = None
    parts: list[Part] = field(default_factory=list)


async def preview_delivery(ctx: Context, arguments: Mapping[str, Any]) -> DeliveryPreview | None:
    """None where the delivery is not there for the viewer, or not theirs to answer for, or is done."""
    try:
        name = key(arguments["delivery_id"], "Delivery")
        if name == find.NOBODY:
            return None
        async with find.transaction(ctx.hub.writer, ctx.now, ctx.hub.clock) as session:
            who = Who(ctx.viewer.municipality, ctx.viewer.person or find.NOBODY, ctx.now)
            found = await find.locked(session, who, Delivery, name, "deliveryId")
            await check(session, who, found)
            if found.row.state in DONE:
                return None
            told = await _told(ctx, session, who, found)
        return told if isinstance(told, DeliveryPreview) else await _rendered(ctx, found.row.target, told)
    except Refused:
        return None
    except DeliveryError as error:
        return DeliveryPreview(fault=error.fault, answer=error.message)


async def _told(ctx: Context, session: Writing, who: Who,
                found: find.Found[Delivery]) -> DeliveryPreview | Order:
    """As a worker puts it together: `integrations/worker.Worker.body`."""
    reason = await refused(session, who, found.plan, found.row)
    if reason is not None:
        return DeliveryPreview(reason=reason)
    return await packed(session, ctx.hub.reader, ctx.hub.seal, found.row, ctx.now, ctx.hub.url)


async def _rendered(ctx: Context, name: str, order: Order) -> DeliveryPreview:
    target = ctx.hub.targets.get(name)
    if target is None:
        raise DeliveryError(DeliveryFault.RETRYABLE, UNKNOWN)
    return DeliveryPreview(parts=parts(await asyncio.to_thread(_sent, target, masked(order))))


def _sent(target: Target, order: Order) -> bytes:
    body = target.render(order)
    return target.shown(body) if isinstance(target, Showing) else body
