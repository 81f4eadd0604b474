"""What people typed, made fit for a document: nothing that stops a printer, nothing lost without a mark."""
import unicodedata
from collections.abc import Iterator
from functools import cache

from integrations.documents.fonts import coverage

MISSING = "\N{REPLACEMENT CHARACTER}"
REFUSED = {"Cc", "Cs", "Co"}  # control characters, halves of characters, private use
JOINING = {"Mn", "Mc", "Me", "Cf"}  # what can belong to the letter before it
MARKS = 30  # on one letter, as in Unicode's stream-safe form (UAX #15 § 13): PDF/A takes no letter of 32 kB
MEANINGLESS = "\ufeff"  # a byte order mark, inside a text: PDF/A refuses it


def _is_text(character: str) -> bool:
    if character in "\n\t":
        return True
    noncharacter = ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    return not (noncharacter or character == MEANINGLESS or unicodedata.category(character) in REFUSED)


def plain(text: str) -> str:
    """`text` composed (NFC), with no line ends but newlines, without what XML 1.0 and PDF/A refuse."""
    lines = "\n".join(text.splitlines())
    return unicodedata.normalize("NFC", "".join(filter(_is_text, lines)))


def one_line(text: str, limit: int) -> str:
    """`text` for a title or a running line: spaces run together, cut at `limit` characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= limit else line[:limit - 1].rstrip() + "…"


def _drawable(line: str) -> Iterator[str]:
    """Each character, or MISSING.

    A mark is drawn by the font of its letter: one font must have both. A line's start has no letter."""
    families = coverage()
    drawing: tuple[frozenset[int], ...] = ()
    joined = 0  # marks and joiners in a row
    for character in line:
        kind = unicodedata.category(character)  # Cn, unknown to this Python, might be a mark
        joined = joined + 1 if kind in JOINING and joined < MARKS else 0
        tried = drawing if kind.startswith("M") else families if kind != "Cn" else ()
        able = tuple(family for family in tried if ord(character) in family)
        if kind in JOINING and not joined:
            able = ()
        drawing = able or families[:1]  # MISSING itself is of the first family
        yield character if able else MISSING


def can_be_printed(text: str) -> bool:
    """Whether our fonts draw all of it, so that nothing is shown as MISSING that was none."""
    return printable(text).count(MISSING) == text.count(MISSING)


@cache
def _letters() -> frozenset[str]:
    """What the first font draws and nothing beside it can change: most texts hold nothing else."""
    drawn = (letter for letter in map(chr, coverage()[0])
             if _is_text(letter) and unicodedata.category(letter) not in JOINING | {"Cc", "Cn", "Zl", "Zp"})
    return frozenset("\n").union(drawn)


def printable(text: str) -> str:
    """`text` as our fonts can draw it: PDF/A has no empty boxes, and Typst stops at a missing glyph."""
    if _letters().issuperset(text) and unicodedata.is_normalized("NFC", text):
        return text  # looking at each letter would cost as much as all of the rest of a document
    return "\n".join("".join(_drawable(line)) for line in plain(text).replace("\t", " ").split("\n"))
