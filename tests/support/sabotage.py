"""Ways to break the gate, each with who would notice, and by which question: a proof must be able to fail."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Subquery, select, true

from db.gate import task as gate
from db.gate.release import Place
from db.read import filter as filters, root, source, task as read
from db.read.page import Sorted
from db.read.source import mask_of
from db.rules.rights import Right
from db.tables.consent import Consent
from db.tables.goal import Comment
from db.tables.held import Base, Held
from db.tables.person import Person
from db.tables.plan import Plan
from resolvers import task as told


@dataclass(frozen=True)
class Sabotage:
    """`question` is a document, or the name of a golden question."""
    part: str
    question: str
    done: Callable[[pytest.MonkeyPatch], None]


def _hold(patch: pytest.MonkeyPatch, noun: type[Base], column: str, held: Held) -> None:
    patch.setitem(noun.__table__.columns[column].info, "held", held)


def _open_rows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Comment, "__right__", Right.SHELL)
    _hold(patch, Comment, "id", Held(Right.SHELL))


def _raw_level(compiler: Any, place: Place, given: Any) -> Any:
    return place.row.level == compiler.bind(given.read, place.row.level.type)


def _raw_order(compiler: Any, asked: Any, place: Place) -> Sorted:
    return Sorted("level_desc", place.row.level, place.row.id, falling=True)


def _all_plans(_: Any, name: str) -> Subquery:
    return select(Plan.id.label("plan_id"), mask_of(~Right(0)).label("mask")).distinct().subquery(name)


def _always(*_: Any) -> ColumnElement[bool]:
    return true()


def _any_units_tasks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate, "_of", _always)
    patch.setattr(read, "_statement", read._statement.__wrapped__)  # not as it was made before
    patch.setattr(told, "identity_in", lambda *_: "")  # what is sealed anew opens no more


ALL = {
    "a right is taken off a column": Sabotage(
        "leader", "{ plans { edges { node { level } } } }",
        lambda p: _hold(p, Plan, "level", Held(Right.PUBLIC))),
    "a filter looks at the column": Sabotage(
        "leader", "{ plans(filter: {level: 2}) { totalCount } }",
        lambda p: p.setitem(filters.TESTS, ("Plan", "level"), _raw_level)),
    "an order looks at the column": Sabotage(
        "leader", "{ plans(orderBy: LEVEL_DESC) { edges { cursor } } }",
        lambda p: p.setattr(filters, "order", _raw_order)),
    "the rule of a value is dropped": Sabotage(
        "nurse", "{ plans { edges { node { participants { person { mobile } } } } } }",
        lambda p: _hold(p, Person, "mobile", Held(Right.CONTACT))),
    "the rule of rows is dropped": Sabotage(
        "nurse", "{ plans { edges { node { consents { validFrom } } } } }",
        lambda p: p.setattr(Consent, "visible", Base.visible)),
    "rows open without their right": Sabotage("nurse", "node Comment 0", _open_rows),
    "an id opens any plan's rows": Sabotage(
        "stranger", "node Goal 0", lambda p: p.setattr(source, "_visible", _all_plans)),
    "a count counts all": Sabotage(
        "stranger", "{ plans { totalCount } }", lambda p: p.setattr(source, "_visible", _all_plans)),
    "a search finds the protected": Sabotage(
        "stafettholder", '{ persons(search: {name: "Rut"}) { id } }',
        lambda p: p.setattr(source, "findable", _always)),
    "a task is any unit's": Sabotage("nurse", "fagsystemTasks 0", _any_units_tasks),
    "anybody may search": Sabotage(
        "stranger", '{ persons(search: {name: "Gro"}) { id } }',
        lambda p: p.setattr(root, "may_search", _always))}
