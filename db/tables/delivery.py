"""What is told to other systems and by notices to people, and every attempt to tell it."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Index,
    Integer,
    Select,
    UniqueConstraint,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from db.rules.delivery import CancelReason, DeliveryFault, DeliveryState, FactKind, RecordState
from db.rules.rights import Right
from db.rules.words import ArchiveTrigger, Channel, NoticeKind
from db.tables.held import Asking, Base, Row, allows, held, link
from db.tables.person import Person
from db.tables.unit import Unit


def of_a_version(delivery: Any, asking: Asking) -> ColumnElement[bool]:  # noqa: ARG001  nobody is asked
    return delivery.kind == literal_column(f"'{FactKind.ARCHIVED}'")  # type: ignore[no-any-return]


class DeliveryAttempt(Base):
    __tablename__ = "delivery_attempt"
    __right__ = Right.DELIVERIES
    __order__ = "number"
    __table_args__ = (UniqueConstraint("municipality_id", "delivery_id", "number"),
                      Index("delivery_attempt_plan_id_idx", "municipality_id", "plan_id"),
                      Index("delivery_attempt_started", "municipality_id", "started_at"))
    plan_id: Mapped[UUID | None] = held(Right.NEVER, to="plan")
    delivery_id: Mapped[UUID] = held(Right.NEVER, to="delivery")
    number: Mapped[int] = held(Right.DELIVERIES, Integer)
    started_at: Mapped[datetime] = held(Right.DELIVERIES)
    milliseconds: Mapped[int | None] = held(Right.DELIVERIES, Integer)
    fault: Mapped[DeliveryFault | None] = held(Right.DELIVERIES)
    answer: Mapped[str | None] = held(Right.DELIVERIES)  # redacted: never an echo of what was sent

    @staticmethod
    def visible(row: Any, asking: Asking) -> ColumnElement[bool]:
        """As the delivery that it is of."""
        told = Row(Delivery, "delivery")
        to_system: Select[Any] = select(literal_column("1")).select_from(Delivery.__table__).where(
            told.municipality_id == row.municipality_id, told.id == row.delivery_id,
            told.recipient_id.is_(None))
        return or_(allows(Right.ADMINISTRATION_READ, asking), to_system.exists())


class Delivery(Base):
    """One fact for one target; its id is the fact's and stays the same over all attempts.

    Only a notice of an alert, or of tasks, has no plan."""
    __tablename__ = "delivery"
    __right__ = Right.DELIVERIES
    __table_args__ = (
        UniqueConstraint("municipality_id", "plan_id", "target", "seq", postgresql_nulls_not_distinct=True),
        Index("delivery_waiting", "municipality_id", "plan_id", "target", "seq",
              postgresql_where=text("state not in ('CONFIRMED', 'CANCELLED', 'EXPIRED')")),
        Index("delivery_under_way", "target", postgresql_where=text("state = 'SENT'")),
        Index("delivery_archived", "municipality_id", "plan_id", postgresql_where=text("kind = 'ARCHIVED'")))
    plan_id: Mapped[UUID | None] = held(Right.NEVER, to="plan")
    alert_id: Mapped[UUID | None] = held(Right.NEVER, to="alert")
    unit_id: Mapped[UUID | None] = held(Right.NEVER, to="unit")  # whose fagsystem is told; null: the archive
    recipient_id: Mapped[UUID | None] = held(Right.NEVER, to="person")  # of a notice; an address is not kept
    notice: Mapped[NoticeKind | None] = held(Right.DELIVERIES)  # what it is about
    channel: Mapped[Channel | None] = held(Right.DELIVERIES)
    target: Mapped[str] = held(Right.DELIVERIES)
    seq: Mapped[int] = held(Right.DELIVERIES, Integer)
    kind: Mapped[FactKind] = held(Right.DELIVERIES)
    state: Mapped[DeliveryState] = held(Right.DELIVERIES)
    ordered_at: Mapped[datetime] = held(Right.DELIVERIES)
    ordered_by: Mapped[UUID | None] = held(Right.NEVER, to="person")
    trigger: Mapped[ArchiveTrigger | None] = held(Right.DELIVERIES)
    version: Mapped[int | None] = held(Right.DELIVERIES, Integer)  # of the archived plan: 1, 2, …
    elements: Mapped[int | None] = held(Right.NEVER)  # a mask: what is chosen for the archive
    whole: Mapped[bool | None] = held(Right.NEVER)  # all that was chosen for the type when it was ordered
    revision: Mapped[int | None] = held(Right.NEVER)  # of the archived plan, when it was ordered
    attempt_count: Mapped[int] = held(Right.DELIVERIES, Integer, default=0)
    next_attempt_at: Mapped[datetime | None] = held(Right.DELIVERIES)
    turn_at: Mapped[datetime | None] = held(Right.NEVER)  # where its target takes only so many a minute
    leased_until: Mapped[datetime | None] = held(Right.NEVER)
    # what is sent, the same at every attempt, or where a last notice goes to; gone when confirmed
    body_sealed: Mapped[bytes | None] = held(Right.NEVER)
    sha256: Mapped[str | None] = held(Right.DELIVERIES)  # of the body, hexadecimal
    # how far a delivery of several calls has come, as its target named it; gone when confirmed
    steps: Mapped[dict[str, str] | None] = held(Right.NEVER, JSONB)
    confirmed_at: Mapped[datetime | None] = held(Right.DELIVERIES)
    reason: Mapped[CancelReason | None] = held(Right.DELIVERIES)  # why it was cancelled
    reference: Mapped[str | None] = held(Right.DELIVERIES)  # the other system's own identifier
    answered_by_id: Mapped[UUID | None] = held(Right.NEVER, to="person")  # where the unit notes by hand
    record: Mapped[RecordState | None] = held(Right.DELIVERIES)  # what its target holds, as of `compared_at`
    compared_at: Mapped[datetime | None] = held(Right.DELIVERIES)
    unit: Mapped[Unit | None] = link("Delivery.unit_id", Right.WHEREABOUTS)
    recipient: Mapped[Person | None] = link("Delivery.recipient_id")
    # who ordered a version; whose deed a fact tells of, such as a withdrawal, is the consent's to tell
    by: Mapped[Person | None] = link("Delivery.ordered_by", Right.DELIVERIES, of_a_version)
    answered_by: Mapped[Person | None] = link("Delivery.answered_by_id", Right.WHEREABOUTS)
    attempts: Mapped[list[DeliveryAttempt]] = link("DeliveryAttempt.delivery_id")

    @staticmethod
    def visible(row: Any, asking: Asking) -> ColumnElement[bool]:
        """Who was asked to sign and who has the baton is no business of those who only lead."""
        return or_(row.recipient_id.is_(None), allows(Right.ADMINISTRATION_READ, asking))
