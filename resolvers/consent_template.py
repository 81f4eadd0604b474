"""The act by which a municipality publishes its consent form, in its own languages and others."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.engine import Writing
from db.rules.consent_template import MOST_LANGUAGES, check_languages, unfilled
from db.rules.entry import TEXT, TITLE, Entry
from db.rules.errors import Refused
from db.rules.language import canonical
from db.rules.post import check_keeps
from db.rules.words import PlanType
from db.write import consent_template as templates, municipality as municipalities, person
from db.write.consent_template import TemplateDraft
from db.write.find import Who
from integrations.documents.text import can_be_printed
from integrations.documents.wording import is_named
from resolvers.act import Done, act, touched
from resolvers.context import Context


@dataclass(frozen=True)
class TemplateEntry:
    """The form in one language, as typed in."""
    language: str
    title: str
    text: str


async def publish_consent_template(ctx: Context, plan_type: PlanType,
                                   texts: Sequence[TemplateEntry]) -> Done:
    """Says which row it is in the municipality's own language, or in its other one."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        check_keeps(await person.posts(session, who), "planType")
        drafts = _drafts(texts)
        municipality = await municipalities.held(session, who, changing=True)
        made = await templates.publish(session, who, plan_type, drafts)
        by_language = {row.language: row for row in made}
        own = by_language.get(municipality.language) or by_language.get("nb") or by_language["nn"]
        return touched(template=own)
    return await act(ctx, do)


def _drafts(texts: Sequence[TemplateEntry]) -> list[TemplateDraft]:
    """Every fault of every language at once."""
    if len(texts) > MOST_LANGUAGES:
        raise Refused("TOO_MANY", "texts", most=MOST_LANGUAGES)
    typed, drafts = Entry(), dict[str, TemplateDraft]()
    for n, entry in enumerate(texts):
        at, language = f"texts.{n}", _language(entry.language)
        if language is None or language in drafts:
            typed.refuse("LANGUAGE_TWICE" if language else "UNKNOWN_LANGUAGE", f"{at}.language")
        title = _printed(typed, f"{at}.title", entry.title, TITLE)
        drafts[language or entry.language] = TemplateDraft(
            language or entry.language, title, _printed(typed, f"{at}.text", entry.text, TEXT))
    typed.done()
    check_languages(drafts)
    return list(drafts.values())


def _language(tag: str) -> str | None:
    """As it is usually written; None where a document could not say which language it is."""
    language = canonical(tag)
    return language if language and is_named(language) else None


def _printed(typed: Entry, field: str, text: str, most: int) -> str:
    """A text that can be read by those who sign it: on paper as well, and with nothing left to fill in."""
    clean = typed.needed(field, text, most)
    if unfilled(clean):
        typed.refuse("PLACEHOLDER", field)
    elif not can_be_printed(clean):
        typed.refuse("NOT_PRINTABLE", field)
    return clean
