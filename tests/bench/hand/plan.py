"""One whole plan in SQL written by hand; $4 is which."""
from db.rules.rights import Right
from tests.bench.hand.plans import EXPIRES, OWNER, PLANS, STATE, STATUS, UNIT
from tests.bench.hand.rights import MOBILE, NAME, may, row, rows, shown


def person(key: str) -> str:
    return row(f"{NAME} from person w where w.municipality_id = $1 and w.id = {key}")


def unit(key: str) -> str:
    """By its name alone."""
    return shown(Right.WHEREABOUTS, row(
        f"select u.name from unit u where u.municipality_id = $1 and u.id = {key}")) + " as unit"


def comments(on: str) -> str:
    return shown(Right.COMMENTS_READ, rows(f"""
      select 'Comment:' || m.id as id, m.body, m.created_at as "createdAt", {person("m.author_id")} as author
      from comment m where m.municipality_id = $1 and m.{on} order by m.id""")) + " as comments"


OVERVIEW = row("""
  select v.presentation, v.initiative, v.strengths, v.challenges, v.own_voice as "ownVoice", v.version
  from overview v where v.municipality_id = $1 and v.plan_id = p.id""")
ARCHIVED = """(
  select max(d.confirmed_at) from delivery d
  where d.municipality_id = $1 and d.plan_id = p.id and d.kind = 'ARCHIVED')"""

PARTICIPANTS = rows(f"""
  select 'Participant:' || t.id as id, t.role, t.responsibility, {STATE}, t.since, t.until,
    row_to_json(person) as person, {unit("t.unit_id")}
  from participant t join person w on w.municipality_id = $1 and w.id = t.person_id
  cross join lateral ({NAME}, {MOBILE} as mobile, {shown(Right.POSITION, "w.position")} as position) person
  where t.municipality_id = $1 and t.plan_id = p.id order by t.id""")
RESPONSIBLE = row(f"""
  select 'Participant:' || t.id as id, t.role, {row("select w.name")} as person
  from participant t join person w on w.municipality_id = $1 and w.id = t.person_id
  where t.municipality_id = $1 and t.id = a.responsible_id""")
ACTIVITIES = rows(f"""
  select 'Activity:' || a.id as id, a.title, a.description, a.arena, a.status, a.deadline,
    {shown(Right.PARTICIPANTS_READ, RESPONSIBLE)} as responsible, {comments("activity_id = a.id")}
  from activity a where a.municipality_id = $1 and a.goal_id = g.id order by a.position, a.id""")
GOALS = rows(f"""
  select 'Goal:' || g.id as id, g.title, g.description, g.arena, g.status, g.deadline,
    {comments("goal_id = g.id")}, {shown(Right.ACTIVITIES_READ, ACTIVITIES)} as activities
  from goal g where g.municipality_id = $1 and g.plan_id = p.id order by g.position, g.id""")

CONSENT_STATE = """case
  when k.declined_at <= $3 then 'DECLINED' when k.withdrawn_at <= $3 then 'WITHDRAWN'
  when k.superseded_at <= $3 then 'SUPERSEDED' when k.sent_at <= $3 and k.valid_until <= $3 then 'EXPIRED'
  when k.opened_at <= $3 then 'IN_FORCE' when k.sent_at <= $3 then 'SENT' else 'DRAFT' end as state"""
TEXTS = rows("""
  select 'ConsentText:' || t.id as id, t.language, t.text
  from consent_text t where t.municipality_id = $1 and t.consent_id = k.id order by t.language, t.id""")
SIGNATURES = rows(f"""
  select 'ConsentSignature:' || s.id as id, s.signed_at as "signedAt", s.method, s.hash,
    {person("s.person_id")} as person
  from consent_signature s where s.municipality_id = $1 and s.consent_id = k.id order by s.id""")
NAMES = rows(f"""
  select 'ConsentName:' || n.id as id, n.whereabouts, {person("n.person_id")} as person, {unit("n.unit_id")}
  from consent_name n where n.municipality_id = $1 and n.consent_id = k.id order by n.id""")
CONSENTS = rows(f"""
  select 'Consent:' || k.id as id, {CONSENT_STATE}, k.valid_from as "validFrom",
    k.valid_until as "validUntil", k.sent_at as "sentAt", k.opened_at as "openedAt",
    k.withdrawn_at as "withdrawnAt", {TEXTS} as texts, {SIGNATURES} as signatures, {NAMES} as names
  from consent k where k.municipality_id = $1 and k.plan_id = p.id
    and (k.sent_at is not null or {may(Right.CONSENT_WRITE)}) order by k.id""")

PLAN = f"""select (select row_to_json(n) from (
  select 'Plan:' || p.id as id, p.short_name as "shortName", p.type, {STATUS},
    {shown(Right.OVERVIEW_READ, "p.level")} as level, p.start_date as "startDate",
    {shown(Right.OVERVIEW_READ, "p.next_evaluation_date")} as "nextEvaluationDate", {EXPIRES},
    {ARCHIVED} as "lastArchivedAt", {OWNER} as owner, {UNIT} as unit,
    {person("p.stafettholder_id")} as stafettholder, {shown(Right.OVERVIEW_READ, OVERVIEW)} as overview,
    {shown(Right.PARTICIPANTS_READ, PARTICIPANTS)} as participants, {shown(Right.GOALS_READ, GOALS)} as goals,
    {shown(Right.CONSENT_READ, CONSENTS)} as consents
  from {PLANS.format(which="and p.id = $4")}) n)::text"""
