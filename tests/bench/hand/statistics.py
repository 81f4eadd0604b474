"""Statistics by hand: plans counted in SQL, the counts released by the hub's own rule of disclosure."""
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import orjson

from db.engine import Reader
from db.rules.disclosure import HalfYear, Row, Table, release
from db.rules.grant import OSLO
from db.rules.words import CloseReason, PlanStatus, PlanType

# $1 municipality, $2 viewer, $3 now, $4 the half-year's first moment, $5 the first after it,
# $6 the unit or group, null for the whole
POSTS = """select from assignment a
  where a.municipality_id = $1 and a.person_id = $2 and a.since <= $3 and (a.until is null or a.until > $3)
    and a.post in ('UNIT_ADMINISTRATOR', 'GROUP_ADMINISTRATOR', 'LOCAL_ADMINISTRATOR', 'ANALYST')
    and (a.unit_id is null and a.group_id is null or a.unit_id = $6 or a.group_id in (
      $6, (select u.group_id from unit u where u.municipality_id = $1 and u.id = $6)))"""
KNOWN = """select p.unit_id, p.type, last.status, stood.level,
    not exists (select from status_change s
      where s.municipality_id = $1 and s.plan_id = last.plan_id and s.since < $4) as opened,
    case when last.status = 'CLOSED' and last.since >= $4 then coalesce(last.reason, 'OTHER') end as closed
  from (
    select distinct on (plan_id) plan_id, status, since, reason from status_change
    where municipality_id = $1 and since < $5 order by plan_id, since desc, id desc) last
  join (
    select distinct on (plan_id) plan_id, level from level_change
    where municipality_id = $1 and since < $5 order by plan_id, since desc, id desc) stood using (plan_id)
  join plan p on p.municipality_id = $1 and p.id = last.plan_id"""
COUNTS = f"""with known as ({KNOWN}), alike as (
    select unit_id, type, status, level, opened, closed, count(*) as plans from known
    group by unit_id, type, status, level, opened, closed
  ), counted as (
    select dimension, unit_id, json_object_agg(category, plans) as counts from (
      select dimension, unit_id, category, sum(plans) as plans
      from alike cross join lateral (values
        ('status', status, status <> 'CLOSED'), ('level', level::text, status <> 'CLOSED'),
        ('type', type, status <> 'CLOSED'), ('opened', 'OPENED', opened),
        ('closed', closed, closed is not null)) as told (dimension, category, counts)
      where counts group by dimension, unit_id, category) told
    group by dimension, unit_id
  )
  select json_build_object(
    'threshold', (select threshold from municipality where municipality_id = $1),
    'groups', (select json_object_agg(id, group_id) from unit where municipality_id = $1),
    'counts', (select json_object_agg(dimension, units) from (
      select dimension, json_object_agg(unit_id, counts) as units
      from counted group by dimension) told))::text
  where exists ({POSTS})"""
RUNNING = {"status": tuple(s for s in PlanStatus if s is not PlanStatus.CLOSED),
           "level": ("0", "1", "2", "3"), "type": tuple(PlanType)}
CHANGED = {"opened": ("OPENED",), "closed": tuple(CloseReason)}
WHOLE = ""


async def statistics(reader: Reader, viewer: UUID, now: datetime, variables: Mapping[str, Any]) -> bytes:
    """The answer as JSON; ValueError where the half-year is not over."""
    period, place = HalfYear(**variables["period"]), wanted(variables["scope"])
    if period.after > now.astimezone(OSLO).date():
        raise ValueError("told when it is over")
    found = await reader.rows(COUNTS, [1, viewer, now, moment(period.first), moment(period.after),
                                       UUID(place) if place else None])
    known = orjson.loads(found[0][0]) if found else {"groups": {}}
    if place not in {WHOLE, *known["groups"], *known["groups"].values()} or not found:
        return b"null"
    return orjson.dumps(told(period, known, place))


def wanted(scope: Mapping[str, str]) -> str:
    return next((key.partition(":")[2] for key in scope.values()), WHOLE)


def moment(day: date) -> datetime:
    return datetime.combine(day, time(), OSLO)


def told(period: HalfYear, known: Mapping[str, Any], place: str) -> dict[str, Any]:
    below: dict[str, list[str]] = {WHOLE: sorted(set(known["groups"].values()))}
    for unit, group in sorted(known["groups"].items()):
        below.setdefault(group, []).append(unit)

    def rows(dimensions: Mapping[str, tuple[str, ...]]) -> dict[str, Row]:
        counts = known["counts"] or {}
        tables = {name: Table(kinds, counts.get(name, {})) for name, kinds in dimensions.items()}
        return {name: table[place]
                for name, table in release(WHOLE, below, tables, known["threshold"]).items()}

    running, changed = rows(RUNNING), rows(CHANGED)
    return {
        "year": period.year, "half": period.half, "threshold": known["threshold"],
        "total": running["status"].total,
        "opened": changed["opened"].total, "closed": changed["closed"].total,
        "byStatus": [{"status": s, "count": n} for s, n in running["status"].counts.items()],
        "byLevel": [{"level": int(level), "count": n} for level, n in running["level"].counts.items()],
        "byType": [{"type": t, "count": n} for t, n in running["type"].counts.items()],
        "byCloseReason": [{"reason": r, "count": n} for r, n in changed["closed"].counts.items()]}
