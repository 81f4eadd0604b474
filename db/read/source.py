"""Where an answer may start, and where a relationship leads: which rows of each noun a viewer can ask for."""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnClause,
    ColumnElement,
    FromClause,
    Subquery,
    inspect,
    literal_column,
    or_,
    select,
    true,
)

from db.gate.mask import held_now, visible_plans
from db.gate.release import Place
from db.rules.post import SEARCHES
from db.rules.rights import BARE, ONESELF, SEARCH, Right
from db.tables.grant import AccessGrant
from db.tables.held import Asking, Base, Held, Made, Noun, Row, allows
from db.tables.person import Assignment, Person, findable
from db.tables.plan import Plan

NOUNS: dict[str, type[Base]] = {m.class_.__name__: m.class_ for m in Base.registry.mappers}
ONE: ColumnElement[int] = literal_column("1")


@dataclass(frozen=True)
class Rows:
    """Rows that exist for the viewer: where they come from, what they must meet, and their plan, if any."""
    place: Place
    source: FromClause
    where: tuple[ColumnElement[bool], ...]
    plan_id: ColumnElement[Any] | None = None

    def narrowed(self, *tests: ColumnElement[bool]) -> "Rows":
        return Rows(self.place, self.source, (*self.where, *tests), self.plan_id)


@dataclass(frozen=True)
class Way:
    """A relationship: the noun it leads to, whether to many, the right it asks for, the columns that join."""
    noun: Noun
    many: bool
    held: Held
    pairs: Sequence[tuple[str, str]]

    def points_from(self, place: Place) -> ColumnElement[Any] | None:
        """The column above that holds the row's id; None where no foreign key vouches for the row, or where a
        rule may hide it."""
        local = next((here for here, there in self.pairs if there == "id"), None)
        if local is None or not issubclass(place.noun, Base) or self.noun.visible is not Base.visible:
            return None
        points = place.noun.__table__.columns[local].info.get("to") is not None
        return getattr(place.row, local) if points else None


@dataclass(frozen=True)
class Pointed:
    """A row of which no more is known than the key that points to it."""
    id: ColumnElement[Any]


def mask_of(rights: Right) -> ColumnClause[int]:
    return literal_column(str(int(rights)))


def way(noun: Noun, name: str) -> Way | None:
    """The relationship of that name; None where the attribute is a value."""
    relation = inspect(noun).relationships.get(name) if issubclass(noun, Base) else None
    if relation is not None:
        there: Any = relation.mapper.class_
        pairs = tuple((local.name, remote.name) for local, remote in relation.local_remote_pairs)
        return Way(there, bool(relation.uselist), relation.info["held"] or Held(there.__right__), pairs)
    there = getattr(noun, name, None)
    if not (isinstance(there, type) and issubclass(there, Made)):
        return None
    return Way(there, True, Held(there.__right__), ())


def start(noun: type[Base], asking: Asking, name: str) -> Rows:
    """All rows of a noun that exist for the viewer, by the kind of road that `node` may take to it.

    A row inside a plan carries the plan's mask; a person is oneself; the rest is open to the municipality."""
    row = Row(noun, name)
    if noun is Person:
        return _with(noun, asking, ONESELF, name, row.id == asking.viewer)
    if noun is Assignment:
        return _with(noun, asking, ONESELF, name, row.person_id == asking.viewer)
    if noun is not Plan and "plan_id" not in noun.__table__.columns:
        return _with(noun, asking, BARE, name)
    table, visible = noun.__table__.alias(name), _visible(asking, f"{name}m")
    mask = literal_column(f"{name}m.mask", BigInteger)
    asking = replace(asking, mask=mask)
    plan_id = row.id if noun is Plan else row.plan_id
    place = Place(noun, row, asking, noun.__right__)
    rule = noun.visible(row, asking)
    where = (row.municipality_id == asking.municipality, allows(noun.__right__, asking),
             *(() if rule is None else (rule,)))
    return Rows(place, table.join(visible, visible.c.plan_id == plan_id), where, plan_id)


def told_of_plans(noun: type[Made], asking: Asking, name: str) -> Rows:
    """Rows that the statement makes of the plans that exist for the viewer, each under its plan's mask."""
    visible = _visible(asking, f"{name}m")
    asking = replace(asking, mask=literal_column(f"{name}m.mask", BigInteger))
    made = noun.rows(asking, Row(visible, f"{name}m")).lateral(name)
    place = Place(noun, Row(made, name), asking, noun.__right__)
    return Rows(place, visible.join(made, true()), (allows(noun.__right__, asking),))


@lru_cache(maxsize=100)
def _visible(asking: Asking, name: str) -> Subquery:
    """Made once: it is the same in every question, and the largest part of a small one."""
    return visible_plans(asking, name)


def _with(noun: type[Base], asking: Asking, rights: Right, name: str, *where: ColumnElement[bool]) -> Rows:
    """Rows outside plans, under a mask that is known beforehand.

    A noun whose right is not in it shows no row."""
    row = Row(noun, name)
    asking = replace(asking, mask=mask_of(rights))
    rule = noun.visible(row, asking) if noun.__right__ in rights else literal_column("false")
    return Rows(Place(noun, row, asking, rights), noun.__table__.alias(name),
                (row.municipality_id == asking.municipality, *where, *(() if rule is None else (rule,))))


def found_persons(asking: Asking, name: str) -> Rows:
    """Whom a search may find, for those who may search: nobody whose address is protected."""
    return _with(Person, asking, SEARCH, name, findable(Row(Person, name)))


def may_search(asking: Asking) -> ColumnElement[bool]:
    """Those who create plans or lead, and the stafettholder of any plan."""
    post = Assignment.__table__.alias()
    posts = select(ONE).select_from(post).where(held_now(post.c, asking, SEARCHES))
    ledger = AccessGrant.__table__.alias()
    holds = select(ONE).select_from(ledger).where(
        ledger.c.municipality_id == asking.municipality, ledger.c.person_id == asking.viewer,
        ledger.c.superseded_at.is_(None), ledger.c.valid_from <= asking.now,
        or_(ledger.c.valid_until.is_(None), ledger.c.valid_until > asking.now),
        ledger.c.mask.bitwise_and(mask_of(Right.ADMINISTRATION_WRITE)) != literal_column("0"))
    return or_(posts.exists(), holds.exists())


def joined(row: Row, above: Row, pairs: Sequence[tuple[str, str]]) -> ColumnElement[bool]:
    """That a row belongs to the one above: one piece of text, for every relationship asks it."""
    return literal_column(" AND ".join(f"{row[here]} = {above[there]}" for there, here in pairs), Boolean)


def below(place: Place, to: Way, name: str) -> Rows:
    """The rows that a relationship leads to, under the same mask."""
    noun = to.noun
    if issubclass(noun, Base):
        table: FromClause = noun.__table__.alias(name)
        row = Row(noun, name)
        links: tuple[ColumnElement[bool], ...] = (joined(row, place.row, to.pairs),)
    else:
        table, links = noun.rows(place.asking, place.row).lateral(name), ()
        row = Row(table, name)
    rule = noun.visible(row, place.asking)
    there = Place(noun, row, place.asking, place.proved | to.held.right | noun.__right__)
    return Rows(there, table, (*links, *(() if rule is None else (rule,))))
