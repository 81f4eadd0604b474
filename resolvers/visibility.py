"""What others see of one's own person, field by field: which kinds of people, and who in each plan."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db.read.visibility import FIELDS, Seen, seen
from db.rules.entry import spelled
from db.rules.words import SeenBy
from resolvers.context import Context


@dataclass(frozen=True)
class SeenByPerson:
    """One who sees a field now."""
    person_id: str
    name: str


@dataclass(frozen=True)
class SeenInPlan:
    """Who sees a field by a plan; None where the viewer may not know."""
    plan_id: str
    people: list[SeenByPerson] | None


@dataclass(frozen=True)
class FieldVisibility:
    """Who sees one field."""
    field: str
    seen_by: list[SeenBy]
    plans: list[SeenInPlan]


async def visibility(ctx: Context, _: Mapping[str, Any]) -> list[FieldVisibility] | None:
    """None for a system client, who is no person."""
    if ctx.viewer.person is None:
        return None
    rows = await seen(ctx.hub.reader, {
        "municipality": ctx.viewer.municipality, "viewer": ctx.viewer.person, "now": ctx.now},
        log=ctx.hub.log)
    told = {row.plan: row.told for row in rows if row.plan}
    return [FieldVisibility(
        spelled(name), [row.kind for row in rows if row.kind and name in row.fields],
        [SeenInPlan(f"Plan:{plan}", _people(rows, plan, name) if known else None)
         for plan, known in sorted(told.items())]) for name in FIELDS]


def _people(rows: list[Seen], plan: UUID, name: str) -> list[SeenByPerson]:
    people = [SeenByPerson(f"Person:{row.person}", row.name or "") for row in rows
              if row.plan == plan and row.person and name in row.fields]
    return sorted(people, key=lambda one: (one.name, one.person_id))
