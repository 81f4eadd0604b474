"""Compiles what is asked for into one statement that builds the answer as JSON, under the viewer's mask."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    SmallInteger,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql.psycopg import dialect as PsycopgDialect  # noqa: N812  a class

from db.gate.release import Place, attribute, released
from db.read import filter as filters, page, root
from db.read.connection import connection
from db.read.json import Columns, GlobalId, Picked, as_array, as_object, bare
from db.read.log import Read, logged
from db.read.selection import Asked, Given, Selection
from db.read.source import Pointed, Rows, below, way
from db.rules.rights import Right
from db.tables.held import Asking, Base

Reader = Callable[[Mapping[str, Any]], Any]
# $1, $2, …: no conversion per call
DIALECT = PsycopgDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
ASKING = Asking(  # no GraphQL variable is named so
    bindparam("$municipality", type_=SmallInteger), bindparam("$viewer", type_=Uuid()),
    bindparam("$now", type_=DateTime(timezone=True)), literal_column("0"))


@dataclass(frozen=True)
class Statement:
    """One SQL text, a column per root field, and how to read each of its binds."""
    sql: str
    keys: tuple[str, ...]
    binds: tuple[Reader, ...]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """What the driver sends. BadArgument where an argument can't be read with."""
        return [page.sendable(read(given)) for read in self.binds]


def compiled(roots: Selection, *, log: bool = True, asking: Asking = ASKING) -> Statement:
    """The statement for all root fields at once: one question, one snapshot; with the access log's rows."""
    compiler = Compiler(asking)
    values = [(asked.key, root.value(compiler, asked)) for asked in roots.fields]
    columns = [cast(value, Text).label(f"root{n}") for n, (_, value) in enumerate(values)]
    logs = [*compiler.also, *logged(compiler.reads, asking)] if log else []
    statement = select(*columns).add_cte(*logs)
    made = statement.compile(dialect=DIALECT)
    literals = {name: Given(literal=value).read for name, value in made.params.items()}
    variables = {name: Given((name,)).read for name in ("$municipality", "$viewer", "$now")}
    readers = literals | variables | compiler.binds
    return Statement(made.string, tuple(key for key, _ in values),
                     tuple(readers[n] for n in made.positiontup or ()))


class Compiler:
    """Walks one selection; collects the binds that it meets and what of plans' content it reads."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.binds: dict[str, Reader] = {}
        self.reads: list[Read] = []
        self.also: list[CTE] = []  # other rows to write with the answer
        self.places = 0
        self.rights = Right(0)  # asked for under the root at hand

    def name(self) -> str:
        """An alias of its own for each place in the statement."""
        self.places += 1
        return f"t{self.places}"

    def bind(self, read: Reader, kind: Any) -> ColumnElement[Any]:
        name = f"b{len(self.binds)}"
        self.binds[name] = read
        # any Int fits, and finds nothing
        return bindparam(name, type_=BigInteger if isinstance(kind, Integer) else kind)

    def picked(self, selection: Selection, rows: Rows) -> Picked:
        return Picked(self.columns(selection, rows.place), rows.source, rows.where)

    def columns(self, selection: Selection, place: Place) -> Columns:
        return [(asked.key, self.value(asked, place)) for asked in selection.fields]

    def value(self, asked: Asked, place: Place) -> ColumnElement[Any]:
        """One field under the mask; a withheld one is null, a list too."""
        if asked.name == "__typename":
            return literal_column(f"'{place.noun.__name__}'")
        if asked.name == "id":
            return GlobalId(place.noun.__name__, self.attribute("id", place))
        if asked.below is None:
            return self.attribute(asked.name, place)
        return self.below(asked, asked.below, place)

    def below(self, asked: Asked, selection: Selection, place: Place) -> ColumnElement[Any]:
        """What a relationship leads to: an object, a page or a list."""
        to = way(place.noun, asked.name)
        if to is None:
            raise LookupError(f"{place.noun.__name__}.{asked.name} leads nowhere")
        self.rights |= to.held.right
        rows = below(place, to, self.name())
        if not to.many:
            inner = self.one(selection, rows, to.points_from(place))
        elif selection.noun.endswith("Connection"):
            inner = connection(self, asked, rows)
        else:
            inner = self.list(asked, rows)
        return released(inner, to.held, place)

    def one(self, selection: Selection, rows: Rows, key: ColumnElement[Any] | None) -> ColumnElement[Any]:
        """One row as an object. Where nothing but its id is asked it is not looked up: the foreign key, which
        points to it by `key`, vouches for it."""
        if key is None or any(asked.name not in ("id", "__typename") for asked in selection.fields):
            return as_object(self.picked(selection, rows))
        pointed = replace(rows.place, row=Pointed(key))
        told: ColumnElement[Any] = case((key.is_not(None), bare(self.columns(selection, pointed))))
        return told

    def attribute(self, name: str, place: Place) -> ColumnElement[Any]:
        value, held = attribute(name, place)
        self.rights |= held.right
        return value

    def list(self, asked: Asked, rows: Rows) -> ColumnElement[Any]:
        """A plain list, whole unless a number is asked for: what is cut off in silence seems not to be there.

        A noun that the statement makes comes in the order it is made in."""
        assert asked.below is not None  # noqa: S101  the caller has looked
        rows = filters.filtered(self, asked, rows)
        picked = self.picked(asked.below, rows)
        if issubclass(rows.place.noun, Base):
            order = filters.order(self, asked, rows.place).by(backwards=False)
            size = self.size(asked) if "first" in asked.arguments else None
            picked = replace(picked, order=order, limit=size)
        return as_array(picked)

    def size(self, asked: Asked) -> ColumnElement[int]:
        """Of a page: as asked for, or as is usual."""
        first, last = asked.arguments.get("first"), asked.arguments.get("last")
        return self.bind(lambda v: page.size(first and first.read(v), last and last.read(v)), BigInteger)
