"""Acts on goals, activities and comments."""
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from db.engine import Writing
from db.rules.entry import TEXT, TITLE, Entry
from db.rules.errors import Refused
from db.rules.plan import NEEDS_A_DEADLINE, check_write
from db.rules.rights import Right
from db.write import find, goal, participant
from db.write.find import Who
from db.write.goal import Activity, Goal
from db.write.plan import Plan
from resolvers.act import Done, act, key, touched
from resolvers.context import Context
from resolvers.plan import writable

Values = Mapping[str, Any]  # attribute → value, of what is given


async def create_goal(ctx: Context, plan_id: str, values: Values) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await writable(session, who, plan_id, Right.GOALS_WRITE)
        made = await goal.create_goal(session, who, found.plan, _checked(values))
        return touched(plan=found.plan, goal=made)
    return await act(ctx, do)


async def update_goal(ctx: Context, goal_id: str, version: int, values: Values) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Goal, key(goal_id, "Goal"), "goalId")
        check_write(found.mask, Right.GOALS_WRITE, "goalId")
        find.check_version(found.row, version)
        goal.change(who, found.plan, found.row, _checked(values))
        return touched(plan=found.plan, goal=found.row)
    return await act(ctx, do)


async def create_activity(ctx: Context, goal_id: str, values: Values) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Goal, key(goal_id, "Goal"), "goalId")
        check_write(found.mask, Right.ACTIVITIES_WRITE, "goalId")
        ready = await _responsible(session, who, found.plan, _checked(values))
        _whole(found.plan, ready)
        await _check_own(session, who, found.plan, found.mask, ready.get("responsible_id"), "responsibleId")
        made = await goal.create_activity(session, who, found.plan, found.row, ready)
        return touched(plan=found.plan, goal=found.row, activity=made)
    return await act(ctx, do)


async def update_activity(ctx: Context, activity_id: str, version: int, values: Values) -> Done:
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        found = await find.locked(session, who, Activity, key(activity_id, "Activity"), "activityId")
        check_write(found.mask, Right.ACTIVITIES_WRITE, "activityId")
        await _check_own(session, who, found.plan, found.mask, found.row.responsible_id, "activityId")
        find.check_version(found.row, version)
        ready = await _responsible(session, who, found.plan, _checked(values))
        now = {"responsible_id": found.row.responsible_id, "deadline": found.row.deadline}
        _whole(found.plan, {**now, **ready})
        goal.change(who, found.plan, found.row, ready)
        return touched(plan=found.plan, activity=found.row)
    return await act(ctx, do)


async def add_comment(ctx: Context, on: str, body: str) -> Done:
    """On a goal or an activity, whose id says which."""
    async def do(session: Writing, who: Who) -> Mapping[str, str]:
        noun: Any = Goal if on.startswith("Goal:") else Activity
        found = await find.locked(session, who, noun, key(on, noun.__name__), "on")
        check_write(found.mask, Right.COMMENTS_WRITE, "on")
        typed = Entry()
        text = typed.needed("body", body, TEXT)
        typed.done()
        made = await goal.add_comment(session, who, found.plan, found.row, text)
        return touched(plan=found.plan, comment=made)
    return await act(ctx, do)


def _checked(values: Values) -> dict[str, Any]:
    """The texts of a goal or an activity."""
    typed, clean = Entry(), dict(values)
    if "title" in values:
        clean["title"] = typed.needed("title", values["title"] or "", TITLE)
    if "description" in values:
        clean["description"] = typed.text("description", values["description"], TEXT) or None
    for name in ("arena", "status"):
        if name in values and values[name] is None:
            typed.refuse("REQUIRED", name)
    typed.done()
    return clean


async def _responsible(session: Writing, who: Who, plan: Plan, values: dict[str, Any]) -> dict[str, Any]:
    """Nobody is made responsible who does not take part now."""
    given = values.get("responsible_id")
    if given is None:
        return values
    wanted = key(given, "Participant")
    if wanted not in {p.id for p in await participant.active(session, who, plan)}:
        raise Refused("NOT_A_PARTICIPANT", "responsibleId")
    return {**values, "responsible_id": wanted}


def _whole(plan: Plan, values: Values) -> None:
    """In a stafettlogg every activity has one who answers for it, and a deadline."""
    if plan.type in NEEDS_A_DEADLINE:
        typed = Entry()
        for name, field in (("responsible_id", "responsibleId"), ("deadline", "deadline")):
            if values.get(name) is None:
                typed.refuse("REQUIRED", field)
        typed.done()


async def _check_own(session: Writing, who: Who, plan: Plan, mask: Right, responsible: UUID | None,
                     field: str) -> None:
    """A service provider writes the activities that they answer for; the stafettholder all."""
    if mask & Right.GOALS_WRITE:
        return
    own = {p.id for p in await participant.active(session, who, plan) if p.person_id == who.person}
    if responsible not in own:
        raise Refused("NOT_ALLOWED", field)
