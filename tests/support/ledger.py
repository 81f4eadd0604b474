"""The stored ledger of a plan beside the calendar that the rule makes of its facts, and facts to change."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.gate.ledger import facts_of
from db.rules.grant import Decision, Grant, PlanFacts, grants
from db.rules.rights import Element, Right
from db.rules.words import PlanType, Role
from db.tables.consent import ConsentName
from db.tables.grant import AccessGrant
from db.tables.participant import Participant
from db.tables.person import Person
from db.tables.plan_template import ElementSwitch
from tests.support.asking import NOW, Asking


@dataclass(frozen=True)
class Entry:
    """A row: the grant, and since when and until when the hub has said so."""
    grant: Grant
    recorded: datetime
    superseded: datetime | None

    def told(self, at: datetime) -> bool:
        """Whether the ledger said this, at that moment, of that moment."""
        known = self.recorded <= at and (self.superseded is None or at < self.superseded)
        return known and self.grant.since <= at and (self.grant.until is None or at < self.grant.until)


@dataclass(frozen=True)
class Ledger:
    facts: PlanFacts
    entries: tuple[Entry, ...]

    @property
    def kept(self) -> list[Grant]:
        """The rows that hold."""
        return in_order(entry.grant for entry in self.entries if entry.superseded is None)

    @property
    def calendar(self) -> list[Grant]:
        """What the rows should be."""
        return in_order(grants(self.facts))

    def said(self, at: datetime) -> list[Grant]:
        """What the ledger said at a moment of that moment; later records change nothing of it."""
        return in_order(entry.grant for entry in self.entries if entry.told(at))


def in_order(found: Iterable[Grant]) -> list[Grant]:
    return sorted(found, key=lambda grant: (grant.person, grant.since))


async def ledger(asking: Asking) -> Ledger:
    """Of the cast's plan."""
    return (await ledgers(asking, [asking.town.plan]))[asking.town.plan]


async def ledgers(asking: Asking, plans: Iterable[UUID]) -> dict[UUID, Ledger]:
    def read(session: Session, plan: UUID) -> Ledger:
        key = asking.town.municipality, plan
        rows = session.scalars(select(AccessGrant).where(
            AccessGrant.municipality_id == key[0], AccessGrant.plan_id == key[1]))
        entries = tuple(Entry(grant_of(row), row.recorded_at, row.superseded_at) for row in rows)
        return Ledger(facts_of(session, key), entries)
    async with asking.writer(asking.now) as session:
        return {plan: await session.run_sync(read, plan) for plan in plans}


def grant_of(row: AccessGrant) -> Grant:
    decision = Decision(Right(row.mask), row.because, row.withheld, row.consent_id,
                        Right(row.absent))
    return Grant(row.person_id, decision, row.valid_from, row.valid_until)


def person(session: Session, asking: Asking, part: str) -> Person:
    return session.get_one(Person, (asking.town.municipality, asking.town.persons[part]))


def newest(session: Session, asking: Asking, noun: Any, *where: Any) -> Any:
    """The newest row of the cast's plan that meets all."""
    meeting = select(noun).where(noun.plan_id == asking.town.plan, *where)
    return session.scalars(meeting.order_by(noun.id.desc())).first()


def taking_part(asking: Asking, part: str, role: Role = Role.PROVIDER) -> Participant:
    return Participant(municipality_id=asking.town.municipality, plan_id=asking.town.plan, role=role,
                       person_id=asking.town.persons[part], since=NOW, accepted_at=NOW,
                       must_declare=False)


def names(asking: Asking, part: str) -> ConsentName:
    """That the consent in force names one more, who does not take part."""
    town = asking.town
    return ConsentName(municipality_id=town.municipality, plan_id=town.plan, consent_id=town.consent,
                       person_id=town.persons[part], held_back=0)


def switched(asking: Asking, *, on: bool = True) -> ElementSwitch:
    """Mapping, of which the cast's plan has none until then."""
    return ElementSwitch(municipality_id=asking.town.municipality, plan_type=PlanType.STAFETTLOGG,
                         element=Element.MAPPING, is_on=on, since=asking.now)
