"""Acts on a consent that nobody has been asked for yet: drafted from what is typed in, or as a renewal."""
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from db.engine import Writing
from db.rules.consent import period
from db.rules.consent_template import check_of_type
from db.rules.entry import TEXT, Entry
from db.rules.errors import Refused
from db.rules.plan import check_write
from db.rules.plan_template import check_has
from db.rules.rights import NOTHING, Element, Right
from db.rules.words import AccessLevel, FormLanguage
from db.write import (
    consent as consents,
    consent_template as templates,
    participant,
    person,
    plan as plans,
    plan_template,
)
from db.write.consent import ConsentDraft, NameDraft, TextDraft
from db.write.find import Found, Who
from db.write.person import Person, PersonDraft
from db.write.plan import Plan
from resolvers.act import Done, act, key, touched
from resolvers.consent import found_consent
from resolvers.context import Context
from resolvers.person import PersonEntry, drafted, look_up, registered
from resolvers.plan import writable

MOST_NAMES = 50  # in one form: nobody reads more, and the plan is locked while they are looked up


@dataclass(frozen=True)
class NameEntry:
    """Whom the consent shall name: one person, known or typed in, or one service; and the most that each
    element leaves them."""
    person_id: str | None
    unit_id: str | None
    person: PersonEntry | None
    restrictions: tuple[tuple[Element, AccessLevel], ...]
    whereabouts: bool


@dataclass(frozen=True)
class ConsentEntry:
    """A consent as typed in: from a template, or with texts of its own."""
    plan_id: str
    template_id: str | None
    texts: tuple[tuple[FormLanguage, str], ...]
    valid_from: date | None
    valid_until: date | None
    names: tuple[NameEntry, ...]


async def draft_consent(ctx: Context, entry: ConsentEntry) -> Done:
    """Who is no employee is typed in, looked up, and registered where nobody is known to be it."""
    try:
        typed = _typed_in(ctx, entry.names)
    except Refused as refused:
        return Done(problems=refused.problems)

    async def allowed(session: Writing, who: Who) -> Found[Plan]:
        return await writable(session, who, entry.plan_id, Right.CONSENT_WRITE)

    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await allowed(session, who)
        municipality = await plans.municipality(session, who.municipality)
        texts = await _texts(session, who, entry, found.plan)
        opens, closes = period(entry.valid_from, entry.valid_until, who.now, municipality.consent_days)
        here = {part.person_id for part in await participant.standing(session, who, found.plan)}
        lacked = await plan_template.lacks(session, who.municipality, found.plan.type, who.now)
        known = dict(zip(typed, await registered(ctx, session, who, [*typed.values()]), strict=True))
        names = await _names(session, who, entry.names, here, known, lacked)
        form = ConsentDraft(texts, opens, closes, names)
        return touched(plan=found.plan, consent=await consents.draft(session, who, found.plan, form))

    looked = await look_up(ctx, [*typed.values()], "draftConsent", allowed) if typed else Done()
    return looked if looked.problems else await act(ctx, do)


def _typed_in(ctx: Context, names: Sequence[NameEntry]) -> dict[int, PersonDraft]:
    """Who is typed in, by their place in the form; every fault of them at once."""
    typed = Entry()
    drafts = {n: drafted(typed, f"names.{n}.person", name.person, ctx.now)
              for n, name in enumerate(names[:MOST_NAMES]) if name.person is not None}
    typed.done()
    return drafts


async def renew_consent(ctx: Context, consent_id: str, valid_from: date | None,
                        valid_until: date | None) -> Done:
    """The same form, in all its languages, over the same people: a draft, which all sign anew."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await found_consent(session, who, consent_id)
        check_write(found.mask, Right.CONSENT_WRITE, "consentId")
        days = (await plans.municipality(session, who.municipality)).consent_days
        opens, closes = period(valid_from, valid_until, who.now, days)
        names = await consents.names_of(session, who, found.row)
        texts = await consents.texts(session, who, found.row)
        form = ConsentDraft(tuple(TextDraft(t.language, t.text) for t in texts), opens, closes, names)
        return touched(plan=found.plan, consent=await consents.draft(session, who, found.plan, form))
    return await act(ctx, do)


async def _texts(session: Writing, who: Who, entry: ConsentEntry, plan: Plan) -> tuple[TextDraft, ...]:
    """What the form says: as the template does in every language there is, or what is given and no more,
    for a text that has been adjusted is no translation of the template's."""
    if (entry.template_id is None) == (not entry.texts):
        raise Refused("TEMPLATE_OR_TEXTS", "texts")
    if entry.template_id is None:
        return _typed(entry.texts)
    form = await templates.form(session, who, key(entry.template_id, "ConsentTemplate"))
    if not form:
        raise Refused("NOT_FOUND", "templateId")
    check_of_type(form[0].plan_type, plan.type)
    return tuple(TextDraft(template.language, template.text) for template in form)


def _typed(texts: Sequence[tuple[FormLanguage, str]]) -> tuple[TextDraft, ...]:
    typed, drafts = Entry(), dict[FormLanguage, TextDraft]()
    for n, (language, text) in enumerate(texts):
        if language in drafts:
            typed.refuse("LANGUAGE_TWICE", f"texts.{n}.language")
        drafts[language] = TextDraft(language, typed.needed(f"texts.{n}.text", text, TEXT))
    typed.done()
    return tuple(drafts.values())


async def _names(session: Writing, who: Who, entries: Sequence[NameEntry], here: Collection[UUID],
                 typed: Mapping[int, Person], lacked: Right) -> tuple[NameDraft, ...]:
    """`typed`: those who were typed in, by their place."""
    if len(entries) > MOST_NAMES:
        raise Refused("TOO_MANY", "names", most=MOST_NAMES)
    drafts: list[NameDraft] = []
    for n, entry in enumerate(entries):
        at = f"names.{n}"
        if [entry.person_id, entry.unit_id, entry.person].count(None) != 2:
            raise Refused("ONE_OF_TWO", at)
        check_has({f"{at}.restrictions.{k}.element": element
                   for k, (element, _) in enumerate(entry.restrictions)}, lacked)
        held_back = NOTHING
        for element, level in entry.restrictions:
            held_back |= _held_back(element, level)
        named = (typed[n].id, None) if n in typed else await _named(session, who, entry, here, at)
        drafts.append(NameDraft(*named, held_back, entry.whereabouts))
    return tuple(drafts)


def _held_back(element: Element, most: AccessLevel) -> Right:
    """What is taken away when `most` is the most that is left."""
    match most:
        case AccessLevel.NONE:
            return element.read | element.write
        case AccessLevel.READ:
            return element.write
        case AccessLevel.WRITE:
            return NOTHING


async def _named(session: Writing, who: Who, entry: NameEntry, here: Collection[UUID],
                 at: str) -> tuple[UUID | None, UUID | None]:
    """Those who are here already can be named too: a guardian for whereabouts, or for after childhood."""
    if entry.person_id is not None:
        wanted = key(entry.person_id, "Person")
        if wanted not in here:
            await person.employee(session, who, wanted, f"{at}.personId")
        return wanted, None
    unit = await plans.unit(session, who, key(entry.unit_id or "", "Unit"))
    if unit is None:
        raise Refused("NOT_FOUND", f"{at}.unitId")
    return None, unit.id
