"""The PDFs that stand beside a consent, sealed; and what has been uploaded and nothing names yet."""
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.rules.words import DocumentKind
from db.tables.held import Base, held, link
from db.tables.person import Person


class Upload(Base):
    """A PDF that waits for the act that names it; its uploader's alone, for a day."""
    __tablename__ = "upload"
    __right__ = Right.NEVER
    __table_args__ = (Index("upload_person_id_idx", "municipality_id", "person_id"),)
    person_id: Mapped[UUID] = held(Right.NEVER, to="person")
    uploaded_at: Mapped[datetime] = held(Right.NEVER, index=True)
    sha256: Mapped[str] = held(Right.NEVER)
    sealed: Mapped[bytes] = held(Right.NEVER)


class ConsentDocument(Base):
    """One PDF, never changed: a form that somebody has signed on paper, or the form as all have signed it."""
    __tablename__ = "consent_document"
    __right__ = Right.CONSENT_READ
    __table_args__ = (Index("consent_document_consent_id_idx", "municipality_id", "consent_id", "id"),
                      Index("consent_document_plan_id_idx", "municipality_id", "plan_id"),
                      Index("consent_document_sha256_idx", "municipality_id", "sha256"))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    consent_id: Mapped[UUID] = held(Right.NEVER, to="consent")
    signer_id: Mapped[UUID | None] = held(Right.NEVER, to="person")
    by_id: Mapped[UUID | None] = held(Right.NEVER, to="person")
    kind: Mapped[DocumentKind] = held(Right.CONSENT_READ)
    made_at: Mapped[datetime] = held(Right.CONSENT_READ)
    signed_on: Mapped[date | None] = held(Right.CONSENT_READ)  # the day on the paper
    sha256: Mapped[str] = held(Right.CONSENT_READ)  # of the PDF, hexadecimal
    sealed: Mapped[bytes] = held(Right.NEVER)
    signer: Mapped[Person | None] = link("ConsentDocument.signer_id")
    by: Mapped[Person | None] = link("ConsentDocument.by_id")
