"""Persons as they are typed in, the look-up of who they are, which is logged whatever comes of it, and the
change of how one is reached."""
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from db.engine import Writing
from db.rules.entry import LINE, Entry, spelled
from db.rules.errors import Refused
from db.rules.grant import OSLO
from db.rules.person import REACHED_BY, born, check_mends, check_not_hidden, meant, missing
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
    """A person as typed in; without a number, who of those that are likely the same is meant, or is not."""
    identity_number: str | None
    birth_date: date | None
    existing_id: str | None
    other_than: tuple[str, ...]
    name: str
    mobile: str | None
    email: str | None
    channel: Channel | None


def drafted(typed: Entry, at: str, given: PersonEntry, now: datetime) -> PersonDraft:
    """The entry, checked; `at` is where it stands in the input. Refused where the identity number is none, or
    the birth date can't be."""
    number, told = None, None
    if given.identity_number is not None:
        number, told = identity(given.identity_number, f"{at}.identityNumber")
    birth_date = born(given.birth_date, told, now.astimezone(OSLO).date(), f"{at}.birthDate")
    if number and given.existing_id is not None:
        typed.refuse("NOT_FOUND", f"{at}.existingId")  # who has a number is found by it
    name = typed.needed(f"{at}.name", given.name, LINE)
    mobile = _reached(typed, f"{at}.mobile", "mobile", given.mobile)
    email = _reached(typed, f"{at}.email", "email", given.email)
    chosen = {Channel.SMS: ("mobile", mobile), Channel.EMAIL: ("email", email)}
    if given.channel is not None and not chosen[given.channel][1]:
        typed.refuse("CONTACT_MISSING", f"{at}.{chosen[given.channel][0]}")
    return PersonDraft(
        number, name, birth_date, mobile, email, given.channel, at=at,
        existing=key(given.existing_id, "Person") if given.existing_id is not None else None,
        other_than=frozenset(key(other, "Person") for other in given.other_than))


async def look_up(ctx: Context, drafts: Sequence[PersonDraft], what: str,
                  allowed: Callable[[Writing, Who], Awaitable[object]]) -> Done:
    """Writes down who was looked up, in a transaction of its own: a change then refused leaves it standing.

    `allowed` raises Refused for one who may not look; then nobody has been looked up."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        await allowed(session, who)
        known = [one.id for draft in drafts for one in await person.found(session, who, ctx.hub.seal, draft)]
        await person.log_look_up(session, who, known, what)
        return {}
    return await act(replace(ctx, idempotency_key=None), do)


async def registered(ctx: Context, session: Writing, who: Who, drafts: Sequence[PersonDraft]) -> list[Person]:
    """The persons, found or made, in the order given. Refused where one without a number may be known.

    Who is likely the same is asked before any is made: two of one input are not taken for each other. Made in
    an order that is the same for all, or two who register one family at once would deadlock."""
    await person.one_at_a_time(session, who, [draft.birth_date for draft in drafts])
    seal, known = ctx.hub.seal, await _known(ctx, session, who, drafts)
    unknown = {*drafts} - {*known}
    for draft in sorted(unknown, key=lambda d: seal.mark(d.identity_number) if d.identity_number else b""):
        known[draft] = await person.found_or_registered(session, who, seal, draft)
    return [known[draft] for draft in drafts]


async def _known(ctx: Context, session: Writing, who: Who,
                 drafts: Sequence[PersonDraft]) -> dict[PersonDraft, Person]:
    """Of those without a number, who is said to be one whom we know; every doubt about them at once."""
    typed, known = Entry(), dict[PersonDraft, Person]()
    for draft in [draft for draft in drafts if draft.identity_number is None]:
        likely = {one.id: one for one in await person.found(session, who, ctx.hub.seal, draft)}
        try:
            chosen = meant(likely, draft.existing, draft.other_than, draft.at)
        except Refused as refused:
            typed.problems += refused.problems
            continue
        if chosen:
            known[draft] = likely[chosen]
    typed.done()
    return known


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
