"""PDFs beside a consent: uploaded, named once by the one who uploaded them, and kept; or swept away."""
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, func, select

from db.engine import Writing
from db.rules.document import KEPT, check_waiting
from db.rules.errors import Refused
from db.rules.words import DocumentKind
from db.seal import Seal
from db.tables.consent import Consent
from db.tables.document import ConsentDocument, Upload
from db.write.find import Who

SEALED_AS = "consent_document.sealed"


@dataclass(frozen=True)
class Paper:
    """A signed form, as it was uploaded."""
    signer: UUID
    signed_on: date
    upload: UUID


async def keep(session: Writing, who: Who, seal: Seal, pdf: bytes) -> Upload:
    """An upload, sealed. Refused where too many of the same person's wait."""
    check_waiting(await session.scalar(select(func.count()).select_from(Upload).where(
        Upload.municipality_id == who.municipality, Upload.person_id == who.person,
        Upload.uploaded_at > who.now - KEPT)) or 0)
    made = Upload(municipality_id=who.municipality, person_id=who.person, uploaded_at=who.now,
                  sha256=sha256(pdf).hexdigest(), sealed=seal.close(pdf, SEALED_AS))
    session.add(made)
    await session.flush()
    return made


async def attach(session: Writing, who: Who, consent: Consent, paper: Paper) -> None:
    """The upload becomes the consent's: for its uploader, within a day, and once, whoever else asks for it
    at the same time."""
    taken = (await session.execute(delete(Upload).where(
        Upload.municipality_id == who.municipality, Upload.id == paper.upload,
        Upload.person_id == who.person, Upload.uploaded_at > who.now - KEPT,
    ).returning(Upload.uploaded_at, Upload.sha256, Upload.sealed))).one_or_none()
    if taken is None:
        raise Refused("NOT_FOUND", "paper")
    session.add(ConsentDocument(
        municipality_id=who.municipality, plan_id=consent.plan_id, consent_id=consent.id,
        signer_id=paper.signer, by_id=who.person, kind=DocumentKind.PAPER, made_at=taken.uploaded_at,
        signed_on=paper.signed_on, sha256=taken.sha256, sealed=taken.sealed))


async def form(session: Writing, who: Who, consent: Consent) -> ConsentDocument | None:
    """The consent as it was signed, if it has been made."""
    return (await session.scalars(select(ConsentDocument).where(
        ConsentDocument.municipality_id == who.municipality, ConsentDocument.consent_id == consent.id,
        ConsentDocument.kind == DocumentKind.SIGNED_FORM))).one_or_none()


def keep_form(session: Writing, who: Who, seal: Seal, consent: Consent, pdf: bytes) -> None:
    session.add(ConsentDocument(
        municipality_id=who.municipality, plan_id=consent.plan_id, consent_id=consent.id,
        kind=DocumentKind.SIGNED_FORM, made_at=who.now, sha256=sha256(pdf).hexdigest(),
        sealed=seal.close(pdf, SEALED_AS)))


def opened(seal: Seal, kept: ConsentDocument) -> bytes:
    """The PDF itself."""
    return seal.open(kept.sealed, SEALED_AS)


async def forget(session: Writing, now: datetime) -> None:
    """Drops the uploads whose day is over."""
    await session.execute(delete(Upload).where(Upload.uploaded_at < now - KEPT))
