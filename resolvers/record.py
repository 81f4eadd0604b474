"""What a fagsystem is told of a person when it asks by itself: as its unit would be told, and no more."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from db.read.page import BadArgument
from db.read.record import Known, Part, known, note, parts
from db.rules.errors import Refused
from db.rules.words import SystemAct
from db.seal import BadIdentityNumber, Seal, identity_number as checked
from db.write.person import identity_in
from integrations.pack import contact, reference
from integrations.target import Contact
from resolvers.context import Client, Context

NOWHERE = Part(UUID(int=0), UUID(int=0), None)


@dataclass(frozen=True, repr=False)  # these hold what no trace may print
class Record:
    """That a person has a stafettlogg in which one unit takes part under the consent in force."""
    plan_ref: UUID  # as the unit's fagsystem is told it by deliveries
    since: date
    updated_at: datetime  # when what is told last became what it is, but for how the stafettholder is reached
    unit_organisation_number: str
    unit_name: str
    contact: Contact | None
    identity_number: str
    protected: bool  # the person has a protected address: the record must carry the mark


@dataclass(frozen=True, repr=False)
class FagsystemRecord(Record):
    """A record, and where its reader finds the hub."""
    hub_url: str


async def has_stafettlogg(ctx: Context, arguments: Mapping[str, Any]) -> list[FagsystemRecord] | None:
    """None for a person, who is no system."""
    if ctx.viewer.client is None:
        return None
    told = await records(ctx, arguments["identity_number"])
    return [FagsystemRecord(**vars(one), hub_url=ctx.hub.url) for one in told]


async def records(ctx: Context, identity_number: str) -> Sequence[Record]:
    """The same for one whom the hub does not know, one who has none, and one in whose plan no unit with the
    asking organisation's number takes part: nothing. Written down whatever comes of it.

    Refused FORBIDDEN for one who is no system, or lacks the scope; BadArgument for what is no number."""
    client = await allowed(ctx, SystemAct.HAS_STAFETTLOGG)
    try:
        number = checked(identity_number).number
    except BadIdentityNumber:
        raise BadArgument("BAD_IDENTITY_NUMBER") from None
    seal = ctx.hub.seal
    told = await known(ctx.hub.reader, _asked(ctx, client) | {"mark": seal.mark(number)})
    return [_record(seal, one) for one in told]


async def record(ctx: Context, plan_ref: UUID) -> Record | None:
    """The one that a unit of the asking organisation knows by this reference; None for any other, whatever it
    is. References are kept nowhere: those of all plans that the units take part in are made, and compared.

    Written down, and Refused, as `records`."""
    client = await allowed(ctx, SystemAct.HAS_STAFETTLOGG)
    seal, asked = ctx.hub.seal, _asked(ctx, client)
    there = [part for part in await parts(ctx.hub.reader, asked)
             if reference(seal, part.fagsystem, part.unit, part.plan) == plan_ref]
    plan, unit, _ = there[0] if there else NOWHERE  # which is looked up, too, and written down as the rest
    told = await known(ctx.hub.reader, asked | {"plan": plan, "unit": unit})
    return _record(seal, told[0]) if told else None


async def allowed(ctx: Context, act: SystemAct) -> Client:
    """The system that asks, and that it did is written down; but a question, with its answer.

    Refused FORBIDDEN where it is none, or its token lacks the scope."""
    client = ctx.viewer.client
    if client is None:
        raise Refused("FORBIDDEN", "")
    may = {SystemAct.HAS_STAFETTLOGG: client.asks, SystemAct.CREATE_PLAN: client.creates}[act]
    if act is not SystemAct.HAS_STAFETTLOGG or not may:
        await note(ctx.hub.reader, _asked(ctx, client), act, allowed=may)
    if not may:
        raise Refused("FORBIDDEN", "")
    return client


def _asked(ctx: Context, client: Client) -> dict[str, Any]:
    return {"municipality": ctx.viewer.municipality, "now": ctx.now, "organisation": client.organisation,
            "supplier": client.supplier}


def _record(seal: Seal, one: Known) -> Record:
    return Record(reference(seal, one.fagsystem, one.unit, one.plan), one.since, one.updated_at,
                  one.unit_organisation_number, one.unit_name, contact(one, protected=one.protected),
                  identity_in(one.identity_sealed, seal), one.protected)
