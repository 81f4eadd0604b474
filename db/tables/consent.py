"""A consent in its languages, the signatures it needs, whom it names and what it holds back."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    Select,
    UniqueConstraint,
    and_,
    case,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.rules.words import AccessLevel, ConsentState, SigningMethod
from db.tables.consent_template import direction_of
from db.tables.document import ConsentDocument
from db.tables.grant import NONE, elements
from db.tables.held import Asking, Base, Made, Row, allows, computed, held, link, made
from db.tables.person import Person
from db.tables.unit import Unit

BY_BANKID: ColumnElement[bool] = literal_column("method = 'BANKID'")


class ConsentSignature(Base):
    """One required signer, and the signature when it has come."""
    __tablename__ = "consent_signature"
    __right__ = Right.CONSENT_READ
    __table_args__ = (
        UniqueConstraint("municipality_id", "consent_id", "person_id"),
        Index("consent_signature_plan_id_idx", "municipality_id", "plan_id"),
        # One sign-in confirms one form, whatever tokens it is turned into. Across municipalities as well.
        Index("consent_signature_one_token", "transaction", unique=True, postgresql_where=BY_BANKID),
        Index("consent_signature_one_sign_in", "municipality_id", "person_id", "signed_in_at", unique=True))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    consent_id: Mapped[UUID] = held(Right.NEVER, to="consent")
    person_id: Mapped[UUID] = held(Right.NEVER, to="person")
    signed_at: Mapped[datetime | None] = held(Right.CONSENT_READ)
    method: Mapped[SigningMethod | None] = held(Right.CONSENT_READ)
    language: Mapped[str | None] = held(Right.CONSENT_READ)
    hash: Mapped[str | None] = held(Right.CONSENT_READ)  # of the text that was read and signed
    transaction: Mapped[str | None] = held(Right.CONSENT_READ)  # the issuer and its id of the sign-in
    signed_in_at: Mapped[datetime | None] = held(Right.NEVER)
    person: Mapped[Person] = link("ConsentSignature.person_id")


class ConsentRestriction(Made):
    """What a consent holds back of one element from one that it names: a reading of the mask."""
    __right__ = Right.CONSENT_READ
    __order__ = "element"
    shown = ("element",)

    @classmethod
    def rows(cls, asking: Asking, above: Any) -> Select[Any]:  # noqa: ARG003
        element = elements("restricted")
        restricted = above.held_back.bitwise_and(element.c.writable) != NONE
        rows = select(element.c.element, element.c.readable, above.held_back.label("held_back"))
        return rows.select_from(element).where(restricted).correlate_except(element)

    @computed(Right.CONSENT_READ, tells=("consent_name.held_back",))
    def level(row: Any, asking: Asking) -> ColumnElement[Any]:
        """The most that is left: nothing, or reading."""
        return case((row.held_back.bitwise_and(row.readable) != NONE, AccessLevel.NONE.value),
                    else_=AccessLevel.READ.value)


class ConsentName(Base):
    """A person or a whole service that the consent names."""
    __tablename__ = "consent_name"
    __right__ = Right.CONSENT_READ
    __table_args__ = (CheckConstraint("(person_id is null) <> (unit_id is null)", name="consent_name_one"),
                      Index("consent_name_consent_id_idx", "municipality_id", "consent_id", "id"),
                      Index("consent_name_plan_id_idx", "municipality_id", "plan_id"))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    consent_id: Mapped[UUID] = held(Right.NEVER, to="consent")
    person_id: Mapped[UUID | None] = held(Right.NEVER, to="person")
    unit_id: Mapped[UUID | None] = held(Right.NEVER, to="unit")
    held_back: Mapped[int] = held(Right.NEVER, default=0)  # a mask of rights
    whereabouts: Mapped[bool] = held(Right.CONSENT_READ, default=False)
    restrictions = made(ConsentRestriction)
    person: Mapped[Person | None] = link("ConsentName.person_id")
    unit: Mapped[Unit | None] = link("ConsentName.unit_id", Right.WHEREABOUTS)

    @staticmethod
    def visible(row: Any, asking: Asking) -> ColumnElement[bool]:
        return as_its_consent(row, asking)


class ConsentText(Base):
    """The form in one language; whoever signs has chosen one of them."""
    __tablename__ = "consent_text"
    __right__ = Right.CONSENT_READ
    __order__ = "language"
    __table_args__ = (UniqueConstraint("municipality_id", "consent_id", "language"),
                      Index("consent_text_hash_idx", "municipality_id", "hash"),
                      Index("consent_text_plan_id_idx", "municipality_id", "plan_id"))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    consent_id: Mapped[UUID] = held(Right.NEVER, to="consent")
    language: Mapped[str] = held(Right.CONSENT_READ)
    text: Mapped[str] = held(Right.CONSENT_READ)
    hash: Mapped[str] = held(Right.CONSENT_READ)  # SHA-256, hexadecimal, of the whole form: rules/consent

    @computed(Right.CONSENT_READ)
    def direction(row: Any, asking: Asking) -> ColumnElement[Any]:
        return direction_of(row.language)

    @staticmethod
    def visible(row: Any, asking: Asking) -> ColumnElement[bool]:
        return as_its_consent(row, asking)


def as_its_consent(row: Any, asking: Asking) -> ColumnElement[bool]:
    """Whether a row is shown by the rule of the consent that it stands in."""
    consent = Row(Consent, "consent")
    sent: Select[Any] = select(literal_column("1")).select_from(Consent.__table__).where(
        consent.municipality_id == row.municipality_id, consent.id == row.consent_id,
        consent.sent_at.is_not(None))
    return or_(allows(Right.CONSENT_WRITE, asking), sent.exists())


def between_them(row: Any, asking: Asking) -> ColumnElement[bool]:  # noqa: ARG001  of every row
    """Which of the family said no is between them and the stafettholder, whoever else reads consents."""
    return or_(allows(Right.ACCESS_LOG_READ, asking), allows(Right.CONSENT_WRITE, asking))


class Consent(Base):
    """One version of a plan's consent form.

    Its state follows from its times, so expiry needs no job to be true."""
    __tablename__ = "consent"
    __right__ = Right.CONSENT_READ
    __table_args__ = (CheckConstraint("valid_from < valid_until", name="consent_period"),
                      Index("consent_plan_id_idx", "municipality_id", "plan_id", "id"))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    valid_from: Mapped[datetime] = held(Right.CONSENT_READ)
    valid_until: Mapped[datetime] = held(Right.CONSENT_READ)
    sent_at: Mapped[datetime | None] = held(Right.CONSENT_READ)
    opened_at: Mapped[datetime | None] = held(Right.CONSENT_READ)  # the last signature; valid_from if later
    declined_at: Mapped[datetime | None] = held(Right.CONSENT_READ)
    withdrawn_at: Mapped[datetime | None] = held(Right.CONSENT_READ)
    superseded_at: Mapped[datetime | None] = held(Right.CONSENT_READ)
    ended_by_id: Mapped[UUID | None] = held(Right.NEVER, to="person")  # who declined or withdrew
    entered_by_id: Mapped[UUID | None] = held(Right.NEVER, to="person")  # who wrote that down, if another did
    ended_by: Mapped[Person | None] = link("Consent.ended_by_id", Right.CONSENT_READ, between_them)
    entered_by: Mapped[Person | None] = link("Consent.entered_by_id", Right.CONSENT_READ, between_them)
    texts: Mapped[list[ConsentText]] = link("ConsentText.consent_id")
    signatures: Mapped[list[ConsentSignature]] = link("ConsentSignature.consent_id")
    names: Mapped[list[ConsentName]] = link("ConsentName.consent_id")
    documents: Mapped[list[ConsentDocument]] = link("ConsentDocument.consent_id")

    @staticmethod
    def visible(row: Any, asking: Asking) -> ColumnElement[bool]:
        """A draft is nobody's business but theirs who write it."""
        return or_(row.sent_at.is_not(None), allows(Right.CONSENT_WRITE, asking))

    @computed(Right.CONSENT_READ)
    def state(row: Any, asking: Asking) -> ColumnElement[Any]:
        """`rules.consent.state`, said in SQL."""
        now = asking.now
        return case(
            (row.declined_at <= now, ConsentState.DECLINED.value),
            (row.withdrawn_at <= now, ConsentState.WITHDRAWN.value),
            (row.superseded_at <= now, ConsentState.SUPERSEDED.value),
            (and_(row.sent_at <= now, row.valid_until <= now), ConsentState.EXPIRED.value),
            (row.opened_at <= now, ConsentState.IN_FORCE.value),
            (row.sent_at <= now, ConsentState.SENT.value),
            else_=ConsentState.DRAFT.value)


def in_force(consent: Any, asking: Asking) -> ColumnElement[bool]:
    """Whether a row of consent holds now."""
    return and_(consent.opened_at <= asking.now, consent.valid_until > asking.now,
                or_(consent.withdrawn_at.is_(None), consent.withdrawn_at > asking.now),
                or_(consent.superseded_at.is_(None), consent.superseded_at > asking.now))
