"""The elements of each type of plan, as the municipality has switched them on and off."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Index, Select, func, literal_column, select, true
from sqlalchemy.orm import Mapped

from db.rules.plan_template import OPTIONAL, UNSWITCHED
from db.rules.rights import Element, Right
from db.rules.words import PlanType
from db.tables.held import Asking, Base, Made, Row, computed, held, made


class ElementSwitch(Base):
    """An element was switched on or off; the last one counts, and the others tell how it was before."""
    __tablename__ = "element_switch"
    __right__ = Right.NEVER
    __table_args__ = (Index("element_switch_plan_type_idx", "municipality_id", "plan_type"),)
    plan_type: Mapped[PlanType] = held(Right.NEVER)
    element: Mapped[Element] = held(Right.NEVER)
    is_on: Mapped[bool] = held(Right.NEVER)
    since: Mapped[datetime] = held(Right.NEVER)
    by_id: Mapped[UUID | None] = held(Right.NEVER, to="person")


def switches(municipality: int, plan_type: PlanType) -> Select[datetime, Element, bool]:
    """Those of one type in order of time, as `rules.plan_template.Switch` has them."""
    rows = select(ElementSwitch.since, ElementSwitch.element, ElementSwitch.is_on).where(
        ElementSwitch.municipality_id == municipality, ElementSwitch.plan_type == plan_type)
    return rows.order_by(ElementSwitch.since, ElementSwitch.id)


def _listed(kind: str, *values: str) -> ColumnElement[Any]:
    return literal_column(f"'{{{','.join(values)}}}'::{kind}[]")


def _elements(name: str) -> Any:
    """One row per type and element, as it is until somebody switches it: a constant table."""
    every = [(of, element) for of in PlanType for element in Element]
    return func.unnest(
        _listed("text", *(of.value for of, _ in every)), _listed("text", *(one.value for _, one in every)),
        _listed("boolean", *(str(one in OPTIONAL[of]).lower() for of, one in every)),
        _listed("boolean", *(str(not UNSWITCHED[of] & one.read).lower() for of, one in every)),
    ).table_valued("type", "element", "optional", "unswitched", name=name).render_derived()


def _last(part: Any, asking: Asking) -> FromClause:
    """The switch that counts now; no row where there is none, or the element is fixed."""
    switch = Row(ElementSwitch, "switch")
    return select(switch.is_on.label("is_on"), switch.since.label("since")).select_from(
        ElementSwitch.__table__.alias("switch")).where(
        switch.municipality_id == asking.municipality, switch.plan_type == part.c.type,
        switch.element == part.c.element, part.c.optional, switch.since <= asking.now,
    ).order_by(switch.since.desc(), switch.id.desc()).limit(literal_column("1")).lateral("last")


class TemplateElement(Made):
    """An element of a type: whether its plans have it."""
    __right__ = Right.PUBLIC
    __order__ = "element"
    shown = ("element", "optional")

    @classmethod
    def rows(cls, asking: Asking, above: Any) -> Select[Any]:
        part = _elements("part")
        last: Any = _last(part, asking)
        return (select(part.c.element, part.c.optional, part.c.unswitched, last.c.is_on, last.c.since)
                .select_from(part.outerjoin(last, true())).where(part.c.type == above.type))

    @computed(Right.PUBLIC, tells=("element_switch.is_on",))
    def on(row: Any, asking: Asking) -> ColumnElement[Any]:
        return func.coalesce(row.is_on, row.unswitched)

    @computed(Right.PUBLIC, tells=("element_switch.since",))
    def switched_at(row: Any, asking: Asking) -> ColumnElement[Any]:
        """When the municipality last did; null where it never has."""
        return row.since  # type: ignore[no-any-return]


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
