"""Persons as they are typed in, and the look-up by identity number, which is logged whatever comes of it."""
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from db.engine import Writing
from db.rules.entry import LINE, Entry
from db.rules.words import Channel
from db.write import person
from db.write.find import Who
from db.write.person import Person, PersonDraft
from resolvers.act import Done, act, identity
from resolvers.context import Context


@dataclass(frozen=True)
class PersonEntry:
    """A person as typed in."""
    identity_number: str
    name: str
    mobile: str | None
    email: str | None
    channel: Channel | None


def drafted(typed: Entry, at: str, given: PersonEntry) -> PersonDraft:
    """The entry, checked; `at` is where it stands in the input. Refused where the identity number is none."""
    number, born = identity(given.identity_number, f"{at}.identityNumber")
    name = typed.needed(f"{at}.name", given.name, LINE)
    mobile = typed.text(f"{at}.mobile", given.mobile, LINE)
    email = typed.text(f"{at}.email", given.email, LINE)
    chosen = {Channel.SMS: ("mobile", mobile), Channel.EMAIL: ("email", email)}
    if given.channel is not None and not chosen[given.channel][1]:
        typed.refuse("CONTACT_MISSING", f"{at}.{chosen[given.channel][0]}")
    return PersonDraft(number, name, born, mobile, email, given.channel)


async def look_up(ctx: Context, drafts: Sequence[PersonDraft], what: str,
                  allowed: Callable[[Writing, Who], Awaitable[object]]) -> Done:
    """Writes down who was looked up, in a transaction of its own: a change then refused leaves it standing.

    `allowed` raises Refused for one who may not look; then nobody has been looked up."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        await allowed(session, who)
        marks = [ctx.hub.seal.mark(draft.identity_number) for draft in drafts]
        known = [await person.by_identity(session, who.municipality, mark) for mark in marks]
        await person.log_look_up(session, who, [p.id for p in known if p], what)
        return {}
    return await act(replace(ctx, idempotency_key=None), do)


async def registered(ctx: Context, session: Writing, who: Who, drafts: Sequence[PersonDraft]) -> list[Person]:
    """The persons, found or made, in the order given.

    Made in an order that is the same for all, or two who register one family at once would deadlock."""
    made = {draft: await person.found_or_registered(session, who, ctx.hub.seal, draft)
            for draft in sorted(set(drafts), key=lambda d: ctx.hub.seal.mark(d.identity_number))}
    return [made[draft] for draft in drafts]
