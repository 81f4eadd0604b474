"""Consents: drafted, sent, signed, declined and withdrawn; a version that was sent is never changed."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from db.engine import Writing
from db.rules.consent import ConsentTimes, text_hash
from db.rules.rights import NOTHING, Right
from db.rules.words import SigningMethod
from db.tables.consent import Consent, ConsentName, ConsentSignature, ConsentTemplate
from db.tables.plan import Plan
from db.write.find import Who


@dataclass(frozen=True)
class NameDraft:
    """Whom a consent names, one person or one service, and what it holds back."""
    person: UUID | None
    unit: UUID | None
    held_back: Right = NOTHING
    whereabouts: bool = False


@dataclass(frozen=True)
class ConsentDraft:
    text: str
    language: str
    valid_from: datetime
    valid_until: datetime
    names: tuple[NameDraft, ...]


def draft(session: Writing, who: Who, plan: Plan, wanted: ConsentDraft) -> Consent:
    made = Consent(municipality_id=who.municipality, plan_id=plan.id, text=wanted.text,
                   language=wanted.language,
                   valid_from=wanted.valid_from, valid_until=wanted.valid_until)
    session.add(made)
    return made


def name(session: Writing, who: Who, consent: Consent, names: Sequence[NameDraft]) -> None:
    """Whom the consent names; the consent itself must have been flushed."""
    session.add_all(ConsentName(
        municipality_id=who.municipality, plan_id=consent.plan_id, consent_id=consent.id, person_id=n.person,
        unit_id=n.unit, held_back=int(n.held_back), whereabouts=n.whereabouts) for n in names)


def send(session: Writing, who: Who, consent: Consent, signers: frozenset[UUID]) -> None:
    consent.sent_at = who.now
    session.add_all(ConsentSignature(municipality_id=who.municipality, plan_id=consent.plan_id,
                                     consent_id=consent.id,
                                     person_id=signer) for signer in sorted(signers))


async def signatures(session: Writing, who: Who, consent: Consent) -> dict[UUID, ConsentSignature]:
    """The required signers with their signatures, read anew."""
    found = await session.scalars(select(ConsentSignature).where(
        ConsentSignature.municipality_id == who.municipality, ConsentSignature.consent_id == consent.id,
    ).execution_options(populate_existing=True))
    return {signature.person_id: signature for signature in found}


def sign(who: Who, consent: Consent, signature: ConsentSignature, method: SigningMethod,
         transaction: str) -> None:
    signature.signed_at, signature.method = who.now, method
    signature.text_hash, signature.transaction = text_hash(consent.text), transaction


async def put_in_force(session: Writing, who: Who, consent: Consent, opens: datetime) -> None:
    """From the moment that it opens it replaces the one before, without a gap."""
    consent.opened_at = opens
    earlier = await session.scalars(select(Consent).where(
        Consent.municipality_id == who.municipality, Consent.plan_id == consent.plan_id,
        Consent.id != consent.id,
        Consent.opened_at.is_not(None), Consent.withdrawn_at.is_(None), Consent.superseded_at.is_(None)))
    for old in earlier:
        if old.valid_until > opens:
            old.superseded_at = opens


async def withdraw(session: Writing, who: Who, consent: Consent, *, others: bool) -> None:
    """Ends it now. With one in force go the `others` that wait for signatures or for their period:
    a door that
    somebody has just shut must not open again by what was signed before."""
    consent.withdrawn_at = who.now
    if others:
        for later in await session.scalars(select(Consent).where(
                Consent.municipality_id == who.municipality, Consent.plan_id == consent.plan_id,
                Consent.sent_at.is_not(None), Consent.declined_at.is_(None), Consent.withdrawn_at.is_(None),
                or_(Consent.opened_at.is_(None), Consent.opened_at > who.now))):
            later.withdrawn_at = who.now


def times(consent: Consent) -> ConsentTimes:
    return ConsentTimes(consent.valid_until, consent.sent_at, consent.opened_at, consent.declined_at,
                        consent.withdrawn_at, consent.superseded_at)


async def template(session: Writing, who: Who, key: UUID) -> ConsentTemplate | None:
    return await session.get(ConsentTemplate, (who.municipality, key))
