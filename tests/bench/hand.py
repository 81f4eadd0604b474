"""The measure: SQL written by hand behind a bare Starlette handler, for the same bytes under the same ledger and masks."""
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.engine import Reader
from db.rules.rights import LEADER, Right


def may(right: Right) -> str:
    return f"mask & {int(right)} <> 0"


OVERVIEW, WHEREABOUTS, TAKING_PART = may(Right.OVERVIEW_READ), may(Right.WHEREABOUTS), may(Right.PARTICIPANTS_READ)
COMMENTS, ACTIVITIES, GOALS = may(Right.COMMENTS_READ), may(Right.ACTIVITIES_READ), may(Right.GOALS_READ)

# $1 municipality, $2 viewer, $3 now: by the ledger, or by a post
VISIBLE = f"""select plan_id, bit_or(mask) as mask from (
    select plan_id, mask from access_grant
    where municipality_id = $1 and person_id = $2 and superseded_at is null
      and valid_from <= $3 and (valid_until is null or valid_until > $3)
    union all
    select p.id, {int(LEADER)} from assignment a
    join unit u on u.municipality_id = a.municipality_id and (
      a.post = 'UNIT_ADMINISTRATOR' and u.id = a.unit_id
      or a.post = 'GROUP_ADMINISTRATOR' and u.group_id = a.group_id
      or a.post = 'LOCAL_ADMINISTRATOR' and a.unit_id is null and a.group_id is null)
    join plan p on p.municipality_id = u.municipality_id and p.unit_id = u.id
    where a.municipality_id = $1 and a.person_id = $2 and a.since <= $3 and (a.until is null or a.until > $3)
  ) held group by plan_id"""


def plans(which: str) -> str:
    """The plans that are shown, each with its owner, unit, and the end of the consent in force."""
    return f"""(select p.*, v.mask from plan p join ({VISIBLE}) v on v.plan_id = p.id
      where p.municipality_id = $1 and {may(Right.SHELL)} {which}) p
  join person owner on owner.municipality_id = p.municipality_id and owner.id = p.owner_id
  join unit u on u.municipality_id = p.municipality_id and u.id = p.unit_id
  left join lateral (
    select max(c.valid_until) as until from consent c
    where c.municipality_id = p.municipality_id and c.plan_id = p.id and c.opened_at <= $3 and c.valid_until > $3
      and (c.withdrawn_at is null or c.withdrawn_at > $3) and (c.superseded_at is null or c.superseded_at > $3)) c on true"""


STATUS = """case when p.recorded_status <> 'ACTIVE' then p.recorded_status
    when c.until is null then 'PASSIVE' else 'ACTIVE' end as status"""
OWNER = f"""(select row_to_json(o) from (select 'Person:' || owner.id as id, owner.name,
    case when {OVERVIEW} then owner.birth_date end as "birthDate") o) as owner"""
UNIT = f"case when {WHEREABOUTS} then (select row_to_json(o) from (select 'Unit:' || u.id as id, u.name) o) end as unit"
STATE = "case when t.until <= $3 then 'ENDED' else 'ACTIVE' end as state"
MOBILE = f"""case when {may(Right.CONTACT)} and (not w.hides_mobile or w.id = $2)
    and (w.address_protection = 'NONE' or {WHEREABOUTS} or w.id = $2) then w.mobile end as mobile"""

LIST = f"""select row_to_json(e)::text from (select coalesce(json_agg(row_to_json(x)), '[]') as edges from (
  select row_to_json(n) as node from (
  select 'Plan:' || p.id as id, p.short_name as "shortName", {STATUS}, case when {OVERVIEW} then p.level end as level,
    p.start_date as "startDate", c.until::date - $3::timestamptz::date as "consentExpiresInDays", {OWNER}, {UNIT},
    case when {TAKING_PART} then (select coalesce(json_agg(row_to_json(o)), '[]') from (
      select 'Participant:' || t.id as id, t.role, t.responsibility, {STATE}, row_to_json(person) as person
      from participant t join person w on w.municipality_id = t.municipality_id and w.id = t.person_id
      cross join lateral (select 'Person:' || w.id as id, w.name, {MOBILE}) person
      where t.municipality_id = p.municipality_id and t.plan_id = p.id order by t.id limit 100) o) end as participants,
    case when {GOALS} then (select coalesce(json_agg(row_to_json(o)), '[]') from (
      select 'Goal:' || g.id as id, g.title, g.status, g.deadline,
        case when {ACTIVITIES} then (select coalesce(json_agg(row_to_json(o)), '[]') from (
          select 'Activity:' || a.id as id, a.title, a.status, a.deadline, a.arena,
            case when {TAKING_PART} and a.responsible_id is not null then
              (select row_to_json(o) from (select 'Participant:' || a.responsible_id as id) o) end as responsible
          from activity a where a.municipality_id = g.municipality_id and a.goal_id = g.id
          order by a.position, a.id limit 100) o) end as activities
      from goal g where g.municipality_id = p.municipality_id and g.plan_id = p.id
      order by g.position, g.id limit 100) o) end as goals
  from {plans("order by p.id limit $4::bigint")}
  order by p.id) n) x) e"""


def comments(of: str) -> str:
    return f"""case when {COMMENTS} then (select coalesce(json_agg(row_to_json(o)), '[]') from (
      select 'Comment:' || m.id as id, m.body, m.created_at as "createdAt",
        (select row_to_json(o) from (select 'Person:' || w.id as id, w.name) o) as author
      from comment m join person w on w.municipality_id = m.municipality_id and w.id = m.author_id
      where m.municipality_id = p.municipality_id and m.{of} order by m.id limit 100) o) end as comments"""


CONSENTS = f"""(select coalesce(json_agg(row_to_json(o)), '[]') from (
    select 'Consent:' || k.id as id, case
        when k.declined_at <= $3 then 'DECLINED' when k.withdrawn_at <= $3 then 'WITHDRAWN'
        when k.superseded_at <= $3 then 'SUPERSEDED' when k.sent_at <= $3 and k.valid_until <= $3 then 'EXPIRED'
        when k.opened_at <= $3 then 'IN_FORCE' when k.sent_at <= $3 then 'SENT' else 'DRAFT' end as state,
      k.valid_from as "validFrom", k.valid_until as "validUntil", k.sent_at as "sentAt", k.opened_at as "openedAt",
      k.withdrawn_at as "withdrawnAt", k.text,
      (select coalesce(json_agg(row_to_json(o)), '[]') from (
        select 'ConsentSignature:' || s.id as id, s.signed_at as "signedAt", s.method, s.hash,
          (select row_to_json(o) from (select 'Person:' || w.id as id, w.name) o) as person
        from consent_signature s join person w on w.municipality_id = s.municipality_id and w.id = s.person_id
        where s.municipality_id = k.municipality_id and s.consent_id = k.id order by s.id limit 100) o) as signatures,
      (select coalesce(json_agg(row_to_json(o)), '[]') from (
        select 'ConsentName:' || n.id as id, n.whereabouts,
          (select row_to_json(o) from (select 'Person:' || w.id as id, w.name from person w
            where w.municipality_id = n.municipality_id and w.id = n.person_id) o) as person,
          case when {WHEREABOUTS} then (select row_to_json(o) from (select u.name from unit u
            where u.municipality_id = n.municipality_id and u.id = n.unit_id) o) end as unit
        from consent_name n where n.municipality_id = k.municipality_id and n.consent_id = k.id
        order by n.id limit 100) o) as names
    from consent k where k.municipality_id = p.municipality_id and k.plan_id = p.id order by k.id limit 100) o)"""

PLAN = f"""select row_to_json(n)::text from (
  select 'Plan:' || p.id as id, p.short_name as "shortName", p.type, {STATUS}, case when {OVERVIEW} then p.level end as level,
    p.start_date as "startDate", case when {OVERVIEW} then p.next_evaluation_date end as "nextEvaluationDate",
    c.until::date - $3::timestamptz::date as "consentExpiresInDays",
    (select max(d.confirmed_at) from delivery d
      where d.municipality_id = p.municipality_id and d.plan_id = p.id and d.kind = 'ARCHIVED') as "lastArchivedAt",
    {OWNER}, {UNIT},
    (select row_to_json(o) from (select 'Person:' || holder.id as id, holder.name) o) as stafettholder,
    case when {OVERVIEW} then (select row_to_json(o) from (
      select v.presentation, v.initiative, v.strengths, v.challenges, v.own_voice as "ownVoice", v.version
      from overview v where v.municipality_id = p.municipality_id and v.plan_id = p.id) o) end as overview,
    case when {TAKING_PART} then (select coalesce(json_agg(row_to_json(o)), '[]') from (
      select 'Participant:' || t.id as id, t.role, t.responsibility, {STATE}, t.since, t.until,
        row_to_json(person) as person,
        case when {WHEREABOUTS} then (select row_to_json(o) from (select u.name from unit u
          where u.municipality_id = t.municipality_id and u.id = t.unit_id) o) end as unit
      from participant t join person w on w.municipality_id = t.municipality_id and w.id = t.person_id
      cross join lateral (select 'Person:' || w.id as id, w.name, {MOBILE},
        case when {may(Right.POSITION)} then w.position end as position) person
      where t.municipality_id = p.municipality_id and t.plan_id = p.id order by t.id limit 100) o) end as participants,
    case when {GOALS} then (select coalesce(json_agg(row_to_json(o)), '[]') from (
      select 'Goal:' || g.id as id, g.title, g.description, g.arena, g.status, g.deadline, {comments("goal_id = g.id")},
        case when {ACTIVITIES} then (select coalesce(json_agg(row_to_json(o)), '[]') from (
          select 'Activity:' || a.id as id, a.title, a.description, a.arena, a.status, a.deadline,
            case when {TAKING_PART} then (select row_to_json(o) from (
              select 'Participant:' || t.id as id, t.role, (select row_to_json(o) from (select w.name) o) as person
              from participant t join person w on w.municipality_id = t.municipality_id and w.id = t.person_id
              where t.municipality_id = a.municipality_id and t.id = a.responsible_id) o) end as responsible,
            {comments("activity_id = a.id")}
          from activity a where a.municipality_id = g.municipality_id and a.goal_id = g.id
          order by a.position, a.id limit 100) o) end as activities
      from goal g where g.municipality_id = p.municipality_id and g.plan_id = p.id
      order by g.position, g.id limit 100) o) end as goals,
    case when {may(Right.CONSENT_READ)} then {CONSENTS} end as consents
  from {plans("and p.id = $4")}
  join person holder on holder.municipality_id = p.municipality_id and holder.id = p.stafettholder_id) n"""


def create(url: str) -> Starlette:
    """Nothing stands between the request and its SQL; the database is reached just as the hub reaches it."""
    gc.set_threshold(50_000, 20, 50)
    reader = Reader(url)

    def road(name: str, sql: str, argument: Callable[[dict[str, str]], object]) -> Route:
        async def handler(request: Request) -> Response:
            variables = orjson.loads(await request.body())["variables"]
            viewer = UUID(request.headers["x-viewer"])
            rows = await reader.rows(sql, [1, viewer, datetime.now(UTC), argument(variables)])
            text = rows[0][0] if rows else "null"
            return Response(f'{{"data":{{"{name}":{text}}}}}', media_type="application/json")
        return Route(f"/{name}", handler, methods=["POST"])

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await reader.open()
        yield
        await reader.close()

    return Starlette(lifespan=lifespan, routes=[
        road("plans", LIST, lambda variables: variables["first"]),
        road("plan", PLAN, lambda variables: UUID(variables["id"].rpartition(":")[2]))])
