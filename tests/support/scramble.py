"""Changes all that one viewer may not see, and adds rows where they may see none.

What they may see is told by statements of its own over the ledger and the posts as they are stored, row by row, and not
by the compiler that is put to the proof. Keys stay, and so does what decides the viewer's rights."""
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Date, Enum, inspect

from db.engine import plain
from db.read.page import NOBODY
from db.read.source import NOUNS, SEARCHERS
from db.rules.rights import BARE, LEADER, ONESELF, SEARCH, Right
from db.tables.held import Base, Held, Made
from db.tables.person import Assignment, Person
from db.tables.plan import Plan
from resolvers.context import Viewer
from tests.support.samples import LOOKED_UP, copy_of

Chosen = tuple[UUID, int]  # a plan, and the mask that was chosen for the archive
SHOWN = [noun for noun in NOUNS.values() if noun.__right__ is not Right.NEVER]
SEARCHING = ", ".join(f"'{post}'" for post in SEARCHERS)

# The viewer's posts; their plans, and the persons that they meet, with the mask that holds there.
PLACES = f"""
create temp table post as
  select a.* from assignment a join asks on (a.municipality_id, a.person_id) = (asks.municipality_id, asks.viewer)
  where a.since <= asks.now and (a.until is null or a.until > asks.now);
create temp table mine as select plan_id, bit_or(mask) as mask from (
  select plan_id, mask from access_grant g
    join asks on (g.municipality_id, g.person_id) = (asks.municipality_id, asks.viewer)
    where superseded_at is null and valid_from <= asks.now and (valid_until is null or valid_until > asks.now)
  union all select p.id, {int(LEADER)} from post join unit u using (municipality_id)
    join plan p on (p.municipality_id, p.unit_id) = (u.municipality_id, u.id)
    where (post.post = 'UNIT_ADMINISTRATOR' and post.unit_id = u.id)
      or (post.post = 'GROUP_ADMINISTRATOR' and post.group_id = u.group_id)
      or (post.post = 'LOCAL_ADMINISTRATOR' and post.unit_id is null and post.group_id is null)
) every group by plan_id;
create temp table met as
  select viewer as person_id, {int(ONESELF)}::bigint as mask from asks
  union all select p.id, {int(SEARCH)} from person p join asks using (municipality_id)
    where p.address_protection = 'NONE' and (exists (select from post where post in ({SEARCHING}))
      or exists (select from mine where mask & {int(Right.ADMINISTRATION_WRITE)} <> 0))"""

# A municipality where the same keys stand, and the viewer has every right.
ELSEWHERE = 9
RIGHTS_ELSEWHERE = f"""
insert into assignment (municipality_id, person_id, post, since)
  select {ELSEWHERE}, viewer, 'LOCAL_ADMINISTRATOR', now - interval '1 day' from asks;
insert into access_grant (municipality_id, plan_id, person_id, mask, valid_from, because, withheld, recorded_at)
  select {ELSEWHERE}, plan.id, viewer, {sum(Right)}, now - interval '1 day', 'ROLE', 'ROLE', now - interval '1 day'
  from plan join asks using (municipality_id)"""

WHEREABOUTS = f"met.mask & {int(Right.WHEREABOUTS)} <> 0"
UNPROTECTED = f"(person.address_protection = 'NONE' or {WHEREABOUTS} or person.id = asks.viewer)"
RULES = {  # of attributes that ask for more than a right
    "person.email": UNPROTECTED, "person.workplace_id": UNPROTECTED,
    "person.mobile": f"{UNPROTECTED} and (not person.hides_mobile or person.id = asks.viewer)"}
FOUND = f"person.name = '{LOOKED_UP.name}'"
KEPT = {  # not the viewer's to read, but asked about by what is
    "person.address_protection": "true", "person.hides_mobile": "true",  # by the rules
    "person.birth_date": FOUND, "person.identity_mark": FOUND,  # by a look-up
    "access_log.hour": "access_log.person_id = asks.viewer",  # by their next reading
    "plan.unit_id": "not exists (select from mine where mine.plan_id = plan.id)"}  # by a leader's post
CHECKED = {  # the database takes no other values
    "plan.level": "3 - {}", "level_change.level": "3 - {}", "municipality.consent_age": "31 - {}"}


def scramble(url: str, viewer: Viewer, now: datetime, archive: Chosen | None = None) -> int:
    """How many rows were changed or added. The archive is nobody, and sees of one plan what was chosen for it."""
    with psycopg.connect(plain(url)) as connection:
        connection.execute("set session_replication_role = replica")  # no trigger, no foreign key
        look(connection, viewer, now, archive)
        return sum(connection.execute(statement).rowcount for statement in statements())


def unseen(url: str, viewer: Viewer, now: datetime, noun: type[Base]) -> list[UUID]:
    """The rows of a noun that are not there for the viewer."""
    with psycopg.connect(plain(url)) as connection:
        look(connection, viewer, now)
        hidden = f"not {readable(noun, 'id', noun.holding('id'))}"
        rows = connection.execute(f"select id from {noun.__table__.name}, asks where {hidden} order by id")
        return [key for (key,) in rows]


def look(connection: psycopg.Connection, viewer: Viewer, now: datetime, archive: Chosen | None = None) -> None:
    """Writes down who asks, and what is theirs: in tables that only this connection sees."""
    connection.execute("create temp table asks as select %s::smallint as municipality_id, %s::uuid as viewer, "
                       "%s::timestamptz as now", [viewer.municipality, viewer.person or NOBODY, now])
    connection.execute(PLACES)
    if archive:
        connection.execute("insert into mine values (%s, %s)", archive)
    for meeting in meetings():
        connection.execute(meeting)


@cache
def meetings() -> list[str]:
    """The persons at the far end of relationships, wherever the rows that they start from are the viewer's to see."""
    met = [(noun.__table__.name, here.name, "id" if noun is Plan else "plan_id", int(noun.__right__))
           for noun in SHOWN for relation in inspect(noun).relationships if relation.mapper.class_ is Person
           for here, there in relation.local_remote_pairs or () if there.name == "id"]
    return [f"insert into met select t.{person}, mine.mask from {table} t join asks using (municipality_id) "
            f"join mine on mine.plan_id = t.{plan} where mine.mask & {right} <> 0" for table, person, plan, right in met]


@cache
def statements() -> list[str]:
    """The same for every viewer: values are changed, then rows added."""
    return [*map(changes, SHOWN), *map(copies, SHOWN), *map(doubles, SHOWN), RIGHTS_ELSEWHERE]


@cache
def declared(column: str) -> Right:
    """The rights to the computed fields that tell something of a column."""
    told = Right(0)
    for noun in (*NOUNS.values(), *Made.__subclasses__()):
        for field in (f for f in vars(noun).values() if isinstance(getattr(f, "held", None), Held)):
            told |= field.held.right if column in field.held.tells else Right(0)
    return told


def links(noun: type[Base]) -> dict[str, Held]:
    """The columns of relationships that ask for a right of their own: the link itself may be withheld."""
    return {here.name: relation.info["held"] for relation in inspect(noun).relationships if relation.info["held"]
            for here, there in relation.local_remote_pairs or () if there.name == "id" and not relation.uselist}


def values(noun: type[Base]) -> dict[str, Held]:
    """The columns that hold values, and how each is held."""
    return {column.name: column.info["held"] for column in noun.__table__.columns
            if not (column.primary_key or column.info.get("to") or column.name.endswith("_id"))}


def readable(noun: type[Base], name: str, held: Held | None) -> str:
    """Whether the viewer may read an attribute of a row, in SQL."""
    assert held is not None
    table, need = noun.__table__.name, int(held.right | noun.__right__)
    told, plan = int(declared(f"{table}.{name}")), "id" if noun is Plan else "plan_id"
    if noun is Person:
        rule = RULES[f"{table}.{name}"] if held.rule else "true"
        where = f"exists (select from met where person_id = person.id and mask & {need} = {need} and {rule})"
    elif noun is Assignment:
        where = "person_id = asks.viewer"
    elif plan in noun.__table__.columns:
        where = (f"exists (select from mine where mine.plan_id = {table}.{plan} "
                 f"and (mask & {need} = {need} or mask & {told} <> 0))")
    else:
        where = str(held.right in BARE)
    return f"({table}.municipality_id = asks.municipality_id and {where})"


def changes(noun: type[Base]) -> str:
    """Every value that is not the viewer's to read, all those of a row at once."""
    columns = noun.__table__.columns
    keep = {name: f"({readable(noun, name, held)} or {KEPT.get(str(columns[name]), 'false')})"
            for name, held in (values(noun) | links(noun)).items()}
    new = [f"{name} = case when {kept} then {columns[name]} else {other(columns[name])} end" for name, kept in keep.items()]
    return f"update {noun.__table__.name} set {', '.join(new)} from asks where not ({' and '.join(keep.values())})"


def copies(noun: type[Base]) -> str:
    """Of the rows that are not there for the viewer, beside them."""
    table = noun.__table__.name
    return added(noun, f"{table}.municipality_id", copy_of(table), f"not {readable(noun, 'id', noun.holding('id'))}")


def doubles(noun: type[Base]) -> str:
    """Of all rows, in the other municipality."""
    return added(noun, str(ELSEWHERE), "id", f"{noun.__table__.name}.municipality_id = asks.municipality_id")


def added(noun: type[Base], municipality: str, row_id: str, where: str) -> str:
    """Rows with the same keys but those given, and other values."""
    table, given = noun.__table__, values(noun)
    new = {c.name: other(c) if c.name in given else str(c) for c in table.columns}
    new |= {"municipality_id": municipality, "id": row_id}
    return (f"insert into {table.name} ({', '.join(new)}) select {', '.join(new.values())} "
            f"from {table.name}, asks where {where} on conflict do nothing")


def other(column: Any) -> str:
    """Another value of the same kind, in SQL; not all moved alike, so that no order stays as it was."""
    table, old, kind = column.table.name, str(column), column.type
    if old in CHECKED:
        return CHECKED[old].format(old)
    if to := column.info.get("to"):
        return (f"(select t.id from {to} t where t.municipality_id = {table}.municipality_id and t.id <> {old} "
                f"order by t.id limit 1)")
    if isinstance(kind, Enum):
        following = " ".join(f"when '{a}' then '{b}'" for a, b in zip(kind.enums, kind.enums[1:], strict=False))
        return f"case {old} {following} else '{kind.enums[0]}' end"
    at_random = f"abs(hashtext({table}.id::text))"
    moved = f"coalesce({old}, asks.now) - make_interval(days => 400 + {at_random} % 50, secs => {at_random} % 86400)"
    simple = {bool: f"not {old}", int: f"1000 - coalesce({old}, 0)", bytes: f"sha256(coalesce({old}, ''))",
              str: f"'x' || md5({table}.id || coalesce({old}, ''))"}
    return simple.get(kind.python_type) or (f"({moved})::date" if isinstance(kind, Date) else f"({moved})")
