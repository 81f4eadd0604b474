"""All that explains one plan's rights, read as of one moment in one statement; the reading is logged."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    BindParameter,
    DateTime,
    SmallInteger,
    Text,
    TextClause,
    Uuid,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    text,
)

from db.engine import Reader
from db.gate.mask import visible_plans
from db.read.compile import DIALECT
from db.read.log import Read, logged
from db.rules.grant import Grant, PlanFacts
from db.rules.rights import Right
from db.rules.words import PlanStatus, SigningMethod
from db.tables.held import Asking

EXPLAINED = Right.CONSENT_READ | Right.PARTICIPANTS_READ
ALL = literal_column(str(int(EXPLAINED)), BigInteger)
KINDS: dict[str, Any] = {
    "municipality": SmallInteger(), "viewer": Uuid(), "now": DateTime(timezone=True), "plan": Uuid(),
    "consent": Uuid(), "person": Uuid(), "recorded": DateTime(timezone=True)}


def _typed(clause: str) -> TextClause:
    return text(clause).bindparams(*(_bind(name) for name in KINDS if f":{name}" in clause))


def _bind(name: str) -> BindParameter[Any]:
    return bindparam(name, type_=KINDS[name])


# a draft is nobody's business but theirs who write it
OF_CONSENT = _typed(f"""select plan_id from consent where municipality_id = :municipality and id = :consent
  and (sent_at is not null or seen.mask & {int(Right.CONSENT_WRITE)} <> 0)""")  # noqa: S608  a number of ours
TOLD = _typed("""select json_build_object('mask', seen.mask, 'status', p.recorded_status,
  'facts', json_build_object(
    'born', o.birth_date, 'consent_age', m.consent_age, 'protected', p.protected, 'type', p.type,
    'switches', (select coalesce(json_agg(json_build_object('since', since, 'element', element, 'on', is_on)
        order by since, id), '[]')
      from element_switch where (municipality_id, plan_type) = (p.municipality_id, p.type)),
    'statuses', (select coalesce(json_agg(json_build_array(since, status) order by since, id), '[]')
      from status_change where (municipality_id, plan_id) = (p.municipality_id, p.id)),
    'parts', (select coalesce(json_agg(json_build_object(
        'person', person_id, 'role', role, 'unit', unit_id, 'since', since, 'until', until,
        'accepted', accepted_at, 'declares', must_declare, 'declared', declared_at)
        order by since, id), '[]')
      from participant where (municipality_id, plan_id) = (p.municipality_id, p.id)),
    'consents', (select coalesce(json_agg(json_build_object(
        'id', c.id, 'sent', c.sent_at, 'opened', c.opened_at, 'valid_until', c.valid_until,
        'withdrawn', c.withdrawn_at, 'superseded', c.superseded_at, 'declined', c.declined_at,
        'named', (select coalesce(json_agg(json_build_object('person', n.person_id, 'unit', n.unit_id,
            'held_back', n.held_back, 'whereabouts', n.whereabouts) order by n.id), '[]')
          from consent_name n where (n.municipality_id, n.consent_id) = (c.municipality_id, c.id))
        ) order by c.id), '[]')
      from consent c where (c.municipality_id, c.plan_id) = (p.municipality_id, p.id))),
  'begins', (select coalesce(json_object_agg(id, valid_from), '{}')
    from consent where (municipality_id, plan_id) = (p.municipality_id, p.id)),
  'ledger', (select coalesce(json_agg(json_build_object('at', recorded_at, 'grant', json_build_object(
      'person', person_id, 'since', valid_from, 'until', valid_until, 'decision', json_build_object(
        'mask', mask, 'because', because, 'withheld', withheld, 'consent', consent_id,
        'absent', absent)))), '[]')
    from access_grant where (municipality_id, plan_id, person_id) = (p.municipality_id, p.id, :person)
      and recorded_at <= :recorded and (superseded_at is null or superseded_at > :recorded)),
  'signatures', (select coalesce(json_agg(json_build_object(
      'consent', s.consent_id, 'name', w.name, 'at', s.signed_at, 'method', s.method)
      order by s.signed_at, w.name), '[]')
    from consent_signature s join person w on (w.municipality_id, w.id) = (s.municipality_id, s.person_id)
    where (s.municipality_id, s.plan_id) = (p.municipality_id, p.id)),
  'persons', (select coalesce(json_object_agg(id, json_build_object(
      'name', name, 'unit', workplace_id)), '{}')
    from person where municipality_id = p.municipality_id and id in (
      select person_id from participant where (municipality_id, plan_id) = (p.municipality_id, p.id)
      union select person_id from consent_name where (municipality_id, plan_id) = (p.municipality_id, p.id))),
  'units', (select coalesce(json_object_agg(id, name), '{}')
    from unit where municipality_id = p.municipality_id and id in (
      select unit_id from consent_name where (municipality_id, plan_id) = (p.municipality_id, p.id)))
  )::text
from plan p
join person o on (o.municipality_id, o.id) = (p.municipality_id, p.owner_id)
join municipality m on m.municipality_id = p.municipality_id
where (p.municipality_id, p.id) = (:municipality, seen.plan_id)""")


@dataclass(frozen=True)
class Recorded:
    """A row of the ledger, and when it was written down."""
    at: datetime
    grant: Grant


@dataclass(frozen=True)
class Signed:
    """A signature that a consent needs; `at`: None while it has not come."""
    consent: UUID
    name: str
    at: datetime | None
    method: SigningMethod | None


@dataclass(frozen=True)
class Known:
    """A person in the plan or named by a consent, and where they work."""
    name: str
    unit: UUID | None


@dataclass(frozen=True, repr=False)
class Explained:
    """What the viewer may in the plan, its status as recorded, its facts, when each consent's period begins,
    and what the ledger said of one person at the moment that was asked for."""
    mask: Right
    status: PlanStatus
    facts: PlanFacts
    begins: Mapping[UUID, datetime]
    ledger: tuple[Recorded, ...]
    signatures: tuple[Signed, ...]
    persons: Mapping[UUID, Known]
    units: Mapping[UUID, str]


READ = TypeAdapter(Explained)


async def explained(reader: Reader, asking: Mapping[str, Any], *, log: bool) -> Explained | None:
    """`asking`: municipality, viewer, now, person, recorded, and plan or consent (the other None).

    None where there is no such plan for the viewer, or its rights are not theirs to know of."""
    sql, names = _statement(log=log)
    rows = await reader.rows(sql, [asking[name] for name in names])
    return READ.validate_json(rows[0][0]) if rows else None


@cache
def _statement(*, log: bool) -> tuple[str, tuple[str, ...]]:
    """The text, and the names of its binds in order."""
    mask = literal_column("seen.mask", BigInteger)
    asking = Asking(_bind("municipality"), _bind("viewer"), _bind("now"), mask)
    seen = visible_plans(asking, "seen")
    may_ask = or_(mask.bitwise_and(ALL) == ALL, _bind("person") == asking.viewer)
    of_consent = OF_CONSENT.columns(column("plan_id", Uuid)).scalar_subquery()
    told = TOLD.columns(column("told", Text)).scalar_subquery().label("told")
    found = select(seen.c.plan_id, seen.c.mask, told).where(
        may_ask, seen.c.plan_id == func.coalesce(_bind("plan"), of_consent)).cte("found")
    writes = logged([Read(found, EXPLAINED)], asking) if log else ()
    made = select(found.c.told).add_cte(*writes).compile(dialect=DIALECT)
    return made.string, tuple(made.positiontup or ())
