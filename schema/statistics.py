"""Counts of plans; small ones are suppressed, and so is what would give them away."""
from datetime import date

import strawberry
from strawberry import ID

from db.rules.words import PlanStatus, PlanType


@strawberry.input(description="One of the three; the whole municipality where none is given.")
class StatisticsScope:
    unit: ID | None = None
    group: ID | None = None


@strawberry.type(description="A count by status; null: suppressed.")
class StatusCount:
    status: PlanStatus
    count: int | None


@strawberry.type(description="A count by BTI level; null: suppressed.")
class LevelCount:
    level: int
    count: int | None


@strawberry.type(description="A count by type; null: suppressed.")
class TypeCount:
    type: PlanType
    count: int | None


@strawberry.type(description="Plans as they stand now, and what was opened and closed in a year. Null counts are suppressed.")
class Statistics:
    year: int
    as_of: date
    threshold: int = strawberry.field(description="Counts below it are suppressed.")
    total: int | None
    by_status: list[StatusCount]
    by_level: list[LevelCount]
    by_type: list[TypeCount]
    opened: int | None
    closed: int | None
