"""The conclusion of a meeting, for the fagsystem of one of those who took part."""
from datetime import date

import strawberry
from strawberry import ID

from db.rules.delivery import DeliveryState
from resolvers import conclusion as acts
from resolvers.act import Done
from schema.call import Call
from schema.delivery import Delivery
from schema.node import UserError
from schema.plan_template import MunicipalityRef


@strawberry.type
class ConclusionPayload:
    state: DeliveryState | None
    delivery: Delivery | None = strawberry.field(description="For those who see the plan's deliveries.")
    errors: list[UserError]


@strawberry.type
class ConclusionsPayload:
    municipality: MunicipalityRef
    errors: list[UserError]


@strawberry.type
class ConclusionMutation:
    @strawberry.mutation(graphql_type=ConclusionPayload | None, description=(
        "By one who takes part for a service, and to whom the consent in force opens MESSAGES: the "
        "conclusion, and nothing else of the meeting, goes into that service's own fagsystem, where the "
        "municipality has turned it on and the fagsystem takes it. It is kept, sealed, until it is there."))
    async def send_conclusion(self, info: Call, plan_id: ID, held_on: date, conclusion: str) -> Done:
        return await acts.send_conclusion(info.context, plan_id, held_on, conclusion)

    @strawberry.mutation(graphql_type=ConclusionsPayload | None, description=(
        "By a local administrator: whether conclusions of meetings may be sent to fagsystemer; off to begin "
        "with. What waits when it is turned off is cancelled."))
    async def switch_conclusions(self, info: Call, on: bool) -> Done:
        return await acts.send_conclusions(info.context, on=on)
