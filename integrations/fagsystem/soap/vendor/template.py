"""The notation of a mapping: text in which {field}, {field:form} or {field|other|'text':form} stands for a
part of the fact, and {{ and }} for braces. It is read whole at start, and can do nothing but this."""
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from zoneinfo import ZoneInfo

from integrations.fagsystem.soap.vendor.fact import FIELDS
from integrations.target import DeliveryError, DeliveryFault

Codes = Mapping[str, Mapping[str, str]]  # tables by name, each from what the hub says to what the vendor says
PIECE: Final = re.compile(r"\{\{|\}\}|\{(?P<place>[^{}]*)\}|[^{}]+")
PLACE: Final = re.compile(
    r"(?P<fields>[\w.]+(?:\|[\w.]+)*)(?:\|'(?P<text>[^']*)')?(?::(?P<form>.+))?")
CLOCK: Final = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
UNIT: Final = re.compile("|".join(CLOCK))
OSLO: Final = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True)
class Place:
    """The first of the fields that the fact has, as it shall be written; else the text, if there is one."""
    fields: tuple[str, ...]
    text: str | None
    write: Callable[[str, str], str]  # of field and value
    codes: Mapping[str, str] | None = None

    @classmethod
    def read(cls, inside: str, codes: Codes) -> Self:
        found = PLACE.fullmatch(inside)
        if found is None:
            raise ValueError(f"{{{inside}}} is not {{field}}, {{field:form}} or {{field|'text'}}")
        fields, form = tuple(found["fields"].split("|")), found["form"]
        for field in fields:
            if field not in FIELDS:
                raise ValueError(f"the fact has no {field}: it has {', '.join(sorted(FIELDS))}")
        write, table = _form(form, fields, codes) if form else ((lambda _, value: value), None)
        return cls(fields, found["text"], write, table)

    def filled(self, fact: Mapping[str, str]) -> str | None:
        return next((self.write(field, fact[field]) for field in self.fields if field in fact), self.text)


@dataclass(frozen=True)
class Template:
    """ValueError when read: what is wrong with it."""
    pieces: tuple[str | Place, ...]

    @classmethod
    def read(cls, text: str, codes: Codes) -> Self:
        pieces, end = list[str | Place](), 0
        while end < len(text):
            found = PIECE.match(text, end)
            if found is None:
                raise ValueError("a brace that is not closed; a brace as text is doubled")
            place, end = found["place"], found.end()
            pieces.append(found[0][:1] if found[0] in ("{{", "}}") else found[0] if place is None
                          else Place.read(place, codes))
        return cls(tuple(pieces))

    def places(self) -> list[Place]:
        return [piece for piece in self.pieces if isinstance(piece, Place)]

    def filled(self, fact: Mapping[str, str]) -> str | None:
        """The text; None where it is one place alone, and the fact has nothing for it."""
        told = [piece if isinstance(piece, str) else piece.filled(fact) for piece in self.pieces]
        return None if told == [None] else "".join(piece or "" for piece in told)


def _form(form: str, fields: tuple[str, ...], codes: Codes) -> tuple[
        Callable[[str, str], str], Mapping[str, str] | None]:
    """How the fields are written, by the sort that they all are of; and the table of codes, if it is one."""
    sorts = {FIELDS[field] for field in fields}
    if sorts <= {"day", "moment"}:
        return _clock(form, hours="day" not in sorts), None
    if sorts == {"text"}:
        return _cut(form), None
    if sorts & {"as it is", "text", "day", "moment"}:
        raise ValueError(f"{' or '.join(fields)} can't be written as {form}")
    if form not in codes:
        raise ValueError(f"there is no table of codes {form}")
    return _coded(form, codes[form]), codes[form]


def _clock(form: str, *, hours: bool) -> Callable[[str, str], str]:
    """A day, or a moment as clocks in Norway show it."""
    units = set(UNIT.findall(form))
    if not units or re.search(r"[^\W\d_T]", UNIT.sub("", form)):
        raise ValueError(f"a date is written with {', '.join(CLOCK)}, signs and T, not as {form}")
    if not hours and units & {"HH", "mm", "ss"}:
        raise ValueError("a day has no hours: write T00:00:00")
    pattern = UNIT.sub(lambda unit: CLOCK[unit[0]], form.replace("%", "%%"))

    def written(field: str, value: str) -> str:
        moment = datetime.fromisoformat(value)
        return (moment if FIELDS[field] == "day" else moment.astimezone(OSLO)).strftime(pattern)
    return written


def _cut(form: str) -> Callable[[str, str], str]:
    if not re.fullmatch("[1-9][0-9]{0,3}", form):
        raise ValueError(f"after the colon of a text stands how many signs it may have, not {form}")
    return lambda _, value: value[:int(form)].rstrip()


def _coded(name: str, table: Mapping[str, str]) -> Callable[[str, str], str]:
    def written(field: str, value: str) -> str:
        if value not in table:
            raise DeliveryError(DeliveryFault.PERMANENT, f"the codes {name} have none for this {field}")
        return table[value]
    return written
