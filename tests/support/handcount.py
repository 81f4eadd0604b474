"""Plans counted from the raw rows, one after the other, by the half-years that a clock in Norway shows."""
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from db.engine import plain

Half = tuple[int, int]  # the year, and 1 or 2
Counts = dict[str, dict[UUID, Counter[str]]]  # by table, unit and category
NORWAY = ZoneInfo("Europe/Oslo")


class Row(NamedTuple):
    """Of a plan's history, in the order of time, and of writing where the times are the same."""
    since: datetime
    id: UUID
    said: str
    reason: str | None = None


class Plan(NamedTuple):
    """One plan with its two histories."""
    unit: UUID
    type: str
    statuses: list[Row]
    levels: list[Row]


def half_of(moment: datetime) -> Half:
    local = moment.astimezone(NORWAY)
    return local.year, 1 if local.month < 7 else 2


def plans(url: str, municipality: int) -> Iterator[Plan]:
    """All of a municipality, as the tables have them."""
    with psycopg.connect(plain(url)) as connection:
        found = {key: Plan(unit, kind, [], []) for key, unit, kind in connection.execute(
            "select id, unit_id, type from plan where municipality_id = %s", [municipality])}
        for key, *row in connection.execute("select plan_id, since, id, status, reason from status_change "
                                            "where municipality_id = %s", [municipality]):
            found[key].statuses.append(Row(*row))
        for key, *row in connection.execute("select plan_id, since, id, level::text from level_change "
                                            "where municipality_id = %s", [municipality]):
            found[key].levels.append(Row(*row))
    return iter(found.values())


def counted(url: str, municipality: int, half: Half) -> Counts:
    """What runs at the half-year's end by status, level and type; what was opened in it, and what closed."""
    tables: Counts = {name: defaultdict(Counter) for name in ("status", "level", "type", "opened", "closed")}
    for plan in plans(url, municipality):
        statuses = [row for row in plan.statuses if half_of(row.since) <= half]
        if not statuses:
            continue
        last = max(statuses)
        if half_of(min(statuses).since) == half:
            tables["opened"][plan.unit]["OPENED"] += 1
        if last.said == "CLOSED" and half_of(last.since) == half:
            tables["closed"][plan.unit][last.reason or "OTHER"] += 1
        if last.said != "CLOSED":
            tables["status"][plan.unit][last.said] += 1
            level = max(row for row in plan.levels if half_of(row.since) <= half)
            tables["level"][plan.unit][level.said] += 1
            tables["type"][plan.unit][plan.type] += 1
    return tables
