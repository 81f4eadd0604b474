"""Counts of plans; small ones are suppressed, and so is what would give them away."""
import strawberry
from strawberry import ID

from db.rules.words import CloseReason, PlanStatus, PlanType


@strawberry.input(description="One unit or one group; the whole municipality where neither is given.")
class StatisticsScope:
    unit: ID | None = None
    group: ID | None = None


@strawberry.input(description="January to June (1) or July to December (2), told when it is over.")
class HalfYearInput:
    year: int
    half: int


@strawberry.type(description="By status at the end of the half-year. Null is suppressed.")
class StatusCount:
    status: PlanStatus
    count: int | None


@strawberry.type(description="By BTI level. Null is suppressed.")
class LevelCount:
    level: int
    count: int | None


@strawberry.type(description="By type. Null is suppressed.")
class TypeCount:
    type: PlanType
    count: int | None


@strawberry.type(description="Closed in the half-year, by reason. Null is suppressed.")
class CloseReasonCount:
    reason: CloseReason
    count: int | None


@strawberry.type(description=(
    "Plans running at the end of a half-year, opened and closed in it. Null is suppressed."))
class Statistics:
    year: int
    half: int
    threshold: int = strawberry.field(description=(
        "Counts below it are suppressed, and whatever would give them away."))
    total: int | None
    opened: int | None = strawberry.field(description="Opened in the half-year.")
    closed: int | None = strawberry.field(description="Closed in the half-year.")
    by_status: list[StatusCount]
    by_level: list[LevelCount]
    by_type: list[TypeCount]
    by_close_reason: list[CloseReasonCount]
