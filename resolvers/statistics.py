"""Statistics of a half-year: counted at the units, released for all places at once and kept, told of one."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db.read.page import BadArgument, key_of
from db.read.statistics import WHOLE, Asked, Place, counted, is_over, last_over, released
from db.rules.disclosure import HalfYear, Row, release
from db.rules.grant import OSLO
from db.rules.post import may_count
from db.rules.words import CloseReason, PlanStatus, PlanType
from db.write.find import transaction
from db.write.statistics import keep
from resolvers.context import Context


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
    """None where the viewer's posts reach no such place, or it was not there when the half-year was first
    told of; BadArgument where that is not over."""
    period, viewer = _period(ctx, arguments.get("period")), ctx.viewer.person
    place = _place(arguments.get("scope") or {})
    if viewer is None or place is None:
        return None
    asked = await _asked(ctx, viewer, place, period)
    if not may_count(asked.posts, place.unit, asked.group if place.unit else place.group):
        return None
    if asked.kept is None:
        await _release(ctx, period)
        asked = await _asked(ctx, viewer, place, period)
    return _told(period, asked.kept.threshold, asked.kept.rows) if asked.kept and asked.kept.rows else None


async def _asked(ctx: Context, viewer: UUID, place: Place, period: HalfYear) -> Asked:
    return await released(ctx.hub.reader, ctx.viewer.municipality, viewer, place, period, ctx.now)


async def _release(ctx: Context, period: HalfYear) -> None:
    """By the role that writes: what a question could write would be believed for ever after."""
    counts = await counted(ctx.hub.reader, ctx.viewer.municipality, period)
    told = {**release(WHOLE, counts.below, counts.stock, counts.threshold),
            **release(WHOLE, counts.below, counts.flow, counts.threshold)}
    async with transaction(ctx.hub.writer, ctx.now) as session:
        await keep(session, ctx.viewer.municipality, period, counts.threshold, told, ctx.now)


def _period(ctx: Context, given: Mapping[str, Any] | None) -> HalfYear:
    if given is None:
        return last_over(ctx.now)
    if given["half"] not in (1, 2) or not 1900 <= given["year"] <= 9998:
        raise BadArgument("BAD_PERIOD")
    period = HalfYear(given["year"], given["half"])
    if not is_over(period, ctx.now.astimezone(OSLO).date()):
        raise BadArgument("PERIOD_NOT_OVER")
    return period


def _place(scope: Mapping[str, Any]) -> Place | None:
    """The unit or group asked for, the whole where neither is; None where both are."""
    if "unit" in scope and "group" in scope:
        return None
    if "unit" in scope:
        return Place(unit=key_of(scope["unit"], "Unit"))
    return Place(group=key_of(scope["group"], "UnitGroup")) if "group" in scope else Place()


def _told(period: HalfYear, threshold: int, rows: Mapping[str, Row]) -> Statistics:
    return Statistics(
        period.year, period.half, threshold, rows["status"].total, rows["opened"].total, rows["closed"].total,
        [Count(status=PlanStatus(name), count=count) for name, count in rows["status"].counts.items()],
        [Count(level=int(name), count=count) for name, count in rows["level"].counts.items()],
        [Count(type=PlanType(name), count=count) for name, count in rows["type"].counts.items()],
        [Count(reason=CloseReason(name), count=count) for name, count in rows["closed"].counts.items()])
