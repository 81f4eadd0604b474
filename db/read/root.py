"""The root fields: which rows each may start at, and whether it answers one, a list or a connection."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    LargeBinary,
    Text,
    Uuid,
    and_,
    case,
    func,
    literal_column,
    select,
)

from db.gate.release import Place
from db.read import page
from db.read.connection import connection
from db.read.json import EMPTY, bare
from db.read.log import Read, searched
from db.read.selection import Asked, Given, Selection
from db.read.source import NOUNS, Rows, found_persons, may_search, start, told_of_plans
from db.rules.rights import BARE, Right
from db.seal import BadIdentityNumber
from db.tables.archive import OverdueArchiving
from db.tables.held import Row
from db.tables.person import likely
from db.tables.plan import Plan

if TYPE_CHECKING:
    from db.read.compile import Compiler


def value(compiler: Compiler, asked: Asked) -> ColumnElement[Any]:
    """The JSON of one root field; null where nothing of the kind exists for the viewer."""
    compiler.rights = Right(0)
    if asked.below is None:  # __typename, or an id of no known noun
        return literal_column("null" if asked.name == "node" else f"to_json('{asked.name}'::text)")
    return ROOTS[asked.name](compiler, asked, asked.below, f"root{compiler.places}")


def _rows(compiler: Compiler, selection: Selection) -> Rows:
    return start(NOUNS[selection.noun.removesuffix("Connection")], compiler.asking, compiler.name())


def _one(compiler: Compiler, asked: Asked, selection: Selection, name: str) -> ColumnElement[Any]:
    """The row of the id; without an id the only one there is (one's own person, one's municipality)."""
    rows = _rows(compiler, selection)
    given: Given | None = asked.arguments.get("id")
    if given is not None:
        key = compiler.bind(lambda v: page.key_of(given.read(v), selection.noun), Uuid())
        rows = rows.narrowed(rows.place.row.id == key)
    said = bare(compiler.columns(selection, rows.place)).label("value")
    if rows.plan_id is None:
        return select(said).select_from(rows.source).where(*rows.where).scalar_subquery()
    shown = (select(said, rows.plan_id.label("plan_id"), rows.place.asking.mask.label("mask"))
             .select_from(rows.source).where(*rows.where).cte(name))
    compiler.reads.append(Read(shown, compiler.rights))
    return select(shown.c.value).scalar_subquery()


def _many(compiler: Compiler, asked: Asked, selection: Selection, _: str) -> ColumnElement[Any]:
    return compiler.list(asked, _rows(compiler, selection))


def _connection(compiler: Compiler, asked: Asked, selection: Selection, name: str) -> ColumnElement[Any]:
    return connection(compiler, asked, _rows(compiler, selection), name)


def _overdue(compiler: Compiler, asked: Asked, _: Selection, name: str) -> ColumnElement[Any]:
    """Nothing of a plan's content is in it, so nothing is logged."""
    rows = told_of_plans(OverdueArchiving, compiler.asking, compiler.name())
    return connection(compiler, asked, rows, name)


def _persons(compiler: Compiler, asked: Asked, selection: Selection, name: str) -> ColumnElement[Any]:
    """A search for persons; null for those who may not search."""
    rows = found_persons(compiler.asking, compiler.name())
    sought: dict[str, Given] = {k: g for k, g in asked.arguments["search"].items() if g is not None}
    rows = rows.narrowed(*_sought(compiler, rows, sought))
    told = compiler.bind(
        lambda v: " ".join(f"{k}={g.read(v)}" for k, g in sought.items() if k != "identity_number"), Text)
    people, allowed = _found(compiler, selection, rows, told, name, compiler.size(asked))
    return case((allowed, select(func.coalesce(func.json_agg(people.c.value), EMPTY)).scalar_subquery()))


def _person(compiler: Compiler, asked: Asked, selection: Selection, name: str) -> ColumnElement[Any]:
    """One employee whom the viewer may find: a search, too."""
    rows = found_persons(compiler.asking, compiler.name())
    given: Given = asked.arguments["id"]
    key = compiler.bind(lambda v: page.key_of(given.read(v), "Person"), Uuid())
    rows = rows.narrowed(rows.place.row.id == key, rows.place.row.position.is_not(None))
    told = compiler.bind(lambda v: f"id={page.key_of(given.read(v), 'Person')}", Text)
    people, allowed = _found(compiler, selection, rows, told, name)
    return case((allowed, select(people.c.value).scalar_subquery()))


def _found(compiler: Compiler, selection: Selection, rows: Rows, sought: ColumnElement[str], name: str,
           size: ColumnElement[int] | None = None) -> tuple[CTE, ColumnElement[bool]]:
    """Whom a search finds, written down with what was `sought`; and whether the viewer may search at all."""
    row, shown = rows.place.row, bare(compiler.columns(selection, rows.place))
    people = (select(row.id.label("id"), shown.label("value")).select_from(rows.source).where(*rows.where)
              .order_by(row.name, row.id).limit(size).cte(f"people{name}"))
    allowed = may_search(compiler.asking)
    compiler.also.append(searched(people, sought, allowed, compiler.asking, f"searched{name}"))
    return people, allowed


def _sought(compiler: Compiler, rows: Rows, sought: dict[str, Given]) -> list[ColumnElement[bool]]:
    """Employees by part of a name; anyone by identity number, or by birth date and a word of the name."""
    row = rows.place.row
    if number := sought.get("identity_number"):
        return [row.identity_mark == compiler.bind(lambda v: _mark(v["$mark"], number.read(v)), LargeBinary)]
    name = sought.get("name")
    if name is None:
        return [literal_column("false")]
    text = compiler.bind(lambda v: page.sought(name.read(v)), Text)
    if birth := sought.get("birth_date"):
        return [likely(row, text, compiler.bind(birth.read, row.birth_date.type))]
    return [and_(row.position.is_not(None), func.strpos(func.lower(row.name), text) > literal_column("0"))]


def _mark(mark: Callable[[str], bytes], number: str) -> bytes:
    try:
        return mark(number)
    except BadIdentityNumber:
        raise page.BadArgument("BAD_IDENTITY_NUMBER") from None


def _archived(compiler: Compiler, _: Asked, selection: Selection, name: str) -> ColumnElement[Any]:
    """A plan under the mask that was chosen for the archive; no field of GraphQL leads here."""
    row = Row(Plan, name)
    chosen = select(compiler.bind(lambda v: v["$elements"], BigInteger).label("mask")).subquery("archive")
    asking = replace(compiler.asking, mask=literal_column("archive.mask", BigInteger))
    columns = compiler.columns(selection, Place(Plan, row, asking, BARE))
    plan = Plan.__table__.alias(name).join(chosen, literal_column("true"))
    key = compiler.bind(lambda v: v["$plan"], Uuid())
    return select(bare(columns)).select_from(plan).where(
        row.municipality_id == asking.municipality, row.id == key).scalar_subquery()


ROOTS: dict[str, Callable[[Compiler, Asked, Selection, str], ColumnElement[Any]]] = {
    "viewer": _one, "municipality": _one, "plan": _one, "node": _one, "unit": _one, "consent_template": _one,
    "units": _many, "consent_templates": _many, "targets": _many, "plans": _connection,
    "deliveries": _connection, "system_requests": _connection, "overdue_archiving": _overdue,
    "person": _person, "persons": _persons, "archived": _archived}
