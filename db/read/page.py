"""Pages of a list: order, keyset cursors over (sort key, id), both ways, after the Relay connection spec."""
import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, func, literal_column, or_

LARGEST, USUAL, SHORTEST = 100, 50, 2
LONGEST_NUMBER = 18  # digits that a bigint always holds
NOBODY = UUID(int=0)
T = TypeVar("T")


class BadArgument(ValueError):
    """An argument that the schema allows but nothing can be read with; `code` is its key in the words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Sorted:
    """An order: its name, the released key, whether it falls, and the row's id that makes it total."""
    name: str
    key: ColumnElement[Any]
    row_id: ColumnElement[UUID]
    falling: bool

    def by(self, *, backwards: bool) -> list[Any]:
        """Nulls last, then by id; the mirror image when read backwards."""
        if self.name == "id":
            return [self.row_id.desc() if backwards else self.row_id.asc()]
        key = self.key.desc() if self.falling != backwards else self.key.asc()
        return [key.nulls_first() if backwards else key.nulls_last(),
                self.row_id.desc() if backwards else self.row_id.asc()]

    def cursor(self) -> ColumnElement[str]:
        """Base64 of [order, key, id]; PostgreSQL breaks base64 lines at 76 characters, a cursor must not."""
        array = func.json_build_array(literal_column(f"'{self.name}'"), cast(self.key, Text), self.row_id)
        said = func.convert_to(cast(array, Text), literal_column("'UTF8'"))
        coded = func.encode(said, literal_column("'base64'"))
        return func.translate(coded, literal_column(r"E'\n'"), literal_column("''"))

    def beyond(self, at_key: ColumnElement[Any], at_id: ColumnElement[UUID], *,
               backwards: bool) -> ColumnElement[bool]:
        """The rows that `by` puts after the cursor."""
        further = self.key < at_key if self.falling != backwards else self.key > at_key
        by_null = (and_(at_key.is_(None), self.key.is_not(None)) if backwards
                   else and_(self.key.is_(None), at_key.is_not(None)))
        same = and_(self.key.is_not_distinct_from(at_key),
                    self.row_id < at_id if backwards else self.row_id > at_id)
        return or_(further, by_null, same)


def _text(key: str) -> str:
    key.encode()  # half a surrogate, which JSON can spell, can't be sent
    return key


def _number(key: str) -> int:
    if len(key) > LONGEST_NUMBER:
        raise ValueError("longer than any of ours")
    return int(key)


READERS: dict[type, Callable[[str], Any]] = {
    str: _text, int: _number, UUID: UUID, date: date.fromisoformat, datetime: datetime.fromisoformat}


def cursor_at(text: str, order: str, kind: type) -> tuple[Any, UUID]:
    """The key and the id that a cursor of this order holds. BadArgument: forged, or of another order."""
    try:
        name, key, row_id = json.loads(base64.b64decode(text, validate=True))
        if name == order and isinstance(key, str | None):
            return None if key is None else READERS[kind](sendable(key)), UUID(row_id)
    except (ValueError, TypeError, AttributeError, RecursionError):
        pass
    raise BadArgument("BAD_CURSOR")


def key_of(text: str, noun: str) -> UUID:
    """The row's key in a global id, "Goal:01a2…"; any other text names no row."""
    kind, _, key = text.partition(":")
    try:
        return UUID(key) if kind == noun else NOBODY
    except ValueError:
        return NOBODY


def size(first: int | None, last: int | None) -> int:
    asked = first if first is not None else last if last is not None else USUAL
    if not 0 <= asked <= LARGEST or None not in (first, last):  # from both ends at once: Relay discourages it
        raise BadArgument("BAD_PAGE_SIZE")
    return asked


def sendable(value: T) -> T:
    """What the driver takes. BadArgument: PostgreSQL's text can't hold a NUL."""
    if isinstance(value, str) and "\0" in value:
        raise BadArgument("BAD_CHARACTER")
    return value


def sought(value: str) -> str:
    """A name to search for, in small letters."""
    if len(value.strip()) < SHORTEST:
        raise BadArgument("SEARCH_TOO_SHORT")
    return value.strip().lower()
