"""Consents: drafted, sent, signed, declined and withdrawn; a version that was sent is never changed."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from db.engine import Writing
from db.rules.consent import ConsentTimes, Form, form_hash
from db.rules.rights import NOTHING, Right
from db.rules.signing import Proof
from db.tables.consent import Consent, ConsentName, ConsentSignature, ConsentText
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
class TextDraft:
    """The form in one language."""
    language: str
    text: str


@dataclass(frozen=True)
class ConsentDraft:
    texts: tuple[TextDraft, ...]
    valid_from: datetime
    valid_until: datetime
    names: tuple[NameDraft, ...]


async def draft(session: Writing, who: Who, plan: Plan, wanted: ConsentDraft) -> Consent:
    """A new version with its texts and whom it names."""
    made = Consent(municipality_id=who.municipality, plan_id=plan.id, valid_from=wanted.valid_from,
                   valid_until=wanted.valid_until)
    session.add(made)
    await session.flush()
    session.add_all(ConsentText(
        municipality_id=who.municipality, plan_id=plan.id, consent_id=made.id, language=t.language,
        text=t.text, hash=form_hash(_form(made.id, t, wanted))) for t in wanted.texts)
    session.add_all(ConsentName(
        municipality_id=who.municipality, plan_id=plan.id, consent_id=made.id, person_id=n.person,
        unit_id=n.unit, held_back=int(n.held_back), whereabouts=n.whereabouts) for n in wanted.names)
    return made


def _form(consent: UUID, text: TextDraft, of: ConsentDraft) -> Form:
    names = tuple((n.person or n.unit or NOBODY, int(n.held_back), n.whereabouts) for n in of.names)
    return Form(consent, text.text, text.language, of.valid_from, of.valid_until, names)


async def texts(session: Writing, who: Who, consent: Consent) -> Sequence[ConsentText]:
    """The form in all its languages."""
    return (await session.scalars(select(ConsentText).where(
        ConsentText.municipality_id == who.municipality, ConsentText.consent_id == consent.id,
    ).order_by(ConsentText.language))).all()


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


def sign(who: Who, signature: ConsentSignature, text: ConsentText, proof: Proof) -> None:
    signature.signed_at, signature.method, signature.transaction = who.now, proof.method, proof.transaction
    signature.signed_in_at = proof.signed_in_at
    signature.language, signature.hash = text.language, text.hash


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


def decline(who: Who, consent: Consent, by: UUID) -> None:
    consent.declined_at = who.now
    _ended(who, consent, by)


def _ended(who: Who, consent: Consent, by: UUID) -> None:
    """Whose word it was, and who wrote it down where that was another."""
    consent.ended_by_id, consent.entered_by_id = by, None if by == who.person else who.person


async def withdraw(session: Writing, who: Who, consent: Consent, by: UUID, *, others: bool) -> None:
    """Ends it now. With one in force go the `others` that wait for signatures or for their period: a door
    that somebody has just shut must not open again by what was signed before."""
    if consent.opened_at is not None and consent.opened_at > who.now:
        replaced = await session.scalars(select(Consent).where(
            Consent.municipality_id == who.municipality, Consent.plan_id == consent.plan_id,
            Consent.superseded_at == consent.opened_at))
        for earlier in replaced:
            earlier.superseded_at = None  # what would have replaced it never comes
    consent.withdrawn_at = who.now
    _ended(who, consent, by)
    if others:
        waiting = await session.scalars(select(Consent).where(
            Consent.municipality_id == who.municipality, Consent.plan_id == consent.plan_id,
            Consent.sent_at.is_not(None), Consent.declined_at.is_(None), Consent.withdrawn_at.is_(None),
            or_(Consent.opened_at.is_(None), Consent.opened_at > who.now)))
        for later in waiting:
            later.withdrawn_at = who.now
            _ended(who, later, by)


def times(consent: Consent) -> ConsentTimes:
    return ConsentTimes(consent.valid_until, consent.sent_at, consent.opened_at, consent.declined_at,
                        consent.withdrawn_at, consent.superseded_at)


async def any_sent(session: Writing, who: Who, plan: Plan) -> bool:
    """Whether a form of this plan has ever gone out for signing."""
    return await session.scalar(select(Consent.id).where(
        Consent.municipality_id == who.municipality, Consent.plan_id == plan.id,
        Consent.sent_at.is_not(None)).limit(1)) is not None
