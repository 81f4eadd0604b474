"""What people may type: lengths, characters and dates; every fault of one input is told at once, by field."""
import unicodedata
from datetime import date

from db.rules.errors import Problem, Refused

TITLE, LINE, TEXT = 200, 500, 20_000
# controls, half surrogates and unassigned: PDF/A and XML can't carry them
REFUSED_CHARACTERS = {"Cc", "Cs", "Cn"}
ALLOWED_CONTROLS = "\n\t"


def spelled(name: str) -> str:
    """An attribute's name as the API spells it."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


class Entry:
    """One input being read; `done` raises Refused if anything was wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def text(self, field: str, value: str | None, most: int, *, required: bool = False) -> str | None:
        """The text without white space round it; None stays None (not given), blank counts as empty."""
        if value is None:
            return None
        text = value.replace("\r\n", "\n").strip()
        if required and not text:
            self.problems.append(Problem("REQUIRED", field))
        if len(text) > most:
            self.problems.append(Problem("TOO_LONG", field, {"most": most}))
        elif any(unicodedata.category(c) in REFUSED_CHARACTERS and c not in ALLOWED_CONTROLS for c in text):
            self.problems.append(Problem("BAD_CHARACTER", field))
        return text

    def needed(self, field: str, value: str, most: int) -> str:
        """A text that must be there."""
        return self.text(field, value, most, required=True) or ""

    def order(self, field: str, earlier: date | None, later: date | None) -> None:
        """`later` must not lie before `earlier`; either may be missing."""
        if earlier and later and later < earlier:
            self.problems.append(Problem("TOO_EARLY", field))

    def refuse(self, code: str, field: str) -> None:
        """A fault that the caller has found."""
        self.problems.append(Problem(code, field))

    def done(self) -> None:
        if self.problems:
            raise Refused.because_of(self.problems)
