"""Filters and orders of lists, over released values only: what is withheld matches nothing and sorts last."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Text, Uuid, and_, func, literal_column, or_

from db.gate.release import Place, released
from db.read import page
from db.read.page import Sorted
from db.read.selection import Asked, Given
from db.read.source import Rows, way

if TYPE_CHECKING:
    from db.read.compile import Compiler

Test = Callable[["Compiler", Place, Given], ColumnElement[bool]]


def _search(compiler: Compiler, place: Place, given: Given) -> ColumnElement[bool]:
    """The text stands somewhere in the owner's name or the short name, in capitals or not."""
    sought = compiler.bind(lambda v: given.read(v).lower(), Text)
    return (_contains(compiler.attribute("owner_name", place), sought)
            | _contains(compiler.attribute("short_name", place), sought))


def _contains(value: ColumnElement[Any], sought: ColumnElement[str]) -> ColumnElement[bool]:
    return func.strpos(func.lower(value), sought) > literal_column("0")


def _expires(compiler: Compiler, place: Place, given: Given) -> ColumnElement[bool]:
    return compiler.attribute("consent_expires_in_days", place) <= compiler.bind(given.read, BigInteger)


def _never_archived(compiler: Compiler, place: Place, given: Given) -> ColumnElement[bool]:
    """The Boolean is part of the statement's shape, as every Boolean is."""
    archived = compiler.attribute("last_archived_at", place)
    return archived.is_(None) if given.shape else archived.is_not(None)


def _changed_since(compiler: Compiler, place: Place, given: Given) -> ColumnElement[bool]:
    changed = compiler.attribute("changed_at", place)
    return changed >= compiler.bind(given.read, changed.type)


def _in_force_at(compiler: Compiler, place: Place, given: Given) -> ColumnElement[bool]:
    """The version that a consent could be drafted from at a moment."""
    published = compiler.attribute("published_at", place)
    replaced = compiler.attribute("replaced_at", place)
    at = compiler.bind(given.read, published.type)
    return and_(published <= at, or_(replaced.is_(None), replaced > at))


def _plan(compiler: Compiler, place: Place, given: Given) -> ColumnElement[bool]:
    """Of one plan: a row in it is shown under the right to its noun, and so is that it belongs there."""
    plan_id = compiler.bind(lambda v: page.key_of(given.read(v), "Plan"), Uuid())
    belongs: ColumnElement[bool] = place.row.plan_id == plan_id
    return belongs


TESTS: dict[tuple[str, str], Test] = {
    ("Plan", "search"): _search, ("Plan", "consent_expires_within_days"): _expires,
    ("Plan", "never_archived"): _never_archived, ("Plan", "changed_since"): _changed_since,
    ("Delivery", "plan"): _plan, ("ConsentTemplate", "in_force_at"): _in_force_at}


def _equal(compiler: Compiler, place: Place, name: str, given: Given) -> ColumnElement[bool]:
    """An attribute equals the value, or any of a list; the far end of a relationship by its global id."""
    to = way(place.noun, name)
    if to is not None:
        noun, local = to.noun.__name__, next(here for here, there in to.pairs if there == "id")
        key = compiler.bind(lambda v: page.key_of(given.read(v), noun), Uuid())
        return released(getattr(place.row, local), to.held, place) == key
    value = compiler.attribute(name, place)
    if given.many:
        return value == func.any(compiler.bind(given.read, ARRAY(Text)))
    return value == compiler.bind(given.read, value.type)


def filtered(compiler: Compiler, asked: Asked, rows: Rows) -> Rows:
    """The rows that pass the list's filter, and nothing else of them."""
    tests = []
    for name, given in (asked.arguments.get("filter") or {}).items():
        if given is not None:
            test = TESTS.get((rows.place.noun.__name__, name))
            tests.append(test(compiler, rows.place, given) if test
                         else _equal(compiler, rows.place, name, given))
    return rows.narrowed(*tests)


def order(compiler: Compiler, asked: Asked, place: Place) -> Sorted:
    """The list's order: an enum's value is the attribute's name, with _DESC behind it where it falls."""
    given: Given | None = asked.arguments.get("order_by")
    name: Any = given.shape.lower() if given and given.shape else place.noun.__order__
    key = name.removesuffix("_desc")
    return Sorted(name, compiler.attribute(key, place), place.row.id, name != key)
