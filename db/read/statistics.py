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
from db.rules.post import Held
from db.rules.words import CloseReason, PlanStatus, PlanType, Post

# What runs at the period's end is one set of tables, what was opened and closed in it another (disclosure.py
# says why). Both are read from history, which is only added to, so that the same question has the same answer
# for ever. Counting 10,000 plans takes 60 ms, so it is done only for those who hold a post.
COUNTS = """with last as (
  select distinct on (plan_id) plan_id, status, since, reason from status_change
  where municipality_id = $1 and since < $4 order by plan_id, since desc, id desc
), opened as (
  select plan_id, min(since) >= $3 as new from status_change where municipality_id = $1 group by plan_id
), stood as (
  select distinct on (plan_id) plan_id, level from level_change
  where municipality_id = $1 and since < $4 order by plan_id, since desc, id desc
), known as (
  select p.unit_id, p.type, last.status, last.since, last.reason, stood.level, opened.new
  from last join plan p on p.municipality_id = $1 and p.id = last.plan_id
    join opened on opened.plan_id = p.id join stood on stood.plan_id = p.id
), counted as (
  select case when grouping(status) = 0 then 'status' when grouping(level) = 0 then 'level' else 'type' end
    as dimension, unit_id, coalesce(status, level::text, type) as category, count(*) as plans
  from known where status <> 'CLOSED'
  group by grouping sets ((unit_id, status), (unit_id, level), (unit_id, type))
  union all select 'opened', unit_id, 'OPENED', count(*) from known where new group by unit_id
  union all select 'closed', unit_id, coalesce(reason, 'OTHER'), count(*) from known
    where status = 'CLOSED' and since >= $3 group by unit_id, coalesce(reason, 'OTHER')
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
    groups: Mapping[UUID, UUID]  # unit → its group
    posts: tuple[Held, ...]
    stock: Mapping[str, Table[UUID]]  # running at the period's end, by status, level and type
    flow: Mapping[str, Table[UUID]]  # opened and closed in it


async def counted(reader: Reader, municipality: int, viewer: UUID, period: HalfYear,
                  now: datetime) -> Counted:
    """The counts of a period that is over, its days as in Norway; none for a viewer without a post."""
    first, after = (datetime.combine(day, time(), OSLO) for day in (period.first, period.after))
    (text,) = await reader.answer(COUNTS, [municipality, viewer, first, after, now])
    told: dict[str, Any] = orjson.loads(text)
    counts: defaultdict[str, dict[UUID, dict[str, int]]] = defaultdict(dict)
    for dimension, unit, category, plans in told["counts"] or ():
        counts[dimension].setdefault(UUID(unit), {})[category] = plans
    return Counted(
        told["threshold"], {UUID(unit): UUID(group) for unit, group in (told["units"] or {}).items()},
        tuple(Held(Post(post), _key(unit), _key(group)) for post, unit, group in told["posts"] or ()),
        {name: Table(categories, counts[name]) for name, categories in STOCK.items()},
        {name: Table(categories, counts[name]) for name, categories in FLOW.items()})


def _key(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def last_over(now: datetime) -> HalfYear:
    """The half-year that was over last: none is told before its end."""
    return HalfYear.of(HalfYear.of(now.astimezone(OSLO).date()).first - timedelta(days=1))


def is_over(period: HalfYear, day: date) -> bool:
    return period.after <= day
