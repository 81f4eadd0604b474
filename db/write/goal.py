"""Goals, activities and comments: made at the end of their list, and changed."""
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select

from db.engine import Writing
from db.tables.goal import Activity, Comment, Goal
from db.tables.plan import Overview, Plan
from db.write.find import Who

M = TypeVar("M", Goal, Activity, Comment)


async def create_goal(session: Writing, who: Who, plan: Plan, values: Mapping[str, Any]) -> Goal:
    made = Goal(municipality_id=who.municipality, plan_id=plan.id,
                position=await _next(session, Goal, plan_id=plan.id), **values)
    return await _kept(session, who, plan, made)


async def create_activity(session: Writing, who: Who, plan: Plan, goal: Goal,
                          values: Mapping[str, Any]) -> Activity:
    made = Activity(municipality_id=who.municipality, plan_id=plan.id, goal_id=goal.id,
                    position=await _next(session, Activity, goal_id=goal.id), **values)
    return await _kept(session, who, plan, made)


async def add_comment(session: Writing, who: Who, plan: Plan, on: Goal | Activity, body: str) -> Comment:
    to = {"goal_id": on.id} if isinstance(on, Goal) else {"activity_id": on.id}
    made = Comment(municipality_id=who.municipality, plan_id=plan.id, author_id=who.person, body=body,
                   created_at=who.now, **to)
    return await _kept(session, who, plan, made)


def change(who: Who, plan: Plan, row: Goal | Activity | Overview, values: Mapping[str, Any]) -> None:
    """Sets what is given and counts the version up."""
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    plan.changed_at = who.now


async def overview(session: Writing, plan: Plan) -> Overview:
    return (await session.scalars(select(Overview).where(
        Overview.municipality_id == plan.municipality_id, Overview.plan_id == plan.id))).one()


async def _next(session: Writing, noun: Any, **below: UUID) -> int:
    """The place after the last; two at once can't meet there, for the plan is locked."""
    last = await session.scalar(select(func.max(noun.position)).filter_by(**below))
    return 0 if last is None else last + 1


async def _kept(session: Writing, who: Who, plan: Plan, made: M) -> M:
    session.add(made)
    await session.flush()
    plan.changed_at = who.now
    return made
