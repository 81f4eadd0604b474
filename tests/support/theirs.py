"""What one viewer may see, told by the ledger and the posts as they are stored, row by row.

A second opinion, in statements of its own, on what the compiler releases."""
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from uuid import UUID

import psycopg
from sqlalchemy import inspect

from db.engine import plain
from db.read.page import NOBODY
from db.read.source import NOUNS
from db.rules.post import SEARCHES
from db.rules.rights import BARE, LEADER, LEADER_OF_HIDDEN, ONESELF, SEARCH, Right
from db.tables.held import Base, Held, Made
from db.tables.person import Assignment, Person
from db.tables.plan import Plan
from resolvers.context import Viewer

Chosen = tuple[UUID, int]  # a plan, and the mask that was chosen for the archive
SHOWN = [noun for noun in NOUNS.values() if noun.__right__ is not Right.NEVER]
SEARCHING = ", ".join(f"'{post}'" for post in SEARCHES)

# The viewer's posts; their plans, and the persons that they meet, with the mask that holds there.
PLACES = f"""
create temp table post as select a.* from assignment a
  join asks on (a.municipality_id, a.person_id) = (asks.municipality_id, asks.viewer)
  where a.since <= asks.now and (a.until is null or a.until > asks.now);
create temp table mine as select plan_id, bit_or(mask) as mask from (
  select plan_id, mask from access_grant g
    join asks on (g.municipality_id, g.person_id) = (asks.municipality_id, asks.viewer)
    where superseded_at is null and valid_from <= asks.now and (valid_until is null or valid_until > asks.now)
  union all select p.id, case when p.protected then {int(LEADER_OF_HIDDEN)} else {int(LEADER)} end
      | case post when 'LOCAL_ADMINISTRATOR' then {int(Right.DELETION)} else 0 end
    from post join unit u using (municipality_id)
    join plan p on (p.municipality_id, p.unit_id) = (u.municipality_id, u.id)
    where p.deleted_at is null and post.post like '%ADMINISTRATOR' and (post.unit_id = u.id
      or post.group_id = u.group_id or coalesce(post.unit_id, post.group_id) is null)
) every group by plan_id;
create temp table met as
  select viewer as person_id, {int(ONESELF)}::bigint as mask from asks
  union all select p.id, {int(SEARCH)} from person p join asks using (municipality_id)
    where p.address_protection = 'NONE' and (exists (select from post where post in ({SEARCHING}))
      or exists (select from mine where mask & {int(Right.ADMINISTRATION_WRITE)} <> 0))"""
# The tasks of the viewer's units, and of whom each tells.
TASKS = """
create temp table helping as select p.plan_id, p.unit_id, p.person_id from asks
  join participant p using (municipality_id) join access_grant g using (municipality_id, plan_id, person_id)
  where p.role in ('PROVIDER', 'STAFETTHOLDER') and (p.until is null or p.until > asks.now)
    and g.superseded_at is null and g.because = 'CONSENT' and g.valid_from <= asks.now
    and (g.valid_until is null or g.valid_until > asks.now);
create temp table noted as select d.id, t.plan_id, t.unit_id, p.owner_id, p.stafettholder_id from asks
  join task t using (municipality_id)
  join plan p on (p.municipality_id, p.id) = (t.municipality_id, t.plan_id)
  join delivery d on (d.municipality_id, d.id) = (t.municipality_id, t.delivery_id)
  where d.state in ('ORDERED', 'SENT', 'ACCEPTED') and case when d.kind in ('WITHDRAWN', 'CLOSED')
    then t.unit_id in (select unit_id from post where post = 'UNIT_ADMINISTRATOR')
    else exists (select from helping h where (h.plan_id, h.unit_id) = (t.plan_id, t.unit_id)
      and (h.person_id = asks.viewer
        or t.unit_id in (select unit_id from post where post = 'UNIT_ADMINISTRATOR'))) end"""
UNPROTECTED = (f"(person.address_protection = 'NONE' or person.id = asks.viewer"
               f" or met.mask & {int(Right.PROTECTED)} <> 0)")
ONESELF_OR = "person.id = asks.viewer or"
PRIVATE = f"{UNPROTECTED} and ({ONESELF_OR} person.position is null or person.shows_private)"
RULES = {  # of attributes that ask for more than a right
    "delivery.ordered_by": "delivery.kind = 'ARCHIVED'",
    "person.birth_date": "(person.position is null or person.id = asks.viewer)",
    "person.workplace_id": UNPROTECTED, "person.work_email": UNPROTECTED, "person.email": PRIVATE,
    "person.work_mobile": f"{UNPROTECTED} and ({ONESELF_OR} not person.hides_mobile)",
    "person.work_telephone": f"{UNPROTECTED} and ({ONESELF_OR} not person.hides_telephone)",
    "person.mobile": f"{PRIVATE} and ({ONESELF_OR} not person.hides_mobile)",
    "person.telephone": f"{PRIVATE} and ({ONESELF_OR} not person.hides_telephone)",
    "person.version": f"{UNPROTECTED} and ({ONESELF_OR} person.position is null)"}
WRITES = f"mine.mask & {int(Right.CONSENT_WRITE)} <> 0"
SENT = "(select sent_at from consent c where (c.municipality_id, c.id) = ({0}.municipality_id, consent_id))"
ADMINISTERS = f"mine.mask & {int(Right.ADMINISTRATION_READ)} <> 0"
DECIDES = f"mine.mask & {int(Right.DELETION)} <> 0"
TOLD = ("(select recipient_id from delivery d "
        "where (d.municipality_id, d.id) = (delivery_attempt.municipality_id, delivery_id))")
KEEPS = "exists (select from post where post = 'LOCAL_ADMINISTRATOR')"
NEWER = """(select from consent_template t where t.municipality_id = consent_template.municipality_id
  and t.plan_type = consent_template.plan_type and t.version > consent_template.version)"""
ROW_RULES = {  # of rows that ask for more than a right
    "consent_template": f"(not exists {NEWER} or {KEEPS})",
    "target": KEEPS, "system_request": KEEPS,
    "alert": f"(ended_at is null or ended_at > asks.now - interval '30 days') and {KEEPS}",
    "reconciliation": f"started_at > asks.now - interval '30 days' and {KEEPS}",
    "delivery": f"(delivery.recipient_id is null or {ADMINISTERS})",
    "delivery_attempt": f"({TOLD} is null or {ADMINISTERS})",
    "deletion_request": f"(by_id = asks.viewer or {ADMINISTERS} or {DECIDES})",
    "consent": f"(consent.sent_at is not null or {WRITES})",
    "consent_name": f"({SENT.format('consent_name')} is not null or {WRITES})",
    "consent_text": f"({SENT.format('consent_text')} is not null or {WRITES})"}


def unseen(url: str, viewer: Viewer, now: datetime, nouns: Iterable[str]) -> dict[str, list[UUID]]:
    """The rows of each noun that are not there for the viewer."""
    with psycopg.connect(plain(url)) as connection:
        look(connection, viewer, now)
        return {name: [key for (key,) in connection.execute(
            f"select id from {noun.__tablename__}, asks where not {there(noun)} "
            "and id not in (select id from noted) order by id")]
            for name in nouns for noun in [NOUNS[name]]}


def look(connection: psycopg.Connection, viewer: Viewer, now: datetime,
         archive: Chosen | None = None) -> None:
    """Writes down who asks and what is theirs, in tables that only this connection sees."""
    connection.execute(
        "create temp table asks as select %s::smallint as municipality_id, %s::uuid as viewer, "
        "%s::timestamptz as now", [viewer.municipality, viewer.person or NOBODY, now])
    connection.execute(PLACES)
    connection.execute(TASKS)
    if archive:
        connection.execute("insert into mine values (%s, %s)", archive)
    for meeting in meetings():
        connection.execute(meeting)


@cache
def meetings() -> list[str]:
    """The persons at the far end of relationships, wherever the rows that these start from are there."""
    return [f"insert into met select {table}.{here.name}, mine.mask from {table}, asks, mine "
            f"where mine.plan_id = {table}.{'id' if noun is Plan else 'plan_id'} and {there(noun)} "
            f"and {RULES.get(f'{table}.{here.name}', 'true')}"
            for noun in SHOWN for table in [noun.__tablename__]
            for relation in inspect(noun).relationships if relation.mapper.class_ is Person
            for here, far in relation.local_remote_pairs or () if far.name == "id"]


@cache
def declared(column: str) -> Right:
    """The rights to the computed fields that tell something of a column."""
    told = Right(0)
    for noun in (*NOUNS.values(), *Made.__subclasses__()):
        for field in (f for f in vars(noun).values() if isinstance(getattr(f, "held", None), Held)):
            told |= field.held.right if column in field.held.tells else Right(0)
    return told


def there(noun: type[Base]) -> str:
    """Whether a row is there for the viewer, in SQL."""
    return readable(noun, "id", Held(noun.__right__))


def readable(noun: type[Base], name: str, held: Held) -> str:
    """Whether the viewer may read an attribute of a row, in SQL."""
    table, need = noun.__tablename__, int(held.right | noun.__right__)
    plan = "id" if noun is Plan else "plan_id"
    if noun is Person:
        rule = RULES[f"{table}.{name}"] if held.rule else "true"
        where = f"exists (select from met where person_id = person.id and mask & {need} = {need} and {rule})"
    elif noun is Assignment:
        where = "person_id = asks.viewer"
    elif plan in noun.__table__.columns:
        rule = "true" if noun.visible is Base.visible else ROW_RULES[table]
        rule += f" and {RULES.get(f'{table}.{name}', 'true')}"
        some = f"mask & {int(declared(f'{table}.{name}'))} <> 0 or (mask & {need} = {need} and {rule})"
        where = f"exists (select from mine where mine.plan_id = {table}.{plan} and ({some}))"
    else:
        rule = "true" if noun.visible is Base.visible else ROW_RULES[table]
        where = f"({held.right in BARE} and {rule})"
    return f"({table}.municipality_id = asks.municipality_id and {where})"
