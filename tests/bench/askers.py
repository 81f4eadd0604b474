"""Who asks the benchmark's questions: those who are measured, and those whose rights are other."""
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from db.rules.disclosure import HalfYear
from db.rules.grant import OSLO
from db.rules.words import Post
from tests.bench.fill.people import identity_number

Connection = psycopg.Connection[Any]
Who = tuple[str, UUID]  # name and key

OPENED = """from access_grant g join person p on p.id = g.person_id
  where g.superseded_at is null and g.valid_from <= now() and (g.valid_until is null or g.valid_until > now())
    and g.because = 'CONSENT' and p.position = 'Helsesykepleier'"""
NURSES: LiteralString = f"""select p.name, p.id, null {OPENED}
  group by p.id, p.name having count(*) >= 50 order by p.id limit 41"""
NURSES_IN_PLANS: LiteralString = f"""select p.name, p.id, g.plan_id {OPENED}
  order by md5(g.plan_id::text || p.id) limit 201"""
# Of every role in plans of every status, many of them protected; then leaders; then people who are neither.
TAKING_PART = """select p.name, p.id, plan_id from (
    select a.person_id, a.plan_id, plan.protected, row_number() over (
      partition by plan.protected, plan.recorded_status, a.role order by md5(a.id::text)) as n
    from participant a join plan on plan.id = a.plan_id) a
  join person p on p.id = a.person_id where n <= 5 or protected and n <= 25 order by plan_id, p.id"""
LEADERS = """select p.name, p.id, plan.id from person p join assignment a on a.person_id = p.id
  cross join lateral (select plan.id from plan join unit on unit.id = plan.unit_id
    where coalesce(a.unit_id, unit.id) = unit.id and coalesce(a.group_id, unit.group_id) = unit.group_id
    order by plan.protected desc, md5(plan.id::text) limit 2) plan order by p.id, plan.id"""
STRANGERS = """select p.name, p.id, plan.id from (select * from person order by id desc limit 2) p
  cross join (select id from plan order by id limit 2) plan"""

POSTS = """select p.name, p.id, a.post, case
    when a.unit_id is not null then json_build_object('unit', 'Unit:' || a.unit_id)
    when a.group_id is not null then json_build_object('group', 'UnitGroup:' || a.group_id) else '{}' end
  from assignment a join person p on p.id = a.person_id order by p.id"""


@dataclass(frozen=True)
class Call:
    """One asking: the number that signs in, the person it is, and the variables."""
    number: str
    person: str
    variables: dict[str, Any]


def call(name: str, person: UUID, **variables: Any) -> Call:
    return Call(identity_number(name), str(person), variables)


def nurses(connection: Connection) -> list[Call]:
    """Who hold fifty plans or more."""
    return [call(name, person, first=50) for name, person, _ in connection.execute(NURSES)]


def nurses_in_plans(connection: Connection) -> list[Call]:
    """Each in one of theirs."""
    return [call(name, person, id=f"Plan:{plan}")
            for name, person, plan in connection.execute(NURSES_IN_PLANS)]


def others(connection: Connection) -> list[tuple[str, UUID, UUID]]:
    """Name, person and a plan."""
    return [row for sql in (TAKING_PART, LEADERS, STRANGERS) for row in connection.execute(sql)]


def of_lists(connection: Connection) -> list[Call]:
    """Every fourth of them: the lists of those who lead are long."""
    asked = {person: call(name, person, first=50) for name, person, _ in others(connection)[::4]}
    return list(asked.values())


def of_plans(connection: Connection) -> list[Call]:
    return [call(name, person, id=f"Plan:{plan}") for name, person, plan in others(connection)]


def counting(connection: Connection) -> list[Call]:
    """The analyst and leaders, each of their own place, over the half-years that are over and have plans."""
    (analyst, leaders), halves = posts(connection), half_years(datetime.now(UTC))
    asked = [(analyst, {}), (analyst, leaders[0][1]), *leaders[::21]]
    return [call(*who, scope=scope, period=half) for half, (who, scope) in product(halves, asked)]


def of_statistics(connection: Connection) -> list[Call]:
    """More leaders of their own place and of another's, and some who lead nothing."""
    (_, leaders), [half, *_] = posts(connection), half_years(datetime.now(UTC))
    asked = [*leaders[::7], *((who, scope) for (who, _), (_, scope) in pairwise(leaders[::7])),
             *(((name, person), {}) for name, person, _ in connection.execute(STRANGERS))]
    return [call(*who, scope=scope, period=half) for who, scope in asked]


def posts(connection: Connection) -> tuple[Who, list[tuple[Who, dict[str, str]]]]:
    """The analyst; and each leader of a unit or group, with that as the scope of a question."""
    held = [((name, person), post, scope) for name, person, post, scope in connection.execute(POSTS)]
    analyst = next(who for who, post, _ in held if post == Post.ANALYST)
    return analyst, [(who, scope) for who, _, scope in held if scope]


def half_years(now: datetime) -> Iterator[dict[str, int]]:
    """The last that are over: what is filled in begins 660 days ago."""
    half = HalfYear.of(now.astimezone(OSLO).date())
    for _ in range(3):
        half = HalfYear.of(half.first - timedelta(days=1))
        yield {"year": half.year, "half": half.half}
