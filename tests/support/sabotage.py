"""Ways to break the gate, each with who would notice, and by which question: a proof must be able to fail."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from db.gate.release import Place
from db.read import filter as filters
from db.read.page import Sorted
from db.rules.rights import Right
from db.tables.consent import Consent
from db.tables.goal import Comment
from db.tables.held import Base, Held
from db.tables.person import Person
from db.tables.plan import Plan


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
    "rows open without their right": Sabotage("nurse", "node Comment 0", _open_rows)}
