"""Looks at an uploaded PDF: whether it can be read, and can be a consent form and no more."""
from io import BytesIO

import pikepdf


def is_form(pdf: bytes, most_pages: int) -> bool:
    """Whether all can read it and it is as short as a form, with nothing attached and nothing that runs."""
    if b"%PDF-" not in pdf[:1024]:  # where a reader looks for it; qpdf would mend what is no PDF at all
        return False
    try:
        with pikepdf.open(BytesIO(pdf)) as read:
            names = read.Root.get("/Names", pikepdf.Dictionary())
            return (not read.is_encrypted and 1 <= len(read.pages) <= most_pages
                    and "/JavaScript" not in names and "/EmbeddedFiles" not in names)
    except Exception:  # noqa: BLE001  broken in whatever way; its text may hold what stands in the file
        return False
