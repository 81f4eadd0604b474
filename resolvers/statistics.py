"""Statistics of a half-year: counted at the units, released for all places at once, told of one."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db.read.page import BadArgument, key_of
from db.read.statistics import Counted, counted, is_over, last_over
from db.rules.disclosure import HalfYear, Row, release
from db.rules.grant import OSLO
from db.rules.post import may_count
from db.rules.words import CloseReason, PlanStatus, PlanType
from resolvers.context import Context

WHOLE = ""  # the municipality's place in the tree; the others' are ids


@dataclass(frozen=True)
class Count:
    """One category and its count; None is suppressed."""
    status: PlanStatus | None = None
    level: int | None = None
    type: PlanType | None = None
    reason: CloseReason | None = None
    count: int | None = None


@dataclass(frozen=True)
class Statistics:
    """What is told of one place and half-year."""
    year: int
    half: int
    threshold: int
    total: int | None
    opened: int | None
    closed: int | None
    by_status: list[Count]
    by_level: list[Count]
    by_type: list[Count]
    by_close_reason: list[Count]


async def statistics(ctx: Context, arguments: Mapping[str, Any]) -> Statistics | None:
    """None where the viewer's posts reach no such place; BadArgument where the half-year is not over."""
    period = _period(ctx, arguments.get("period"))
    if ctx.viewer.person is None:
        return None
    counts = await counted(ctx.hub.reader, ctx.viewer.municipality, ctx.viewer.person, period, ctx.now)
    place = _place(arguments.get("scope") or {}, counts)
    if place is None or not _reached(place, counts):
        return None
    below: dict[str, list[str]] = {WHOLE: sorted(set(counts.groups.values()))}
    for unit, group in sorted(counts.groups.items()):
        below.setdefault(group, []).append(unit)
    told = {**release(WHOLE, below, counts.stock, counts.threshold),
            **release(WHOLE, below, counts.flow, counts.threshold)}
    return _told(period, counts.threshold, {name: table[place] for name, table in told.items()})


def _period(ctx: Context, given: Mapping[str, Any] | None) -> HalfYear:
    if given is None:
        return last_over(ctx.now)
    if given["half"] not in (1, 2) or not 1900 <= given["year"] <= 9998:
        raise BadArgument("BAD_PERIOD")
    period = HalfYear(given["year"], given["half"])
    if not is_over(period, ctx.now.astimezone(OSLO).date()):
        raise BadArgument("PERIOD_NOT_OVER")
    return period


def _place(scope: Mapping[str, Any], counts: Counted) -> str | None:
    """The unit or group asked for, the whole where neither is; None where both are, or it is not there."""
    if "unit" in scope and "group" in scope:
        return None
    if "unit" in scope:
        unit = str(key_of(scope["unit"], "Unit"))
        return unit if unit in counts.groups else None
    if "group" in scope:
        group = str(key_of(scope["group"], "UnitGroup"))
        return group if group in counts.groups.values() else None
    return WHOLE


def _reached(place: str, counts: Counted) -> bool:
    """Whether one of the viewer's posts reaches the place."""
    if place in counts.groups:
        return may_count(counts.posts, UUID(place), UUID(counts.groups[place]))
    return may_count(counts.posts, None, None if place == WHOLE else UUID(place))


def _told(period: HalfYear, threshold: int, rows: Mapping[str, Row]) -> Statistics:
    return Statistics(
        period.year, period.half, threshold, rows["status"].total, rows["opened"].total, rows["closed"].total,
        [Count(status=PlanStatus(name), count=count) for name, count in rows["status"].counts.items()],
        [Count(level=int(name), count=count) for name, count in rows["level"].counts.items()],
        [Count(type=PlanType(name), count=count) for name, count in rows["type"].counts.items()],
        [Count(reason=CloseReason(name), count=count) for name, count in rows["closed"].counts.items()])
