"""What a PDF of ours shows, read back as a reader would copy it."""
import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf


def opened(document: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(document))


def letters(font: pikepdf.Object) -> dict[int, str]:
    """Glyph → text, by the font's own ToUnicode: what a reader copies and searches."""
    table = font.ToUnicode.read_bytes().decode("ascii")
    return {int(glyph, 16): bytes.fromhex(text).decode("utf-16-be")
            for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL)
            for glyph, text in re.findall(r"<(\w+)>\s*<(\w+)>", block)}


def lines(document: bytes) -> Iterator[str]:
    for page in opened(document).pages:
        fonts = {name: letters(font) for name, font in page.Resources.Font.items()}
        font: dict[int, str] = {}
        for instruction in pikepdf.parse_content_stream(page, "Tf Tj TJ"):
            operator, operand = str(instruction.operator), instruction.operands[0]
            if operator == "Tf":
                font = fonts[str(operand)]
            else:
                shown: Any = operand if operator == "TJ" else [operand]
                glyphs = b"".join(bytes(part) for part in shown if isinstance(part, pikepdf.String))
                yield "".join(font[int.from_bytes(glyphs[i:i + 2])] for i in range(0, len(glyphs), 2))


def text_of(document: bytes) -> str:
    """All that is printed, in order, with the places where lines may break taken out."""
    return "\n".join(lines(document)).replace("\u200b", "")
