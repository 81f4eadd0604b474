"""PDFs as people scan and upload them, and such as are refused."""
from io import BytesIO
from typing import Any

import pikepdf

from resolvers import document
from resolvers.context import Context
from tests.support.asking import Asking


def a_pdf(pages: int = 1, **saved: Any) -> bytes:
    """Empty pages; each call gives other bytes."""
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        return written(pdf, **saved)


def with_attachment() -> bytes:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.attachments["rapport.txt"] = b"x"
        return written(pdf)


def with_script() -> bytes:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=["x", script]))
        return written(pdf)


def written(pdf: pikepdf.Pdf, **saved: Any) -> bytes:
    out = BytesIO()
    pdf.save(out, **saved)
    return out.getvalue()


async def uploaded(asking: Asking, part: str = "stafettholder", pdf: bytes | None = None) -> str:
    """The id of an upload; of none where it is refused."""
    ctx = Context(asking.hub, asking.viewer(part), asking.now, "en")
    return str((await document.upload(ctx, pdf or a_pdf())).touched.get("upload", "Upload:x"))
