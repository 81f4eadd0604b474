"""What a unit notes in its own fagsystem by hand: the tasks, for those who see them, and their answers."""
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from db.engine import Writing
from db.read.page import cursor_at, size
from db.read.task import Shown, shown
from db.rules import task as rules
from db.rules.delivery import ENDING, DeliveryFault, FactKind, next_attempt
from db.rules.grant import OSLO
from db.write import delivery, receipt, task
from db.write.attempt import Outcome
from db.write.delivery import Delivery
from db.write.find import Who
from db.write.person import identity_in
from integrations.pack import contact, reference
from integrations.target import ByHand, Contact
from resolvers.act import Done, act, key, touched
from resolvers.context import Context

ORDER = "due_on"
CONFIRMED = "the unit has noted it"
REJECTED = {DeliveryFault.UNKNOWN_PERSON: "the unit's system does not know the person",
            DeliveryFault.AMBIGUOUS: "the unit's system has several such persons"}


@dataclass(frozen=True, repr=False)  # whom it is about no trace may print
class FagsystemTask:
    """What any fagsystem is told by the fact, and the child's name."""
    delivery_id: str
    kind: FactKind
    unit_id: str
    unit_name: str
    system: str
    ordered_at: datetime
    due_on: date
    overdue: bool
    name: str
    identity_number: str
    protected: bool
    plan_ref: UUID
    since: date
    closed_on: date | None
    contact: Contact | None


@dataclass(frozen=True)
class Edge:
    cursor: str
    node: FagsystemTask


@dataclass(frozen=True)
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True)
class Tasks:
    """A page of them."""
    total_count: int
    page_info: PageInfo
    edges: list[Edge] = field(default_factory=list)


async def fagsystem_tasks(ctx: Context, arguments: Mapping[str, Any]) -> Tasks | None:
    """The first due first; None for a system client. BadArgument: page size or cursor."""
    if ctx.viewer.person is None:
        return None
    first, after = size(arguments.get("first"), None), arguments.get("after")
    due, last = cursor_at(after, ORDER, date) if after else (None, None)
    total, rows = await shown(ctx.hub.reader, {
        "municipality": ctx.viewer.municipality, "viewer": ctx.viewer.person, "now": ctx.now,
        "due": due, "last": last, "most": first + 1}, log=ctx.hub.log)
    edges = [Edge(_cursor(row), _told(ctx, row)) for row in rows[:first]]
    start, end = (edges[0].cursor, edges[-1].cursor) if edges else (None, None)
    return Tasks(total, PageInfo(len(rows) > first, after is not None, start, end), edges)


def _cursor(row: Shown) -> str:
    return base64.b64encode(json.dumps([ORDER, str(row.due_on), str(row.delivery_id)]).encode()).decode()


def _told(ctx: Context, row: Shown) -> FagsystemTask:
    """As `integrations.pack` puts a fact together, at this moment."""
    target: object = ctx.hub.targets.get(row.target)
    seal, ended = ctx.hub.seal, row.kind in ENDING
    return FagsystemTask(
        f"Delivery:{row.delivery_id}", row.kind, f"Unit:{row.unit_id}", row.unit_name,
        target.system if isinstance(target, ByHand) else row.target, row.ordered_at, row.due_on,
        rules.overdue(row.due_on, ctx.now), row.owner_name, identity_in(row.identity_sealed, seal),
        row.protected, reference(seal, row.target, row.unit_id, row.plan_id), row.start_date,
        row.ordered_at.astimezone(OSLO).date() if ended else None,
        None if ended else contact(row, protected=row.protected))


async def confirm_delivery(ctx: Context, delivery_id: str, reference: str | None) -> Done:
    """It is noted: the receipt that any fagsystem gives."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        number = rules.check_reference(reference, "reference")
        found = await task.locked(session, who, key(delivery_id, "Delivery"), "deliveryId")
        noted = Outcome(None, CONFIRMED, confirmed=True, reference=number)
        return await _answered(session, who, found, noted)
    return await act(ctx, do)


async def reject_delivery(ctx: Context, delivery_id: str, why: rules.Rejection) -> Done:
    """It can't be noted, until somebody has looked, who then tries again."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await task.locked(session, who, key(delivery_id, "Delivery"), "deliveryId")
        rules.check_reject(found.kind)
        fault = DeliveryFault(why)
        then = next_attempt(fault, found.attempt_count, who.now, 0)
        told = await _answered(session, who, found, Outcome(None, REJECTED[fault], fault=fault, then=then))
        await task.take_back(session, found)
        return told
    return await act(ctx, do)


async def _answered(session: Writing, who: Who, found: Delivery, outcome: Outcome) -> Mapping[str, str]:
    """Written down as a receipt that comes by itself; what it held back goes on."""
    held = await receipt.sent(session, found.target, found.id)
    if held is None:
        raise LookupError("a task of what was never given to anybody")
    await receipt.finish(session, held, outcome, who.now)
    await task.answered(session, who, found)
    await delivery.wake(session, [held.key])
    return {**touched(delivery=found), "state": found.state}
