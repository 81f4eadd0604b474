"""Takes a form that was signed on paper: looked at, sealed, and named once by an act of its uploader."""
import asyncio
from collections.abc import Mapping

from db.engine import Writing
from db.rules.document import PAGES
from db.rules.errors import Problem
from db.write import document
from db.write.find import Who
from integrations.documents.paper import is_form
from resolvers.act import Done, act, touched
from resolvers.context import Context


async def upload(ctx: Context, pdf: bytes) -> Done:
    """Refused where it can't be a consent form: nothing else is kept of a plan's papers (domain.md §6)."""
    if not await asyncio.to_thread(is_form, pdf, PAGES):
        return Done(problems=(Problem("NOT_A_FORM", "", {"most": PAGES}),))

    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        return touched(upload=await document.keep(session, who, ctx.hub.seal, pdf))
    return await act(ctx, do)
