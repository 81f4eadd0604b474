"""The way to the deletion of a plan: asked for, refused or done."""
from datetime import datetime

import strawberry
from strawberry import ID

from db.rules.words import DeletionState
from resolvers import deletion as acts
from resolvers.act import Done
from schema.call import Call, PlanRef
from schema.node import Node, UserError
from schema.person import Person


@strawberry.type(description=(
    "That the plan be deleted: seen by the one who asks, the stafettholder and the local administrator."))
class DeletionRequest(Node):
    state: DeletionState | None
    by: Person | None = strawberry.field(description="Who asks.")
    reason: str | None
    asked_at: datetime | None
    answered_at: datetime | None
    answer: str | None = strawberry.field(description="Why it was refused.")


@strawberry.type
class DeletionRequestPayload:
    request: DeletionRequest | None
    plan: PlanRef
    errors: list[UserError]


@strawberry.type(description="Of a plan that is deleted there is nothing to show.")
class DeletePlanPayload:
    errors: list[UserError]


@strawberry.type
class DeletionMutation:
    @strawberry.mutation(graphql_type=DeletionRequestPayload | None, description=(
        "By the owner who is old enough, or a guardian of one who is under age; goes to the local "
        "administrator."))
    async def request_deletion(self, info: Call, plan_id: ID, reason: str) -> Done:
        return await acts.request_deletion(info.context, plan_id, reason)

    @strawberry.mutation(graphql_type=DeletionRequestPayload | None, description="By the one who asked.")
    async def withdraw_deletion_request(self, info: Call, request_id: ID) -> Done:
        return await acts.withdraw_deletion_request(info.context, request_id)

    @strawberry.mutation(graphql_type=DeletionRequestPayload | None, description=(
        "By the local administrator, with a reason that the one who asked reads."))
    async def refuse_deletion(self, info: Call, request_id: ID, reason: str) -> Done:
        return await acts.refuse_deletion(info.context, request_id, reason)

    @strawberry.mutation(graphql_type=DeletePlanPayload | None, description=(
        "By the local administrator, where a request stands: a closed plan, whose last change the archive "
        "has confirmed, and whose end the services know. What is left names nobody, and is not shown."))
    async def delete_plan(self, info: Call, plan_id: ID) -> Done:
        return await acts.delete_plan(info.context, plan_id)
