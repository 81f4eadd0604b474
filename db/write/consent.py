"""Consents: drafted, sent, signed, declined and withdrawn; a version that was sent is never changed."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from db.engine import Writing
from db.rules.consent import ConsentTimes, Form, form_hash
from db.rules.rights import NOTHING, Right
from db.rules.words import SigningMethod
from db.tables.consent import Consent, ConsentName, ConsentSignature, ConsentTemplate
from db.tables.plan import Plan
from db.write.find import NOBODY, Who


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
    names = tuple((name.person or name.unit or NOBODY, int(name.held_back), name.whereabouts)
                  for name in wanted.names)
    form = Form(wanted.text, wanted.language, wanted.valid_from, wanted.valid_until, names)
    made = Consent(municipality_id=who.municipality, plan_id=plan.id, text=form.text, language=form.language,
                   hash=form_hash(form), valid_from=form.valid_from, valid_until=form.valid_until)
    session.add(made)
    return made


def name(session: Writing, who: Who, consent: Consent, names: Sequence[NameDraft]) -> None:
    """Whom the consent names; the consent itself must have been flushed."""
    session.add_all(ConsentName(
        municipality_id=who.municipality, plan_id=consent.plan_id, consent_id=consent.id, person_id=n.person,
        unit_id=n.unit, held_back=int(n.held_back), whereabouts=n.whereabouts) for n in names)


async def names_of(session: Writing, who: Who, consent: Consent) -> tuple[NameDraft, ...]:
    """Whom a consent names, as they would be drafted anew."""
    rows = await session.scalars(select(ConsentName).where(
        ConsentName.municipality_id == who.municipality, ConsentName.consent_id == consent.id,
    ).order_by(ConsentName.id))
    return tuple(NameDraft(n.person_id, n.unit_id, Right(n.held_back), n.whereabouts) for n in rows)


def send(session: Writing, who: Who, consent: Consent, signers: frozenset[UUID]) -> None:
    consent.sent_at = who.now
    session.add_all(ConsentSignature(
        municipality_id=who.municipality, plan_id=consent.plan_id, consent_id=consent.id, person_id=signer)
        for signer in sorted(signers))


async def signatures(session: Writing, who: Who, consent: Consent) -> dict[UUID, ConsentSignature]:
    """The required signers with their signatures, read anew."""
    found = await session.scalars(select(ConsentSignature).where(
        ConsentSignature.municipality_id == who.municipality,
        ConsentSignature.consent_id == consent.id).execution_options(populate_existing=True))
    return {signature.person_id: signature for signature in found}


def sign(who: Who, consent: Consent, signature: ConsentSignature, method: SigningMethod,
         transaction: str) -> None:
    signature.signed_at, signature.method = who.now, method
    signature.hash, signature.transaction = consent.hash, transaction


async def put_in_force(session: Writing, who: Who, consent: Consent, opens: datetime) -> None:
    """From the moment that it opens it replaces the one before, without a gap."""
    consent.opened_at = opens
    earlier = await session.scalars(select(Consent).where(
        Consent.municipality_id == who.municipality, Consent.plan_id == consent.plan_id,
        Consent.id != consent.id, Consent.opened_at.is_not(None), Consent.withdrawn_at.is_(None),
        or_(Consent.superseded_at.is_(None), Consent.superseded_at > opens)))
    for old in earlier:
        if old.valid_until > opens:
            old.superseded_at = opens


async def withdraw(session: Writing, who: Who, consent: Consent, *, others: bool) -> None:
    """Ends it now. With one in force go the `others` that wait for signatures or for their period: a door
    that somebody has just shut must not open again by what was signed before."""
    if consent.opened_at is not None and consent.opened_at > who.now:
        replaced = await session.scalars(select(Consent).where(
            Consent.municipality_id == who.municipality, Consent.plan_id == consent.plan_id,
            Consent.superseded_at == consent.opened_at))
        for earlier in replaced:
            earlier.superseded_at = None  # what would have replaced it never comes
    consent.withdrawn_at = who.now
    if others:
        waiting = await session.scalars(select(Consent).where(
            Consent.municipality_id == who.municipality, Consent.plan_id == consent.plan_id,
            Consent.sent_at.is_not(None), Consent.declined_at.is_(None), Consent.withdrawn_at.is_(None),
            or_(Consent.opened_at.is_(None), Consent.opened_at > who.now)))
        for later in waiting:
            later.withdrawn_at = who.now


def times(consent: Consent) -> ConsentTimes:
    return ConsentTimes(consent.valid_until, consent.sent_at, consent.opened_at, consent.declined_at,
                        consent.withdrawn_at, consent.superseded_at)


async def template(session: Writing, who: Who, key: UUID) -> ConsentTemplate | None:
    return await session.get(ConsentTemplate, (who.municipality, key))


async def any_sent(session: Writing, who: Who, plan: Plan) -> bool:
    """Whether a form of this plan has ever gone out for signing."""
    return await session.scalar(select(Consent.id).where(
        Consent.municipality_id == who.municipality, Consent.plan_id == plan.id,
        Consent.sent_at.is_not(None)).limit(1)) is not None
