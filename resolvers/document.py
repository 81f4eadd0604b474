"""PDFs beside a consent: a signed paper comes in, the signed form goes out; each reading is written down."""
import asyncio
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from db.engine import Writing
from db.read.form import form_of
from db.rules.document import PAGES
from db.rules.errors import Problem, Refused
from db.rules.rights import FORM, Right
from db.write import document, find
from db.write.consent import Consent
from db.write.document import ConsentDocument
from db.write.find import Found, N, Who, transaction
from db.write.log import was_read
from db.write.plan import municipality
from integrations.documents.form import SignedForm, form_pdf
from integrations.documents.paper import is_form
from resolvers.act import Done, act, key, touched
from resolvers.context import Context


async def upload(ctx: Context, pdf: bytes) -> Done:
    """Refused where it can't be a consent form: nothing else is kept of a plan's papers (domain.md §6)."""
    if not await asyncio.to_thread(is_form, pdf, PAGES):
        return Done(problems=(Problem("NOT_A_FORM", "", {"most": PAGES}),))

    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        return touched(upload=await document.keep(session, who, ctx.hub.seal, pdf))
    return await act(ctx, do)


async def signed_form(ctx: Context, consent_id: str) -> bytes:
    """The consent as all have signed it. Made when it is first asked for and kept: the same bytes every time.

    Refused where it is not the viewer's to read, or has never come into force."""
    async def do(session: Writing, who: Who) -> bytes:
        found = await _found(session, who, Consent, key(consent_id, "Consent"))
        if found.row.opened_at is None or found.row.opened_at > who.now:
            raise Refused("NOT_FOUND", "id")
        kept = await document.form(session, who, found.row)
        if kept is not None:
            return document.opened(ctx.hub.seal, kept)
        home = await municipality(session, who.municipality)
        about, form = await form_of(ctx.hub.reader, who.municipality, who.now, found.plan.id, found.row.id)
        pdf = await asyncio.to_thread(form_pdf, SignedForm(about, form, home.name, home.language, who.now))
        document.keep_form(session, who, ctx.hub.seal, found.row, pdf)
        return pdf
    return await _read(ctx, do)


async def paper(ctx: Context, document_id: str) -> bytes:
    """A PDF that is kept beside a consent. Refused where it is not the viewer's to read."""
    async def do(session: Writing, who: Who) -> bytes:
        found = await _found(session, who, ConsentDocument, key(document_id, "ConsentDocument"))
        return document.opened(ctx.hub.seal, found.row)
    return await _read(ctx, do)


async def _found(session: Writing, who: Who, noun: type[N], wanted: UUID) -> Found[N]:
    """A form names services, and a paper can hold anything: where an address is protected, they are for those
    alone who may know whereabouts."""
    found = await find.locked(session, who, noun, wanted, "id")
    if FORM & ~found.mask:
        raise Refused("NOT_FOUND", "id")
    await was_read(session, who, found.plan, Right.CONSENT_READ)
    return found


async def _read(ctx: Context, do: Callable[[Writing, Who], Awaitable[bytes]]) -> bytes:
    if ctx.viewer.person is None:  # a system reads no consent
        raise Refused("NOT_FOUND", "id")
    async with transaction(ctx.hub.writer, ctx.now, ctx.hub.clock) as session:
        return await do(session, Who(ctx.viewer.municipality, ctx.viewer.person, ctx.now))
