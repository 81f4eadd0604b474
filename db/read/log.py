"""The access log's rows, written by the statement that reads: no log, no answer."""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Text, func, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import insert

from db.rules.rights import BARE, LOGGED, Right
from db.rules.words import LogAction
from db.tables.held import Asking
from db.tables.log import AccessLog, SearchLog


@dataclass(frozen=True)
class Read:
    """Rows that are shown, each with plan_id and mask, and the rights that their fields ask for."""
    shown: CTE
    rights: Right
    within: ColumnElement[bool] | None = None  # the page reads one row more than it shows


def logged(reads: Sequence[Read], asking: Asking) -> tuple[CTE, ...]:
    """One row per plan that shows content: which elements were asked for and were open.

    What was read of the same plan within the hour is there already, and costs no write."""
    reads = [read for read in reads if read.rights & LOGGED]
    if not reads:
        return ()
    seen = union_all(*(_of(read) for read in reads)).subquery("seen")
    zero: ColumnElement[int] = literal_column("0")
    rows = (select(asking.municipality, seen.c.plan_id, asking.viewer,
                   func.date_trunc(literal_column("'hour'"), asking.now),
                   func.bit_or(seen.c.elements), literal_column(f"'{LogAction.READ}'", Text), asking.now)
            .group_by(seen.c.plan_id).having(func.bit_or(seen.c.elements) != zero))
    columns = ("municipality_id", "plan_id", "person_id", "hour", "elements", "action", "at")
    return (insert(AccessLog).from_select(columns, rows, include_defaults=False).on_conflict_do_nothing()
            .returning(AccessLog.plan_id).cte("logged"),)


def _of(read: Read) -> Any:
    shown: Any = read.shown.c
    elements = shown.mask.bitwise_and(literal_column(str(int(read.rights & LOGGED)))).label("elements")
    rows = select(shown.plan_id, elements)
    return rows if read.within is None else rows.where(read.within)


def tasks_shown(tasks: CTE, asking: Asking) -> CTE:
    """One row per plan of whose child a task has told: that it has a plan, and who it is."""
    rows = select(asking.municipality, tasks.c.plan_id, asking.viewer,
                  func.date_trunc(literal_column("'hour'"), asking.now), literal_column(str(int(BARE))),
                  literal_column(f"'{LogAction.TASK}'", Text), asking.now).distinct()
    columns = ("municipality_id", "plan_id", "person_id", "hour", "elements", "action", "at")
    return (insert(AccessLog).from_select(columns, rows, include_defaults=False).on_conflict_do_nothing()
            .returning(AccessLog.plan_id).cte("logged"))


def searched(people: CTE, sought: ColumnElement[str], allowed: ColumnElement[bool], asking: Asking,
             name: str) -> CTE:
    """One row per search that was allowed, with whom it found."""
    found = func.coalesce(func.array_agg(people.c.id), literal_column("'{}'::uuid[]"))
    row = (select(asking.municipality, asking.viewer, asking.now, sought, found)
           .select_from(people).having(allowed))
    columns = ("municipality_id", "person_id", "at", "sought", "found")
    return (insert(SearchLog).from_select(columns, row, include_defaults=False)
            .returning(SearchLog.person_id).cte(name))
