"""A Relay connection as one subselect: a page of edges, what lies beyond it, and how many there are."""
from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, CTE, ColumnElement, Subquery, Text, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from db.gate.release import Place
from db.read import filter as filters, page
from db.read.json import EMPTY, Picked, as_object, bare
from db.read.log import Read
from db.read.page import Sorted

if TYPE_CHECKING:
    from db.read.compile import Compiler
    from db.read.selection import Asked, Selection
    from db.read.source import Rows

Page = CTE | Subquery


def connection(compiler: Compiler, asked: Asked, rows: Rows, name: str | None = None) -> ColumnElement[Any]:
    """Where it is asked whether there is another page, a row more is read than is shown: that row tells.

    A root's page has a `name`: its rows are read twice, by the answer and by the access log."""
    rows, size = filters.filtered(compiler, asked, rows), compiler.size(asked)
    backwards, order = "last" in asked.arguments, filters.order(compiler, asked, rows.place)
    edges = {f"edge{n}": f for n, f in enumerate(below(asked)) if f.name == "edges"}
    columns = [edge(compiler, f, rows.place, order).label(label) for label, f in edges.items()]
    if name and rows.plan_id is not None:
        columns += [rows.plan_id.label("plan_id"), rows.place.asking.mask.label("mask")]
    cuts = (*cut(compiler, asked, order, "after"), *cut(compiler, asked, order, "before"))
    columns += [order.key.label("sort_key"), order.row_id.label("row_id")]
    found = (select(order.cursor().label("at"), *columns).select_from(rows.source).where(*rows.where, *cuts)
             .order_by(*order.by(backwards=backwards)).limit(read(asked, size)).subquery("found"))
    at = replace(order, key=found.c.sort_key, row_id=found.c.row_id)
    nth = func.row_number().over(order_by=at.by(backwards=backwards))
    numbered = select(found, nth.label("n"))
    if name and rows.plan_id is not None:
        kept = numbered.cte(name)
        compiler.reads.append(Read(kept, compiler.rights, kept.c.n <= size))
        paged: Page = kept
    else:
        paged = numbered.subquery("numbered")
    kept_order = replace(order, key=paged.c.sort_key, row_id=paged.c.row_id).by(backwards=False)
    return envelope(asked, rows, shown(paged, list(edges), size, kept_order), backwards=backwards)


def read(asked: Asked, size: ColumnElement[int]) -> ColumnElement[int]:
    """How many rows."""
    told = {i.name for f in below(asked) if f.name == "page_info" for i in below(f)}
    return size + literal_column("1") if told & {"has_next_page", "has_previous_page"} else size


def below(asked: Asked) -> tuple[Asked, ...]:
    return asked.below.fields if asked.below else ()


def cut(compiler: Compiler, asked: Asked, order: Sorted, name: str) -> tuple[ColumnElement[bool], ...]:
    """The condition that an `after` or `before` cursor sets."""
    given = asked.arguments.get(name)
    if given is None:
        return ()
    kind = order.key.type.python_type
    kind = str if issubclass(kind, str) else kind
    at_key = compiler.bind(lambda v: page.cursor_at(given.read(v), order.name, kind)[0], order.key.type)
    at_id = compiler.bind(lambda v: page.cursor_at(given.read(v), order.name, kind)[1], order.row_id.type)
    return (order.beyond(at_key, at_id, backwards=name == "before"),)


def edge(compiler: Compiler, asked: Asked, place: Place, order: Sorted) -> ColumnElement[Any]:
    """One edge: its cursor, and the row as its node."""
    columns: list[tuple[str, ColumnElement[Any]]] = []
    for f in below(asked):
        if f.name == "node" and f.below:
            columns.append((f.key, bare(compiler.columns(f.below, place))))
        else:
            columns.append((f.key, order.cursor() if f.name == "cursor" else typename(asked.below)))
    return bare(columns)


def shown(numbered: Page, edges: list[str], size: ColumnElement[int], order: list[Any]) -> Subquery:
    """One row: each list of edges, the first and the last cursor, and whether more rows were found.

    Ordered as the page was read: PostgreSQL sees that it is, and sorts nothing again."""
    n = numbered.c.n
    ends = func.array_agg(aggregate_order_by(numbered.c.at, *order), type_=ARRAY(Text)).filter(n <= size)
    first, last = ends[1].label("first"), ends[func.cardinality(ends)].label("last")
    lists = [func.coalesce(func.json_agg(aggregate_order_by(numbered.c[e], *order)).filter(n <= size), EMPTY)
             .label(e) for e in edges]
    more = (func.count() > size).label("more")
    return select(*lists, first, last, more).select_from(numbered).subquery("shown")


def envelope(asked: Asked, rows: Rows, seen: Subquery, *, backwards: bool) -> ColumnElement[Any]:
    """The connection object itself."""
    columns: list[tuple[str, ColumnElement[Any]]] = []
    for n, f in enumerate(below(asked)):
        match f.name:
            case "edges":
                value: ColumnElement[Any] = seen.c[f"edge{n}"]
            case "page_info":
                value = bare([(i.key, info(i, asked, seen, backwards=backwards)) for i in below(f)])
            case "total_count":
                every = select(func.count()).select_from(rows.source).where(*rows.where)
                value = every.scalar_subquery()
            case _:
                value = typename(asked.below)
        columns.append((f.key, value))
    return as_object(Picked(columns, seen))


def info(field: Asked, asked: Asked, seen: Subquery, *, backwards: bool) -> ColumnElement[Any]:
    """On the side it was not read towards, a page that began at a cursor has that row beyond it."""
    begun = ("before" if backwards else "after") in asked.arguments
    given: ColumnElement[Any] = literal_column(str(begun).lower())
    match field.name:
        case "has_next_page":
            return given if backwards else seen.c.more
        case "has_previous_page":
            return seen.c.more if backwards else given
        case "start_cursor":
            return seen.c.first
        case "end_cursor":
            return seen.c.last
        case _:
            return literal_column("'PageInfo'")


def typename(selection: Selection | None) -> ColumnElement[Any]:
    return literal_column(f"'{selection.noun if selection else ''}'")
