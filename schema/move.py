"""A plan that follows its child from unit to unit."""
from datetime import datetime

import strawberry
from strawberry import ID

from resolvers import move as acts
from resolvers.act import Done
from schema.call import Call, PlanRef
from schema.node import Node, UserError
from schema.person import Person
from schema.unit import Unit


@strawberry.type(description="The unit since a moment; the first is the one that the plan was opened in.")
class UnitChange(Node):
    unit: Unit | None
    since: datetime | None
    reason: str | None = strawberry.field(description="Withheld where the unit is: it may say where.")
    by: Person | None


@strawberry.type
class MovePayload:
    plan: PlanRef
    errors: list[UserError]


@strawberry.type
class MoveMutation:
    @strawberry.mutation(graphql_type=MovePayload | None, description=(
        "To another unit, by the stafettholder or those who lead the unit that the plan leaves; kept in its "
        "`unitHistory`. Who takes part, and the consent, stay as they are: `withoutConsent` says that one "
        "knows that perhaps nobody there may read it yet."))
    async def move_plan(self, info: Call, plan_id: ID, unit_id: ID, reason: str,
                        without_consent: bool = False) -> Done:
        return await acts.move_plan(info.context, plan_id, unit_id, reason, without_consent=without_consent)
