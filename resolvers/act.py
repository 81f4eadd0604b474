"""How a change is made: one transaction that finds, decides and writes, or a refusal that leaves nothing."""
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from db.engine import Writing
from db.read.page import key_of
from db.rules.errors import Problem, Refused
from db.seal import BadIdentityNumber
from db.write import person, replay
from db.write.find import Who, transaction
from resolvers.context import Context

Outcome = Mapping[str, str | int]  # payload field → global id of a row, or a number


@dataclass(frozen=True)
class Done:
    """What an act came to, its rows to be read through the gate; or why it was refused."""
    touched: Outcome = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    # the moment that was written down: what is read again must not be of before it
    at: datetime | None = None


Act = Callable[[Writing, Who], Awaitable[Outcome]]


async def act(ctx: Context, do: Act) -> Done:
    """Runs `do` in a transaction of its own; with an idempotency key, once."""
    if ctx.viewer.person is None:
        return Done(problems=(Problem("NOT_ALLOWED", ""),))
    who = Who(ctx.viewer.municipality, ctx.viewer.person, ctx.now, ctx.viewer.through)
    try:
        async with transaction(ctx.hub.writer, ctx.now, ctx.hub.clock) as session:
            return Done(await _once(ctx, session, who, do), at=who.now)
    except Refused as refused:
        return Done(problems=refused.problems)


async def _once(ctx: Context, session: Writing, who: Who, do: Act) -> Outcome:
    if ctx.idempotency_key is None:
        return await do(session, who)
    key = ctx.idempotency_key
    before = await replay.claimed(session, who, key, ctx.field, ctx.request_hash)
    if before is not None:
        return before
    touched = await do(session, who)
    await replay.keep(session, who, key, ctx.field, touched)
    return touched


def key(global_id: str, noun: str) -> UUID:
    return key_of(global_id, noun)


def identity(number: str, at: str) -> tuple[str, date]:
    """The number in eleven digits and its birth date; Refused, without the number, where it is none."""
    try:
        return person.checked(number)
    except BadIdentityNumber:
        raise Refused("BAD_IDENTITY_NUMBER", at) from None


def touched(**rows: Any) -> dict[str, str]:
    """Payload field → global id of the row."""
    return {name: f"{type(row).__name__}:{row.id}" for name, row in rows.items()}
