"""The ledger of decided rights: rows are added or superseded, never changed; and what it tells a viewer."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    FromClause,
    Index,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped

from db.rules.rights import ADMINISTRATIVE, Element, Right
from db.rules.words import AccessLevel, AccessReason
from db.tables.held import Asking, Base, Made, Row, allows, computed, held

NONE: ColumnElement[int] = literal_column("0")


class AccessGrant(Base):
    """Valid time: since when and until when it opens.

    Recorded time: since when and until when the hub decided so."""
    __tablename__ = "access_grant"
    __right__ = Right.NEVER
    __table_args__ = (
        CheckConstraint("valid_until is null or valid_from < valid_until", name="access_grant_interval"),
        Index("access_grant_in_use", "municipality_id", "person_id", "plan_id",
              postgresql_where=text("superseded_at is null"),
              postgresql_include=["mask", "valid_from", "valid_until"]),
        Index("access_grant_plan_id_idx", "municipality_id", "plan_id"))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    person_id: Mapped[UUID] = held(Right.NEVER, to="person")
    mask: Mapped[int] = held(Right.NEVER)
    valid_from: Mapped[datetime] = held(Right.NEVER)
    valid_until: Mapped[datetime | None] = held(Right.NEVER)
    because: Mapped[AccessReason] = held(Right.NEVER)
    withheld: Mapped[AccessReason] = held(Right.NEVER)
    consent_id: Mapped[UUID | None] = held(Right.NEVER, to="consent")
    absent: Mapped[int] = held(Right.NEVER, server_default="0")  # a mask: what plans of the type don't have
    recorded_at: Mapped[datetime] = held(Right.NEVER)
    superseded_at: Mapped[datetime | None] = held(Right.NEVER)


def in_use(asking: Asking) -> Select[Any]:
    """The viewer's rows of the ledger that hold now."""
    return select(AccessGrant).where(
        AccessGrant.municipality_id == asking.municipality, AccessGrant.person_id == asking.viewer,
        AccessGrant.superseded_at.is_(None), AccessGrant.valid_from <= asking.now,
        or_(AccessGrant.valid_until.is_(None), AccessGrant.valid_until > asking.now))


def elements(name: str) -> Any:
    """One row per plan element, with the bits of its rights: a constant table."""
    def listed(values: list[str], kind: str) -> Any:
        return literal_column(f"'{{{','.join(values)}}}'::{kind}[]")
    return func.unnest(
        listed([e.value for e in Element], "text"),
        listed([str(int(e.read)) for e in Element], "bigint"),
        listed([str(int(e.write)) for e in Element], "bigint"),
        listed([str(e in ADMINISTRATIVE).lower() for e in Element], "boolean"),
    ).table_valued("element", "readable", "writable", "administrative", name=name).render_derived()


class ElementAccess(Made):
    """The viewer's own access to one element of a plan: so that empty and withheld never look alike."""
    __right__ = Right.SHELL
    __order__ = "element"
    shown = ("element",)

    @classmethod
    def rows(cls, asking: Asking, above: Any) -> Select[Any]:
        element = elements("element")
        ledger = in_use(asking).where(AccessGrant.plan_id == above.id).correlate_except(AccessGrant).lateral()
        return (select(*element.c, ledger.c.plan_id, ledger.c.because, ledger.c.withheld,
                       ledger.c.absent)
                .select_from(element.outerjoin(ledger, true())))

    @computed(Right.SHELL)
    def level(row: Any, asking: Asking) -> ColumnElement[Any]:
        return case((asking.mask.bitwise_and(row.writable) != NONE, AccessLevel.WRITE.value),
                    (asking.mask.bitwise_and(row.readable) != NONE, AccessLevel.READ.value),
                    else_=AccessLevel.NONE.value)

    @computed(Right.SHELL)
    def until(row: Any, asking: Asking) -> ColumnElement[Any]:
        """When this level ends by what is known today; null: it goes on, or there is nothing to end."""
        held_now = case((asking.mask.bitwise_and(row.writable) != NONE, row.writable), else_=row.readable)
        return case((asking.mask.bitwise_and(row.readable) != NONE, _ends(row.plan_id, held_now, asking)))

    @computed(Right.SHELL)
    def reason(row: Any, asking: Asking) -> ColumnElement[Any]:
        closed = asking.mask.bitwise_and(row.readable) == NONE
        absent = row.absent.bitwise_and(row.readable) != NONE
        return case((and_(closed, absent), AccessReason.NOT_IN_TYPE.value),
                    (closed, func.coalesce(row.withheld, AccessReason.ROLE.value)),
                    (_by_role(row, asking), AccessReason.ROLE.value),
                    else_=func.coalesce(row.because, AccessReason.ROLE.value))


def _ends(plan_id: Any, right: Any, asking: Asking) -> ColumnElement[Any]:
    """The end of the viewer's rows that hold a right without a gap between them; null where there is none."""
    def holds(name: str) -> tuple[FromClause, Any, ColumnElement[bool]]:
        row = Row(AccessGrant, name)
        return AccessGrant.__table__.alias(name), row, and_(
            row.municipality_id == asking.municipality, row.person_id == asking.viewer,
            row.plan_id == plan_id, row.superseded_at.is_(None), row.mask.bitwise_and(right) != NONE)

    (holding, row, is_held), (following, after, goes_on) = holds("holding"), holds("following")
    next_row: Select[Any] = select(literal_column("1")).select_from(following).where(
        goes_on, after.valid_from == row.valid_until)
    last = select(func.min(row.valid_until)).select_from(holding).where(
        is_held, row.valid_until > asking.now, ~next_row.correlate_except(following).exists())
    return last.correlate_except(holding).scalar_subquery()


def _by_role(row: Any, asking: Asking) -> ColumnElement[bool]:
    """The stafettholder administers with or without a consent."""
    return and_(row.administrative, allows(Right.ADMINISTRATION_WRITE, asking))
