"""The declaration of confidentiality: what is to be read, and that it is signed."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.engine import Writing
from db.read.declaration import own_words
from db.rules.declaration import text_hash
from db.rules.errors import Refused
from db.write import declaration, person
from db.write.find import Who
from integrations.words import LANGUAGES, say
from resolvers.act import Done, act, touched
from resolvers.context import Context


@dataclass(frozen=True)
class DeclarationForm:
    """The words in one language."""
    language: str
    text: str
    hash: str


async def declaration_to_sign(ctx: Context, _: Mapping[str, Any]) -> list[DeclarationForm] | None:
    """In every language, the viewer's own first; None where nothing that they have accepted waits for it."""
    viewer = ctx.viewer
    if viewer.person is None:
        return None
    own = await own_words(ctx.hub.reader, viewer.municipality, viewer.person, ctx.now)
    return None if own is None else sorted(_forms(own), key=lambda form: form.language != ctx.language)


async def sign_declaration(ctx: Context, hash: str) -> Done:  # noqa: A002
    """Of the text that the viewer has read, for every participation that waits for it."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        own = await declaration.own_words(session, who)
        read = [form for form in _forms(own) if form.hash == hash]
        if not read:
            raise Refused("FORM_CHANGED", "hash")
        await declaration.sign(session, who, read[0].language, read[0].text)
        return touched(person=await person.get(session, who, who.person))
    return await act(ctx, do)


def _forms(own: dict[str, str]) -> list[DeclarationForm]:
    """The municipality's own words; in languages that it has none in, the hub's."""
    words = {language: say("declaration.text", language) for language in LANGUAGES} | own
    return [DeclarationForm(language, text, text_hash(language, text)) for language, text in words.items()]
