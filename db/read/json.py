"""Rows as JSON: an object from one row, an array from many.

Written as text by an element of our own: SQLAlchemy's selects, two for each object, were most of what a
question cost to compile (db/README.md)."""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, and_, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

Columns = Sequence[tuple[str, ColumnElement[Any]]]  # by response key
EMPTY: ColumnElement[Any] = literal_column("'[]'::json")


@dataclass(frozen=True)
class Picked:
    """What is told of which rows, and in which order; without a source it is told of the rows around."""
    columns: Columns
    source: FromClause | None = None
    where: Sequence[ColumnElement[bool]] = ()
    order: Sequence[ColumnElement[Any]] = ()
    limit: ColumnElement[int] | None = None


class Json(ColumnElement[Any]):
    """The rows in parentheses, as JSON."""
    inherit_cache = False

    def __init__(self, picked: Picked, told: str) -> None:
        self.picked, self.told = picked, told


class GlobalId(ColumnElement[str]):
    """The row's id as the API tells it, "Goal:01a2…"."""
    inherit_cache = False
    type = Text()

    def __init__(self, noun: str, row_id: ColumnElement[Any]) -> None:
        self.noun, self.row_id = noun, row_id


def as_object(picked: Picked) -> ColumnElement[Any]:
    """Null where there is no row."""
    return Json(picked, 'row_to_json("$")')


def as_array(picked: Picked) -> ColumnElement[Any]:
    return Json(picked, """coalesce(json_agg(row_to_json("$")), '[]')""")


def bare(columns: Columns) -> ColumnElement[Any]:
    """An object made of values of the rows around it."""
    return as_object(Picked(columns))


@compiles(GlobalId)
def _id(element: GlobalId, compiler: SQLCompiler, **_: Any) -> str:
    return f"'{element.noun}:' || {compiler.process(element.row_id)}"


@compiles(Json)
def _rows(element: Json, compiler: SQLCompiler, **_: Any) -> str:
    """No GraphQL name can be "$", so no response key is ever taken for the row."""
    picked, said = element.picked, compiler.process
    columns = ", ".join(f'{said(value)} AS "{key}"' for key, value in picked.columns)
    parts = [f"SELECT {columns}"]
    if picked.source is not None:
        parts.append(f"FROM {said(picked.source, asfrom=True)}")
    if picked.where:
        parts.append(f"WHERE {said(and_(*picked.where))}")
    if picked.order:
        parts.append(f"ORDER BY {', '.join(map(said, picked.order))}")
    if picked.limit is not None:
        parts.append(f"LIMIT {said(picked.limit)}")
    return f'(SELECT {element.told} FROM ({" ".join(parts)}) AS "$")'  # noqa: S608  of what is compiled alone
