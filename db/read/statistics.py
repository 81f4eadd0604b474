"""Plans of one half-year counted at their units, and what was told of them when they were first counted."""
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson

from db.engine import Reader
from db.rules.disclosure import HalfYear, Row, Table
from db.rules.grant import OSLO
from db.rules.post import Assigned
from db.rules.words import CloseReason, PlanStatus, PlanType, Post

# What runs at the period's end is one set of tables, what was opened and closed in it another (disclosure.py
# says why). Both are read from history, which is only added to. Counting 10,000 plans takes 50 ms: plans that
# are alike are put together before they are counted five times over, and it is done once a half-year.
COUNTS = """with known as (
  select p.unit_id, p.type, last.status, stood.level,
    not exists (select from status_change s
      where s.municipality_id = $1 and s.plan_id = last.plan_id and s.since < $2) as opened,
    case when last.status = 'CLOSED' and last.since >= $2 then coalesce(last.reason, 'OTHER') end as closed
  from (select distinct on (plan_id) plan_id, status, since, reason from status_change
    where municipality_id = $1 and since < $3 order by plan_id, since desc, id desc) last
  join (select distinct on (plan_id) plan_id, level from level_change
    where municipality_id = $1 and since < $3 order by plan_id, since desc, id desc) stood using (plan_id)
  join plan p on p.municipality_id = $1 and p.id = last.plan_id
), alike as (
  select unit_id, type, status, level, opened, closed, count(*) as plans from known
  group by unit_id, type, status, level, opened, closed
), counted as (
  select dimension, unit_id, category, sum(plans) as plans
  from alike cross join lateral (values
    ('status', status, status <> 'CLOSED'), ('level', level::text, status <> 'CLOSED'),
    ('type', type, status <> 'CLOSED'), ('opened', 'OPENED', opened), ('closed', closed, closed is not null)
  ) as told (dimension, category, counts)
  where counts group by dimension, unit_id, category
) select json_build_object(
  'threshold', (select threshold from municipality where municipality_id = $1),
  'units', (select json_object_agg('Unit:' || id, 'UnitGroup:' || group_id) from unit
    where municipality_id = $1),
  'counts', (select json_agg(json_build_array(dimension, 'Unit:' || unit_id, category, plans))
    from counted))::text"""
# The viewer's posts are those of today, as is the unit's group, which a post reaches it by.
RELEASED = """with held as (
  select post, unit_id, group_id from assignment
  where municipality_id = $1 and person_id = $2 and since <= $3 and (until is null or until > $3)
) select json_build_object(
  'posts', (select json_agg(json_build_array(post, unit_id, group_id)) from held),
  'group', (select group_id from unit where municipality_id = $1 and id = $4),
  'kept', (select json_build_array(threshold, told -> $5) from statistics_release
    where municipality_id = $1 and year = $6 and half = $7 and exists (select from held)))::text"""
STOCK: dict[str, tuple[str, ...]] = {
    "status": tuple(s for s in PlanStatus if s is not PlanStatus.CLOSED), "level": ("0", "1", "2", "3"),
    "type": tuple(PlanType)}
FLOW: dict[str, tuple[str, ...]] = {"opened": ("OPENED",), "closed": tuple(CloseReason)}
WHOLE = ""  # the municipality's place in the tree; the others' are global ids


@dataclass(frozen=True)
class Place:
    """One unit, one group, or (neither given) the municipality."""
    unit: UUID | None = None
    group: UUID | None = None

    def __str__(self) -> str:
        return f"Unit:{self.unit}" if self.unit else f"UnitGroup:{self.group}" if self.group else WHOLE


@dataclass(frozen=True)
class Counted:
    """A municipality's counts at its units, and its tree."""
    threshold: int
    below: Mapping[str, Sequence[str]]  # in the order of ids, which does not follow the counts
    stock: Mapping[str, Table[str]]  # running at the period's end, by status, level and type
    flow: Mapping[str, Table[str]]  # opened and closed in it


@dataclass(frozen=True)
class Released:
    """What was told of one place, by table: nothing of one that was not there then."""
    threshold: int
    rows: Mapping[str, Row]


@dataclass(frozen=True)
class Asked:
    """The viewer's posts, the group that a unit is in, and the release, if there is one yet."""
    posts: tuple[Assigned, ...]
    group: UUID | None
    kept: Released | None


async def released(reader: Reader, municipality: int, viewer: UUID, place: Place, period: HalfYear,
                   now: datetime) -> Asked:
    """What has been told of a place; not looked for where the viewer has no post."""
    values = [municipality, viewer, now, place.unit, str(place), period.year, period.half]
    ((text,),) = await reader.rows(RELEASED, values)
    found: dict[str, Any] = orjson.loads(text)
    posts = tuple(Assigned(Post(post), _key(unit), _key(group)) for post, unit, group in found["posts"] or ())
    kept = None
    if found["kept"]:
        threshold, told = found["kept"]
        kept = Released(threshold, {name: Row(*row) for name, row in (told or {}).items()})
    return Asked(posts, _key(found["group"]), kept)


async def counted(reader: Reader, municipality: int, period: HalfYear) -> Counted:
    """The counts of a period that is over, its days as in Norway."""
    first, after = (datetime.combine(day, time(), OSLO) for day in (period.first, period.after))
    ((text,),) = await reader.rows(COUNTS, [municipality, first, after])
    told: dict[str, Any] = orjson.loads(text)
    counts: defaultdict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    for dimension, unit, category, plans in told["counts"] or ():
        counts[dimension].setdefault(unit, {})[category] = plans
    below: dict[str, list[str]] = {WHOLE: sorted(set((told["units"] or {}).values()))}
    for unit, group in sorted((told["units"] or {}).items()):
        below.setdefault(group, []).append(unit)
    return Counted(told["threshold"], below,
                   {name: Table(categories, counts[name]) for name, categories in STOCK.items()},
                   {name: Table(categories, counts[name]) for name, categories in FLOW.items()})


def _key(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def last_over(now: datetime) -> HalfYear:
    """The half-year that was over last: none is told before its end."""
    return HalfYear.of(HalfYear.of(now.astimezone(OSLO).date()).first - timedelta(days=1))


def is_over(period: HalfYear, day: date) -> bool:
    return period.after <= day
