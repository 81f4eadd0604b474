"""Goals, activities and comments."""
from datetime import date, datetime

import strawberry
from strawberry import ID

from db.rules.words import Arena, WorkStatus
from resolvers import goal as acts
from resolvers.act import Done
from schema.call import Call, PlanRef, given
from schema.node import Node, UserError
from schema.participant import Participant
from schema.person import Person
from schema.words import CommentOrder, GoalOrder


@strawberry.input
class WorkFilter:
    status: WorkStatus | None = None
    arena: Arena | None = None


@strawberry.type(description="An evaluation: what worked, what not, and why.")
class Comment(Node):
    body: str | None
    created_at: datetime | None
    author: Person | None


@strawberry.type(description="An activity (tiltak) under a goal, with the participant who answers for it.")
class Activity(Node):
    position: int | None
    arena: Arena | None
    title: str | None
    description: str | None
    deadline: date | None
    status: WorkStatus | None
    version: int | None = strawberry.field(description="Give it back when you change the activity.")
    responsible: Participant | None

    @strawberry.field
    def comments(self, first: int | None = None,
                 order_by: CommentOrder | None = None) -> list[Comment] | None: ...


@strawberry.type(description="Short, concrete, measurable.")
class Goal(Node):
    position: int | None
    arena: Arena | None
    title: str | None
    description: str | None
    deadline: date | None
    status: WorkStatus | None
    version: int | None = strawberry.field(description="Give it back when you change the goal.")

    @strawberry.field
    def activities(self, first: int | None = None, filter: WorkFilter | None = None,
                   order_by: GoalOrder | None = None) -> list[Activity] | None: ...

    @strawberry.field
    def comments(self, first: int | None = None,
                 order_by: CommentOrder | None = None) -> list[Comment] | None: ...


@strawberry.input
class CreateGoalInput:
    plan_id: ID
    arena: Arena
    title: str
    description: str | None = None
    deadline: date | None = None


@strawberry.input(description="What is left out stays; null empties.")
class UpdateGoalInput:
    goal_id: ID
    version: int = strawberry.field(description=(
        "The version that the change was made on; another one is a CONFLICT."))
    arena: Arena | None = strawberry.UNSET
    title: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    deadline: date | None = strawberry.UNSET
    status: WorkStatus | None = strawberry.UNSET


@strawberry.input(description="In a stafettlogg the responsible participant and the deadline are required.")
class CreateActivityInput:
    goal_id: ID
    arena: Arena
    title: str
    description: str | None = None
    responsible_id: ID | None = strawberry.field(default=None, description="A participant of the plan.")
    deadline: date | None = None


@strawberry.input(description="What is left out stays; null empties.")
class UpdateActivityInput:
    activity_id: ID
    version: int = strawberry.field(description=(
        "The version that the change was made on; another one is a CONFLICT."))
    arena: Arena | None = strawberry.UNSET
    title: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    responsible_id: ID | None = strawberry.UNSET
    deadline: date | None = strawberry.UNSET
    status: WorkStatus | None = strawberry.UNSET


@strawberry.input
class AddCommentInput:
    on: ID = strawberry.field(description="A goal or an activity.")
    body: str


@strawberry.type
class GoalPayload:
    goal: Goal | None
    plan: PlanRef
    errors: list[UserError]


@strawberry.type
class ActivityPayload:
    activity: Activity | None
    plan: PlanRef
    errors: list[UserError]


@strawberry.type
class CommentPayload:
    comment: Comment | None
    plan: PlanRef
    errors: list[UserError]


@strawberry.type
class GoalMutation:
    @strawberry.mutation(graphql_type=GoalPayload | None)
    async def create_goal(self, info: Call, input: CreateGoalInput) -> Done:
        return await acts.create_goal(
            info.context, input.plan_id, given(input, "plan_id") | {"status": WorkStatus.OPEN})

    @strawberry.mutation(graphql_type=GoalPayload | None)
    async def update_goal(self, info: Call, input: UpdateGoalInput) -> Done:
        return await acts.update_goal(
            info.context, input.goal_id, input.version, given(input, "goal_id", "version"))

    @strawberry.mutation(graphql_type=ActivityPayload | None)
    async def create_activity(self, info: Call, input: CreateActivityInput) -> Done:
        return await acts.create_activity(
            info.context, input.goal_id, given(input, "goal_id") | {"status": WorkStatus.OPEN})

    @strawberry.mutation(graphql_type=ActivityPayload | None, description=(
        "By the stafettholder, or by the one who answers for the activity."))
    async def update_activity(self, info: Call, input: UpdateActivityInput) -> Done:
        return await acts.update_activity(
            info.context, input.activity_id, input.version, given(input, "activity_id", "version"))

    @strawberry.mutation(graphql_type=CommentPayload | None)
    async def add_comment(self, info: Call, input: AddCommentInput) -> Done:
        return await acts.add_comment(info.context, input.on, input.body)
