"""What others see of one's own person, asked of the gate itself: by the roads, rights and rules by which they
would ask."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    SmallInteger,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    inspect,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import array

from db.engine import Reader
from db.gate.mask import visible_plans
from db.gate.release import Place, attribute, released
from db.read.compile import DIALECT
from db.read.log import Read, logged
from db.read.page import NOBODY
from db.read.source import NOUNS, Rows, below, found_persons, mask_of, start, way
from db.rules.rights import FAMILY, LEADER, NOTHING, PROVIDER, STAFETTHOLDER, Right
from db.rules.words import SeenBy
from db.tables.grant import AccessGrant
from db.tables.held import Asking, Base, Row
from db.tables.person import Person

ALONE = {Right.NEVER, Right.OWN, Right.EDIT_PERSON}  # for the person, and who mends for them
FIELDS = tuple(
    name for name, held in [*((c.key, c.info["held"]) for c in Person.__table__.columns if c.key != "id"),
                            *((r.key, r.info["held"]) for r in inspect(Person).relationships)]
    if held.right not in ALONE)
KINDS = {SeenBy.FAMILY: FAMILY, SeenBy.STAFETTHOLDER: STAFETTHOLDER, SeenBy.PROVIDER: PROVIDER,
         SeenBy.NAMED_FOR_WHEREABOUTS: PROVIDER | Right.PROTECTED, SeenBy.LEADER: LEADER}
# Who reads whom may know who takes part, whom the consent lets in, and how old the child is.
KNOWS = Right.PARTICIPANTS_READ | Right.CONSENT_READ | Right.OVERVIEW_READ
ASKING = Asking(bindparam("municipality", type_=SmallInteger), bindparam("viewer", type_=Uuid()),
                bindparam("now", type_=DateTime(timezone=True)), literal_column("0", BigInteger))
NO_KEY, NO_TEXT = literal_column("null::uuid", Uuid), literal_column("null::text", Text)
OTHER = Row(AccessGrant, "other")  # the one who would ask


@dataclass(frozen=True)
class Seen:
    """Fields of the viewer that are seen: by a kind of people, or in a plan by one person.

    `person`: None where nobody sees any; `told`: whether the viewer may know who does."""
    kind: SeenBy | None
    plan: UUID | None
    told: bool
    person: UUID | None
    name: str | None
    fields: Sequence[str]


async def seen(reader: Reader, asking: Mapping[str, Any], *, log: bool) -> list[Seen]:
    """`asking`: municipality, viewer and now."""
    sql, binds = _statement(log=log)
    rows = await reader.rows(sql, [asking.get(name, constant) for name, constant in binds])
    return [Seen(SeenBy(kind) if kind else None, *rest) for kind, *rest in rows]


@cache
def _statement(*, log: bool) -> tuple[str, tuple[tuple[str, Any], ...]]:
    """The text, and its binds in order: the name, and the value where it is a constant."""
    here = visible_plans(ASKING, "here")
    mine = select(here.c.plan_id, here.c.mask).where(
        here.c.mask.bitwise_and(mask_of(Right.PARTICIPANTS_READ)) != literal_column("0")).cte("mine")
    told = (mine.c.mask.bitwise_and(mask_of(KNOWS)) == mask_of(KNOWS)).label("told")
    shown = _shown()
    person = Person.__table__.alias("who")
    plans = (select(NO_TEXT, mine.c.plan_id, told, shown.c.person_id, person.c.name, shown.c.fields)
             .select_from(mine.outerjoin(shown, and_(shown.c.plan_id == mine.c.plan_id, told)).outerjoin(
                 person, and_(person.c.municipality_id == ASKING.municipality,
                              person.c.id == shown.c.person_id))))
    writes = logged([Read(mine, KNOWS)], ASKING) if log else ()
    made = union_all(*_kinds(), plans).add_cte(*writes).compile(dialect=DIALECT)
    return made.string, tuple((name, made.params[name]) for name in made.positiontup or ())


def _kinds() -> list[Select[Any]]:
    """By each kind of people, wherever they meet the viewer; no search finds a protected address."""
    nobody = replace(ASKING, viewer=literal_column(f"'{NOBODY}'", Uuid))
    me = Row(Person, "me")
    known = {kind: Rows(Place(Person, me, replace(nobody, mask=mask_of(mask)), NOTHING),
                        Person.__table__.alias("me"), (me.municipality_id == ASKING.municipality,))
             for kind, mask in KINDS.items()}
    return [select(literal_column(f"'{kind}'", Text).label("kind"), NO_KEY, true(), NO_KEY, NO_TEXT,
                   _fields({name: _told(name, rows.place) for name in FIELDS}))
            .select_from(rows.source).where(*rows.where, rows.place.row.id == ASKING.viewer)
            for kind, rows in [*known.items(), (SeenBy.SEARCHER, found_persons(nobody, "found"))]]


def _shown() -> Any:
    """By each other who has business in a plan, on any road that is open to them there."""
    ledger = AccessGrant.__table__.alias("other")
    asking = replace(ASKING, viewer=OTHER.person_id)
    asked = union_all(*(_road(asking, noun, name, f"r{n}") for n, (noun, name) in enumerate(roads()))
                      ).lateral("asked")
    by = {name: func.bool_or(asked.c[name]) for name in FIELDS}
    return (select(OTHER.plan_id.label("plan_id"), OTHER.person_id.label("person_id"), _fields(by))
            .select_from(ledger.join(asked, true()))
            .where(OTHER.municipality_id == ASKING.municipality, OTHER.person_id != ASKING.viewer,
                   OTHER.superseded_at.is_(None), OTHER.valid_from <= ASKING.now,
                   or_(OTHER.valid_until.is_(None), OTHER.valid_until > ASKING.now))
            .group_by(OTHER.plan_id, OTHER.person_id).subquery("shown"))


def roads() -> list[tuple[type[Base], str]]:
    """Every relationship that leads from a row in a plan to a person."""
    return [(noun, relation.key) for noun in NOUNS.values() if noun.__right__ is not Right.NEVER
            if noun.__name__ == "Plan" or "plan_id" in noun.__table__.columns
            for relation in inspect(noun).relationships if relation.mapper.class_ is Person]


def _road(asking: Asking, noun: type[Base], name: str, alias: str) -> Select[Any]:
    """What one who asks is shown of the viewer at the end of one relationship, in the plan at hand."""
    rows, to = start(noun, asking, alias), way(noun, name)
    if to is None or rows.plan_id is None:
        raise LookupError(f"{noun.__name__}.{name} leads to nobody in a plan")
    person = below(rows.place, to, f"{alias}p")
    met = released(person.place.row.id, to.held, rows.place) == ASKING.viewer
    shown: list[Any] = [_told(field, person.place).label(field) for field in FIELDS]
    return (select(*shown)
            .select_from(rows.source.join(person.source, and_(*person.where)))
            .where(*rows.where, rows.plan_id == OTHER.plan_id, met))


def _told(name: str, place: Place) -> ColumnElement[bool]:
    """Whether a question for the field would be answered with more than null."""
    to = way(Person, name)
    if to is None:
        return attribute(name, place)[0].is_not(None)
    (column,) = (here for here, there in to.pairs if there == "id")
    return released(getattr(place.row, column), to.held, place).is_not(None)


def _fields(told: Mapping[str, ColumnElement[bool]]) -> ColumnElement[Any]:
    """The names of those that are."""
    names = array([case((is_told, literal_column(f"'{name}'", Text))) for name, is_told in told.items()])
    return func.array_remove(names, null()).label("fields")
