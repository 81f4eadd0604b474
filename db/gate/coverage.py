"""Which services take part in a plan under the consent in force: whom a record that there is one is for."""
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from db.rules.words import Role
from db.tables.consent import Consent, ConsentName, in_force
from db.tables.held import Asking
from db.tables.participant import Participant, has_begun
from db.tables.unit import Unit


def taking_part(plan: Any, asking: Asking) -> Select[UUID, str | None]:
    """The units, each as often as it has parts, and the targets of their fagsystemer, if they have any.

    As `rules.grant.consent_adds`: whom the consent names, and who held the baton when it was asked for."""
    consent = holding(plan, asking)
    named = select(ConsentName.id).join(Consent, and_(
        Consent.municipality_id == ConsentName.municipality_id, Consent.id == ConsentName.consent_id)).where(
        consent,
        or_(ConsentName.person_id == Participant.person_id, ConsentName.unit_id == Participant.unit_id))
    known = select(Consent.id).where(consent, Participant.since <= Consent.sent_at)  # when they were asked
    holds = Participant.role == Role.STAFETTHOLDER
    there = (Participant.municipality_id == Unit.municipality_id) & (Participant.unit_id == Unit.id)
    return select(Unit.id, Unit.fagsystem).join(Participant, there).where(
        Participant.municipality_id == asking.municipality, Participant.plan_id == plan,
        has_begun(Participant, asking), Participant.since <= asking.now,
        or_(Participant.until.is_(None), Participant.until > asking.now),
        or_(holds, Participant.role == Role.PROVIDER), or_(named.exists(), holds & known.exists()))


def holding(plan: Any, asking: Asking) -> ColumnElement[bool]:
    """Whether a row of consent is the plan's that is in force."""
    return and_(Consent.municipality_id == asking.municipality, Consent.plan_id == plan,
                in_force(Consent, asking))
