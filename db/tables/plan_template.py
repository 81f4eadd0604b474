"""The elements of each type of plan, and of its versions for the archive, as the municipality has them."""
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Index, Select, func, literal_column, select, true
from sqlalchemy.orm import Mapped

from db.rules.archive import by_custom, may_choose
from db.rules.plan_template import OPTIONAL, UNSWITCHED
from db.rules.rights import Element, Right
from db.rules.words import PlanType
from db.tables.held import Asking, Base, Made, Row, computed, held, made


class Switched(Base):
    """An element was switched on or off; the last one counts, and the others tell how it was before."""
    __abstract__ = True
    plan_type: Mapped[PlanType] = held(Right.NEVER)
    element: Mapped[Element] = held(Right.NEVER)
    is_on: Mapped[bool] = held(Right.NEVER)
    since: Mapped[datetime] = held(Right.NEVER)
    by_id: Mapped[UUID | None] = held(Right.NEVER, to="person")


class ElementSwitch(Switched):
    """Of the plans of a type."""
    __tablename__ = "element_switch"
    __right__ = Right.NEVER
    __table_args__ = (Index("element_switch_plan_type_idx", "municipality_id", "plan_type"),)


class ArchiveSwitch(Switched):
    """Of their versions for the archive."""
    __tablename__ = "archive_switch"
    __right__ = Right.NEVER
    __table_args__ = (Index("archive_switch_plan_type_idx", "municipality_id", "plan_type"),)


def switches(municipality: int, plan_type: PlanType,
             of: type[Switched] = ElementSwitch) -> Select[datetime, Element, bool]:
    """Those of one type in order of time, as `rules.plan_template.Switch` has them."""
    rows = select(of.since, of.element, of.is_on).where(
        of.municipality_id == municipality, of.plan_type == plan_type)
    return rows.order_by(of.since, of.id)


def _listed(kind: str, *values: str) -> ColumnElement[Any]:
    return literal_column(f"'{{{','.join(values)}}}'::{kind}[]")


def _elements(name: str) -> Any:
    """One row per type and element, as it is until somebody switches it: a constant table."""
    every = [(of, element) for of in PlanType for element in Element]

    def each(test: Callable[[PlanType, Element], bool]) -> ColumnElement[Any]:
        return _listed("boolean", *(str(test(of, one)).lower() for of, one in every))
    return func.unnest(
        _listed("text", *(of.value for of, _ in every)), _listed("text", *(one.value for _, one in every)),
        each(lambda of, one: one in OPTIONAL[of]), each(lambda of, one: not UNSWITCHED[of] & one.read),
        each(may_choose), each(by_custom)).table_valued(
            "type", "element", "optional", "unswitched", "archive_optional", "by_custom",
            name=name).render_derived()


def _last(of: type[Switched], part: Any, asking: Asking, *, where: Any) -> FromClause:
    """The switch that counts now; no row where there is none, or the element is fixed."""
    name = f"last_{of.__tablename__}"
    switch = Row(of, name)
    return select(switch.is_on.label("is_on"), switch.since.label("since")).select_from(
        of.__table__.alias(name)).where(
        switch.municipality_id == asking.municipality, switch.plan_type == part.c.type,
        switch.element == part.c.element, where, switch.since <= asking.now,
    ).order_by(switch.since.desc(), switch.id.desc()).limit(literal_column("1")).lateral()


class TemplateElement(Made):
    """An element of a type: whether its plans have it."""
    __right__ = Right.PUBLIC
    __order__ = "element"
    shown = ("element", "optional", "archive_optional")

    @classmethod
    def rows(cls, asking: Asking, above: Any) -> Select[Any]:
        part = _elements("part")
        last: Any = _last(ElementSwitch, part, asking, where=part.c.optional)
        chosen: Any = _last(ArchiveSwitch, part, asking, where=part.c.archive_optional)
        return (select(*part.c, last.c.is_on, last.c.since, chosen.c.is_on.label("is_chosen"))
                .select_from(part.outerjoin(last, true()).outerjoin(chosen, true()))
                .where(part.c.type == above.type))

    @computed(Right.PUBLIC, tells=("element_switch.is_on",))
    def on(row: Any, asking: Asking) -> ColumnElement[Any]:
        return func.coalesce(row.is_on, row.unswitched)

    @computed(Right.PUBLIC, tells=("element_switch.since",))
    def switched_at(row: Any, asking: Asking) -> ColumnElement[Any]:
        """When the municipality last did; null where it never has."""
        return row.since  # type: ignore[no-any-return]

    @computed(Right.PUBLIC, tells=("archive_switch.is_on",))
    def archived(row: Any, asking: Asking) -> ColumnElement[Any]:
        """Whether versions for the archive hold it, of plans that have it."""
        return func.coalesce(row.is_chosen, row.by_custom)


class PlanTemplate(Made):
    """A type of plan, and its elements."""
    __right__ = Right.PUBLIC
    __order__ = "type"
    shown = ("type",)
    elements = made(TemplateElement)

    @classmethod
    def rows(cls, asking: Asking, above: Any) -> Select[Any]:  # noqa: ARG003
        types = func.unnest(_listed("text", *PlanType)).table_valued("type", name="types").render_derived()
        return select(types.c.type)
