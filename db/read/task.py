"""What a viewer's units are to note in their own fagsystemer, logged by the statement that reads it."""
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    SmallInteger,
    Uuid,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
)

from db.engine import Reader
from db.gate.task import shown_to
from db.read.compile import DIALECT
from db.read.log import tasks_shown
from db.rules.delivery import FactKind
from db.tables.delivery import Delivery
from db.tables.held import Asking, Base, Row
from db.tables.person import Person
from db.tables.plan import Plan
from db.tables.task import Task
from db.tables.unit import Unit

ASKING = Asking(bindparam("municipality", type_=SmallInteger), bindparam("viewer", type_=Uuid()),
                bindparam("now", type_=DateTime(timezone=True)), literal_column("0"))


class Shown(NamedTuple):
    """One task; of its plan and people, what a fact tells of them: `db.write.fact.About`."""
    delivery_id: UUID
    due_on: date
    kind: FactKind
    target: str
    ordered_at: datetime
    unit_id: UUID
    unit_name: str
    plan_id: UUID
    start_date: date
    protected: bool
    owner_name: str
    identity_sealed: bytes
    name: str
    position: str | None
    work_mobile: str | None
    hides_mobile: bool
    workplace: str | None


async def shown(reader: Reader, asked: Mapping[str, Any], *, log: bool) -> tuple[int, list[Shown]]:
    """How many there are for the viewer, and of these a page, the first due first.

    `asked`: municipality, viewer, now; `most` rows; `due` and `last` of the row that they come after."""
    sql, names = _statement(log=log)
    rows = await reader.rows(sql, [asked.get(name) for name in names])
    return rows[0][0], [Shown(key, due, FactKind(kind), *rest)
                        for _, key, due, kind, *rest in rows if key is not None]


@cache
def _statement(*, log: bool) -> tuple[str, tuple[str, ...]]:
    """The text, and its binds in order."""
    task, seen = Row(Task, "task"), shown_to(ASKING, "seen")
    mine = select(task.delivery_id.label("delivery_id"), task.due_on.label("due_on")).select_from(
        Task.__table__.join(seen, seen.c.delivery_id == task.delivery_id)).where(
        task.municipality_id == ASKING.municipality, seen.c.person_id == ASKING.viewer).cte("mine")
    page = _page(mine)
    counted = select(func.count().label("total")).select_from(mine).subquery("counted")
    told = select(counted.c.total, page).select_from(counted.outerjoin(page, true())).order_by(
        page.c.due_on, page.c.delivery_id)
    made = told.add_cte(*([tasks_shown(page, ASKING)] if log else [])).compile(dialect=DIALECT)
    assert set(made.params.values()) == {None}  # noqa: S101  constants are written out
    return made.string, tuple(made.positiontup or ())


def _page(mine: CTE) -> CTE:
    """As many as are asked for, with what each tells."""
    delivery, plan, unit = Row(Delivery, "delivery"), Row(Plan, "plan"), Row(Unit, "unit")
    owner, holder, works = Row(Person, "owner"), Row(Person, "holder"), Row(Unit, "works")
    due, last = bindparam("due", type_=Date()), bindparam("last", type_=Uuid())
    beyond = or_(due.is_(None), mine.c.due_on > due,
                 and_(mine.c.due_on == due, mine.c.delivery_id > last))
    source = (mine.join(*_at(Delivery, "delivery", mine.c.delivery_id))
              .join(*_at(Plan, "plan", delivery.plan_id)).join(*_at(Unit, "unit", delivery.unit_id))
              .join(*_at(Person, "owner", plan.owner_id)).join(*_at(Person, "holder", plan.stafettholder_id))
              .outerjoin(*_at(Unit, "works", holder.workplace_id)))
    told = (delivery.kind, delivery.target, delivery.ordered_at, unit.id, unit.name, plan.id, plan.start_date,
            plan.protected, owner.name, owner.identity_sealed, holder.name, holder.position,
            holder.work_mobile, holder.hides_mobile, works.name)
    columns = (value.label(name) for value, name in zip(told, Shown._fields[2:], strict=True))
    found = select(mine.c.delivery_id, mine.c.due_on, *columns).select_from(source).where(beyond)
    most = bindparam("most", type_=Integer)
    return found.order_by(mine.c.due_on, mine.c.delivery_id).limit(most).cte("page")


def _at(noun: type[Base], name: str, key: ColumnElement[UUID]) -> tuple[Any, ColumnElement[bool]]:
    """A noun's row by its key, in the viewer's municipality."""
    row = Row(noun, name)
    return noun.__table__.alias(name), and_(row.municipality_id == ASKING.municipality, row.id == key)
