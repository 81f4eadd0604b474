"""Persons as they are typed in, the look-up by identity number, which is logged whatever comes of it, and
the change of how one is reached."""
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from db.engine import Writing
from db.rules.entry import LINE, Entry, spelled
from db.rules.errors import Refused
from db.rules.person import REACHED_BY, check_mends, check_not_hidden, missing
from db.rules.plan import check_lasts
from db.rules.words import Channel
from db.write import contact, find, person
from db.write.find import Who
from db.write.participant import Participant
from db.write.person import Person, PersonDraft
from integrations.words import LANGUAGES
from resolvers.act import Done, act, identity, key, touched
from resolvers.context import Context

READ = {"email": contact.email, "mobile": contact.mobile, "telephone": contact.telephone}
SWITCHES = ("hides_mobile", "hides_telephone", "shows_private")


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
    mobile = _reached(typed, f"{at}.mobile", "mobile", given.mobile)
    email = _reached(typed, f"{at}.email", "email", given.email)
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


async def update_person(ctx: Context, participant_id: str | None, version: int,
                        values: Mapping[str, Any]) -> Done:
    """Of oneself; or, by the stafettholder, of one of the family, who takes part."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        if participant_id is None:
            changed, shown = await person.locked(session, who, who.person), {}
        else:
            part, changed = await _mended(session, who, participant_id, values)
            shown = {"participant": part}
        find.check_version(changed, version)
        person.change(changed, _checked(changed, values))
        return touched(person=changed, **shown)
    return await act(ctx, do)


async def _mended(session: Writing, who: Who, participant_id: str,
                  values: Mapping[str, Any]) -> tuple[Participant, Person]:
    found = await find.locked(session, who, Participant, key(participant_id, "Participant"), "participantId")
    of = await person.locked(session, who, found.row.person_id)
    check_mends(found.mask, values, employed=of.position is not None, protected=found.plan.protected)
    check_lasts(found.row.until, who.now)
    check_not_hidden(values, mobile=of.hides_mobile, telephone=of.hides_telephone)
    return found.row, of


def _checked(of: Person, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, as it is kept; every fault of it at once."""
    typed, clean = Entry(), dict(values)
    for name in values:
        kind = name.removeprefix("work_")
        if kind in READ:
            clean[name] = _reached(typed, spelled(name), kind, values[name])
        elif name in SWITCHES and values[name] is None:
            typed.refuse("REQUIRED", spelled(name))
    if clean.get("language") not in (None, *LANGUAGES):
        typed.refuse("BAD_LANGUAGE", "language")
    typed.done()
    before = {field: getattr(of, field) for fields in REACHED_BY.values() for field in fields}
    empty = missing(clean.get("channel", of.channel), before, {**before, **clean})
    if empty:
        raise Refused("CONTACT_MISSING", empty)
    return clean


def _reached(typed: Entry, field: str, kind: str, given: str | None) -> str | None:
    """An address or a number as it is kept; None where none is given."""
    faults = len(typed.problems)
    text = typed.text(field, given, LINE)
    if not text or len(typed.problems) > faults:
        return None
    try:
        return READ[kind](text)
    except contact.BadContact:
        typed.refuse(f"BAD_{kind.upper()}", field)
        return None
