"""Changes all that one viewer may not see, and adds rows where they may see none.

Keys stay as they are, and so does what decides the viewer's rights."""
from datetime import datetime
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import Date, Enum, inspect

from db.rules.rights import Right
from db.tables.held import Base, Held
from resolvers.context import Viewer
from tests.support.samples import LOOKED_UP, copy_of
from tests.support.theirs import SHOWN, Chosen, look, readable, there

ELSEWHERE = 9  # a municipality where the same keys stand, and the viewer has every right
RIGHTS_ELSEWHERE = f"""
insert into assignment (municipality_id, person_id, post, since)
  select {ELSEWHERE}, viewer, 'LOCAL_ADMINISTRATOR', now - interval '1 day' from asks;
insert into access_grant
    (municipality_id, plan_id, person_id, mask, valid_from, because, withheld, recorded_at)
  select {ELSEWHERE}, p.id, viewer, {sum(Right)}, since, 'ROLE', 'ROLE', since
  from (select *, now - interval '1 day' as since from asks) asks join plan p using (municipality_id)"""

# What a task tells of its delivery; of persons; and for whom the unit is told.
IN_TASKS = ("target", "kind", "state", "ordered_at", "unit_id")
OWNERS, HOLDERS = (f"person.id in (select {who} from noted)" for who in ("owner_id", "stafettholder_id"))
HELPERS = "(plan_id, unit_id) in (select plan_id, unit_id from noted)"
FOUND = f"person.name = '{LOOKED_UP.name}'"
KEPT = {  # not the viewer's to read, but asked about by what is
    **{f"delivery.{name}": "delivery.id in (select id from noted)" for name in IN_TASKS},
    **{f"person.{name}": HOLDERS for name in ("position", "work_mobile", "workplace_id")},
    "person.name": f"({OWNERS} or {HOLDERS})", "person.identity_sealed": OWNERS,
    **{f"participant.{name}": HELPERS for name in ("role", "since", "until", "unit_id")},
    "plan.start_date": "plan.id in (select plan_id from noted)",
    "person.address_protection": "true", "person.hides_mobile": "true",  # by rules
    "person.hides_telephone": "true", "person.shows_private": "true", "plan.protected": "true",
    "plan.deleted_at": "true",
    "person.birth_date": FOUND, "person.identity_mark": FOUND,  # by a look-up
    "access_log.hour": "access_log.person_id = asks.viewer",  # by their next reading
    "plan.unit_id": "not exists (select from mine where mine.plan_id = plan.id)"}  # by a leader's post
PARTICULAR = {
    "consent.sent_at": "{} - interval '1 day'",  # a draft stays one
    "assignment.post": "case {} when 'ANALYST' then 'PLAN_CREATOR' else 'ANALYST' end",  # of any place
    "plan.level": "3 - {}", "level_change.level": "3 - {}",  # the database takes no others
    "participant.link_hash": "sha256(gen_random_uuid()::text::bytea)",  # no two links are alike
    "access_log.unit_id": "(select t.id from unit t where t.municipality_id = access_log.municipality_id "
                          "and t.id <> {} order by t.id limit 1)",  # no foreign key says where it points
    "municipality.archive_dates": "{} || '09-09'::text",
    "municipality.consent_age": "31 - {}"}


def scramble(connection: psycopg.Connection, viewer: Viewer, now: datetime,
             archive: Chosen | None = None) -> int:
    """How many rows were changed or added. The archive is nobody, and sees what was chosen of one plan."""
    look(connection, viewer, now, archive)
    return sum(connection.execute(statement).rowcount for statement in statements())


@cache
def statements() -> list[str]:
    """The same for every viewer: values are changed, then rows added."""
    return [*map(changes, SHOWN), *map(copies, SHOWN), *map(doubles, SHOWN), RIGHTS_ELSEWHERE]


def links(noun: type[Base]) -> dict[str, Held]:
    """The columns of relationships that ask for a right of their own: the link itself may be withheld."""
    return {here.name: relation.info["held"]
            for relation in inspect(noun).relationships if relation.info["held"] and not relation.uselist
            for here, far in relation.local_remote_pairs or () if far.name == "id"}


def values(noun: type[Base]) -> dict[str, Held]:
    """The columns that hold values, and how each is held."""
    return {column.name: column.info["held"] for column in noun.__table__.columns
            if not (column.primary_key or column.info.get("to") or column.name.endswith("_id"))}


def changes(noun: type[Base]) -> str:
    """Every value that is not the viewer's to read, all those of a row at once."""
    columns = noun.__table__.columns
    keep = {name: f"({readable(noun, name, held)} or {KEPT.get(str(columns[name]), 'false')})"
            for name, held in (values(noun) | links(noun)).items()}
    new = [f"{name} = case when {kept} then {columns[name]} else {other(columns[name])} end"
           for name, kept in keep.items()]
    return (f"update {noun.__tablename__} set {', '.join(new)} from asks "
            f"where not ({' and '.join(keep.values())})")


def copies(noun: type[Base]) -> str:
    """Of the rows that are not there for the viewer, beside them."""
    table = noun.__tablename__
    return added(noun, f"{table}.municipality_id", copy_of(table), f"not {there(noun)}")


def doubles(noun: type[Base]) -> str:
    """Of all rows, in the other municipality."""
    mine = f"{noun.__tablename__}.municipality_id = asks.municipality_id"
    return added(noun, str(ELSEWHERE), "id", mine)


def added(noun: type[Base], municipality: str, row_id: str, where: str) -> str:
    """Rows with the same keys but those given, and other values."""
    table, given = noun.__tablename__, values(noun)
    new = {c.name: other(c) if c.name in given else str(c) for c in noun.__table__.columns}
    new |= {"municipality_id": municipality, "id": row_id}
    return (f"insert into {table} ({', '.join(new)}) select {', '.join(new.values())} "
            f"from {table}, asks where {where} on conflict do nothing")


def other(column: Any) -> str:
    """Another value of the same kind, in SQL; not all moved alike, so that no order stays as it was."""
    table, old, kind, to = column.table.name, str(column), column.type, column.info.get("to")
    if old in PARTICULAR:
        return PARTICULAR[old].format(old)
    if to:
        return (f"(select t.id from {to} t where t.municipality_id = {table}.municipality_id "
                f"and t.id <> {old} order by t.id limit 1)")
    if isinstance(kind, Enum):
        nexts = " ".join(f"when '{a}' then '{b}'" for a, b in zip(kind.enums, kind.enums[1:], strict=False))
        return f"case {old} {nexts} else '{kind.enums[0]}' end"
    random = f"abs(hashtext({table}.id::text))"
    ago = f"make_interval(days => 400 + {random} % 50, secs => {random} % 86400)"
    moved = f"(coalesce({old}, asks.now) - {ago})"
    simple = {bool: f"not {old}", int: f"1000 - coalesce({old}, 0)", bytes: f"sha256(coalesce({old}, ''))",
              list: f"{old} || 1", object: f"jsonb_build_object('x', {random})",
              str: f"'x' || md5({table}.id || coalesce({old}, ''))"}
    return simple.get(kind.python_type) or (f"{moved}::date" if isinstance(kind, Date) else moved)
