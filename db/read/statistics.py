"""Plans of one half-year counted at their units, with all that releasing the counts needs: one statement."""
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson

from db.engine import Reader
from db.rules.disclosure import HalfYear, Table
from db.rules.grant import OSLO
from db.rules.post import Assigned
from db.rules.words import CloseReason, PlanStatus, PlanType, Post

# What runs at the period's end is one set of tables, what was opened and closed in it another (disclosure.py
# says why). Both are read from history, which is only added to, so that the same question has the same answer
# for ever. Counting 10,000 plans takes 50 ms, so it is done only for those who hold a post; plans that are
# alike are put together before they are counted five times over.
COUNTS = """with known as (
  select p.unit_id, p.type, last.status, stood.level,
    not exists (select from status_change s
      where s.municipality_id = $1 and s.plan_id = last.plan_id and s.since < $3) as opened,
    case when last.status = 'CLOSED' and last.since >= $3 then coalesce(last.reason, 'OTHER') end as closed
  from (select distinct on (plan_id) plan_id, status, since, reason from status_change
    where municipality_id = $1 and since < $4 order by plan_id, since desc, id desc) last
  join (select distinct on (plan_id) plan_id, level from level_change
    where municipality_id = $1 and since < $4 order by plan_id, since desc, id desc) stood using (plan_id)
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
), held as (
  select post, unit_id, group_id from assignment
  where municipality_id = $1 and person_id = $2 and since <= $5 and (until is null or until > $5)
) select json_build_object(
  'threshold', (select threshold from municipality where municipality_id = $1),
  'units', (select json_object_agg(id, group_id) from unit where municipality_id = $1),
  'posts', (select json_agg(json_build_array(post, unit_id, group_id)) from held),
  'counts', case when exists (select from held) then
    (select json_agg(json_build_array(dimension, unit_id, category, plans)) from counted) end)::text"""
STOCK: dict[str, tuple[str, ...]] = {
    "status": tuple(s for s in PlanStatus if s is not PlanStatus.CLOSED), "level": ("0", "1", "2", "3"),
    "type": tuple(PlanType)}
FLOW: dict[str, tuple[str, ...]] = {"opened": ("OPENED",), "closed": tuple(CloseReason)}


@dataclass(frozen=True)
class Counted:
    """A municipality's counts at its units, its tree, and the viewer's posts."""
    threshold: int
    groups: Mapping[str, str]  # unit → its group; ids as text, which are looked up a thousand times
    posts: tuple[Assigned, ...]
    stock: Mapping[str, Table[str]]  # running at the period's end, by status, level and type
    flow: Mapping[str, Table[str]]  # opened and closed in it


async def counted(reader: Reader, municipality: int, viewer: UUID, period: HalfYear,
                  now: datetime) -> Counted:
    """The counts of a period that is over, its days as in Norway; none for a viewer without a post."""
    first, after = (datetime.combine(day, time(), OSLO) for day in (period.first, period.after))
    ((text,),) = await reader.rows(COUNTS, [municipality, viewer, first, after, now])
    told: dict[str, Any] = orjson.loads(text)
    counts: defaultdict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    for dimension, unit, category, plans in told["counts"] or ():
        counts[dimension].setdefault(unit, {})[category] = plans
    return Counted(
        told["threshold"], told["units"] or {},
        tuple(Assigned(Post(post), _key(unit), _key(group)) for post, unit, group in told["posts"] or ()),
        {name: Table(categories, counts[name]) for name, categories in STOCK.items()},
        {name: Table(categories, counts[name]) for name, categories in FLOW.items()})


def _key(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def last_over(now: datetime) -> HalfYear:
    """The half-year that was over last: none is told before its end."""
    return HalfYear.of(HalfYear.of(now.astimezone(OSLO).date()).first - timedelta(days=1))


def is_over(period: HalfYear, day: date) -> bool:
    return period.after <= day
