"""Lets a value out only where the mask allows: the one way from an attribute to an answer."""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from db.rules.rights import Right
from db.tables.held import Asking, Held, Noun, allows


@dataclass(frozen=True)
class Place:
    """A row on the way down: its noun, its columns under an alias, who asks, and the rights proved so far."""
    noun: Noun
    row: Any
    asking: Asking
    proved: Right


class Released(ColumnElement[Any]):
    """A value, and what must hold for it to be seen; written as text at once, as every attribute is one."""
    inherit_cache = False

    def __init__(self, value: ColumnElement[Any], needed: Sequence[ColumnElement[bool]]) -> None:
        self.value, self.needed, self.type = value, needed, value.type


@compiles(Released)
def _written(element: Released, compiler: SQLCompiler, **_: Any) -> str:
    needed = ") AND (".join(compiler.process(test) for test in element.needed)
    return f"CASE WHEN ({needed}) THEN {compiler.process(element.value)} END"


def released(value: ColumnElement[Any], held: Held, place: Place) -> ColumnElement[Any]:
    """The value where the right (and the rule) holds, else null; a right once proved is not asked for."""
    needed = [] if held.right in place.proved else [allows(held.right, place.asking)]
    if held.rule:
        needed.append(held.rule(place.row, place.asking))
    return Released(value, needed) if needed else value


def attribute(name: str, place: Place) -> tuple[ColumnElement[Any], Held]:
    """A column or computed field, released; filters, orders and cursors use it too: they can't tell more."""
    held = place.noun.holding(name)
    if held is not None:
        return released(getattr(place.row, name), held, place), held
    expression = getattr(place.noun, name)
    return released(expression(place.row, place.asking), expression.held, place), expression.held
