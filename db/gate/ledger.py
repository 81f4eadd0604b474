"""Keeps the ledger equal to the rule: reads a plan's facts, decides, and writes down what has changed."""
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.rules.grant import ConsentFacts, Decision, Grant, Named, Part, PlanFacts, grants, moments
from db.rules.plan_template import Switch
from db.rules.reminder import reminders
from db.rules.rights import Right
from db.rules.words import AddressProtection
from db.tables.consent import Consent, ConsentName
from db.tables.grant import AccessGrant
from db.tables.municipality import Municipality
from db.tables.participant import Participant
from db.tables.person import Person
from db.tables.plan import Plan, StatusChange
from db.tables.plan_template import switches

Key = tuple[int, UUID]  # municipality and plan


def facts_of(session: Session, key: Key) -> PlanFacts:
    """What the rule asks about one plan, read as columns: objects that the session holds may be out of date.

    The plan is locked before its facts are read, and not against foreign keys:
    two who add participants would deadlock."""
    owner, kind = session.execute(select(Plan.owner_id, Plan.type).where(
        Plan.municipality_id == key[0], Plan.id == key[1]).with_for_update(key_share=True)).one()
    born, consent_age = session.execute(
        select(Person.birth_date, Municipality.consent_age)
        .join(Municipality, Municipality.municipality_id == Person.municipality_id)
        .where(Person.municipality_id == key[0], Person.id == owner)).one()
    parts = _below(session, key, Participant, Participant.person_id, Participant.role, Participant.unit_id,
                   Participant.since, Participant.accepted_at, Participant.until, Participant.must_declare,
                   Participant.declared_at)
    protected = session.scalar(select(func.count()).select_from(Person).where(
        Person.municipality_id == key[0], Person.id.in_({owner, *(p[0] for p in parts)}),
        Person.address_protection != AddressProtection.NONE))
    statuses = _below(session, key, StatusChange, StatusChange.since, StatusChange.status, StatusChange.id)
    return PlanFacts(
        born, consent_age, bool(protected),
        tuple((s[0], s[1]) for s in sorted(statuses, key=lambda s: (s[0], s[2]))),
        tuple(Part(*p) for p in parts), _consents(session, key), kind,
        tuple(Switch(*s) for s in session.execute(switches(key[0], kind))))


def _below(session: Session, key: Key, noun: Any, *columns: Any) -> Sequence[Any]:
    """Columns of a plan's rows of one noun."""
    rows = select(*columns).where(noun.municipality_id == key[0], noun.plan_id == key[1])
    return session.execute(rows).all()


def _consents(session: Session, key: Key) -> tuple[ConsentFacts, ...]:
    named: defaultdict[UUID, list[Named]] = defaultdict(list)
    for consent, person, unit, held_back, whereabouts in _below(
            session, key, ConsentName, ConsentName.consent_id, ConsentName.person_id, ConsentName.unit_id,
            ConsentName.held_back, ConsentName.whereabouts):
        named[consent].append(Named(person, unit, Right(held_back), whereabouts))
    rows = _below(session, key, Consent, Consent.id, Consent.sent_at, Consent.opened_at, Consent.valid_until,
                  Consent.withdrawn_at, Consent.superseded_at, Consent.declined_at)
    return tuple(ConsentFacts(*[*row, tuple(named[row[0]])]) for row in rows)


def _next(session: Session, key: Key, facts: PlanFacts, now: datetime) -> datetime | None:
    """When the clock must come to the plan: rights change, or somebody is to be reminded."""
    days = session.scalars(select(Municipality.reminder_days).where(
        Municipality.municipality_id == key[0])).one()
    due = (one.due for one in reminders(facts, days))
    return min((m for m in (*moments(facts), *due) if m and m > now), default=None)


def regrant(session: Session, key: Key, now: datetime, *, come: bool) -> None:
    """Supersedes a plan's rows that are no longer true and adds the new ones, all at one recorded time.

    That is `now`, or later where one whose clock was ahead has written while this one waited for the plan.
    A moment that has passed stays the plan's next until the clock has `come` to it: rights need no clock, but
    the services that must hear of an end do."""
    facts = facts_of(session, key)
    wanted = set(grants(facts))
    plan = session.get_one(Plan, key)
    plan.protected = facts.protected
    if come or plan.next_change_at is None or plan.next_change_at > now:
        plan.next_change_at = _next(session, key, facts, now)
    kept = session.scalars(select(AccessGrant).where(
        AccessGrant.municipality_id == key[0], AccessGrant.plan_id == key[1],
        AccessGrant.superseded_at.is_(None)).execution_options(populate_existing=True)).all()
    recorded = max([now, *(row.recorded_at for row in kept)])
    for row in kept:
        said = Grant(row.person_id, Decision(Right(row.mask), row.because, row.withheld, row.consent_id,
                                              Right(row.absent)), row.valid_from, row.valid_until)
        if said in wanted:
            wanted.remove(said)
        else:
            row.superseded_at = recorded
    session.add_all(AccessGrant(
        municipality_id=key[0], plan_id=key[1], person_id=g.person, mask=int(g.decision.mask),
        valid_from=g.since, valid_until=g.until, because=g.decision.because, withheld=g.decision.withheld,
        consent_id=g.decision.consent, absent=int(g.decision.absent), recorded_at=recorded) for g in wanted)
