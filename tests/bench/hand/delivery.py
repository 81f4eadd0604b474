"""One delivery by hand: locked, checked, put together, sent and written down, in plain SQL, one at a time."""
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row

from db.rules.delivery import FactKind
from db.seal import Seal
from integrations.fagsystem.fact import canonical, elements
from integrations.target import Contact, PlanFact, Sending, Target

# A lock, and then a statement that sees what was written before it was got.
LOCK = "select from plan where (municipality_id, id) = (%s, %s) for no key update"
NEXT = """select d.id, d.seq, d.kind, d.ordered_at, d.unit_id, d.attempt_count, plan.id as plan,
    plan.start_date, plan.protected, owner.identity_sealed, m.number, unit.organisation_number,
    holder.name, holder.position, holder.work_mobile, holder.hides_mobile, place.name as place
  from delivery d join plan on (plan.municipality_id, plan.id) = (d.municipality_id, d.plan_id)
  join person owner on (owner.municipality_id, owner.id) = (plan.municipality_id, plan.owner_id)
  join person holder on (holder.municipality_id, holder.id) = (plan.municipality_id, plan.stafettholder_id)
  left join unit place on (place.municipality_id, place.id) = (holder.municipality_id, holder.workplace_id)
  join unit on (unit.municipality_id, unit.id) = (d.municipality_id, d.unit_id)
  join municipality m on m.municipality_id = d.municipality_id
  where (d.municipality_id, d.plan_id, d.target) = (%s, %s, 'fagsystem') and d.state = 'ORDERED'
    and plan.recorded_status = 'ACTIVE' and unit.fagsystem = d.target
    and not exists (select from target t where (t.municipality_id, t.name) = (d.municipality_id, d.target)
      and (t.paused_at is not null or t.resting_until is not null))
    and exists (select from participant part where (part.municipality_id, part.plan_id, part.unit_id)
        = (d.municipality_id, d.plan_id, d.unit_id)
      and part.role = 'STAFETTHOLDER' and part.accepted_at <= now() and part.since <= now()
      and (part.until is null or part.until > now()))
    and exists (select from consent c where (c.municipality_id, c.plan_id) = (d.municipality_id, d.plan_id)
      and c.opened_at <= now() and c.valid_until > now() and c.withdrawn_at is null
      and c.superseded_at is null)
  order by d.seq limit 1 for no key update of d"""
CLAIMED = """update delivery set state = 'SENT', leased_until = now() + interval '1 minute', body_sealed = %s,
  sha256 = %s, attempt_count = attempt_count + 1 where (municipality_id, id) = (%s, %s)"""
ATTEMPT = """insert into delivery_attempt (municipality_id, id, plan_id, delivery_id, number, started_at)
  values (%s, uuidv7(), %s, %s, %s, now())"""
NOTED = """update delivery_attempt set milliseconds = 1, answer = %s
  where (municipality_id, delivery_id, number) = (%s, %s, %s)"""
CONFIRMED = """update delivery set state = 'CONFIRMED', confirmed_at = now(), reference = %s,
  leased_until = null, body_sealed = null where (municipality_id, id) = (%s, %s)"""


def deliver(connection: psycopg.Connection[Any], seal: Seal, target: Target,
            municipality: int, plan: UUID) -> bool:
    """The next of a plan, if there is one; AssertionError where it is not confirmed."""
    with connection.transaction():
        connection.execute(LOCK, [municipality, plan])
        cursor: Any = connection.cursor(row_factory=namedtuple_row)
        told = cursor.execute(NEXT, [municipality, plan]).fetchone()
        if told is None:
            return False
        body = canonical(elements(_fact(told, seal)))
        connection.execute(CLAIMED, [
            seal.close(body, "delivery.body"), sha256(body).hexdigest(), municipality, told.id])
        connection.execute(ATTEMPT, [municipality, plan, told.id, told.attempt_count + 1])
    receipt = target.deliver(body, Sending(told.id))
    assert receipt.confirmed
    with connection.transaction():
        connection.execute(NOTED, [receipt.code, municipality, told.id, told.attempt_count + 1])
        connection.execute(CONFIRMED, [receipt.reference, municipality, told.id])
    return True


def _fact(told: Any, seal: Seal) -> PlanFact:
    contact = Contact(told.name, told.position or "", None if told.protected else told.place,
                      None if told.protected or told.hides_mobile else told.work_mobile)
    return PlanFact(
        fact_id=told.id, plan_ref=seal.plan_ref(f"fagsystem {told.unit_id}", told.plan), seq=told.seq,
        kind=FactKind(told.kind), occurred_at=told.ordered_at, has_plan=True, since=told.start_date,
        closed_on=None, identity_number=seal.open(told.identity_sealed, "person.identity_number").decode(),
        municipality_number=told.number, unit_organisation_number=told.organisation_number, contact=contact,
        hub_url="http://127.0.0.1:8000", protected=told.protected)
