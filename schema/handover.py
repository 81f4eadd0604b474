"""The baton on its way from one stafettholder to the next."""
from datetime import datetime

import strawberry
from strawberry import ID

from db.rules.words import HandoverState
from resolvers import handover as acts
from resolvers.act import Done
from schema.call import Call, PlanRef
from schema.node import Node, UserError
from schema.person import Person


@strawberry.type(description="One hand-over of the baton, with who, when and why; the last holds.")
class Handover(Node):
    state: HandoverState | None
    holder: Person | None = strawberry.field(description="Who held the baton.")
    successor: Person | None
    by: Person | None = strawberry.field(description="Who proposed or forced it.")
    reason: str | None
    proposed_at: datetime | None
    answered_at: datetime | None
    answer: str | None = strawberry.field(description="Why it was declined.")


@strawberry.input
class HandoverInput:
    plan_id: ID
    person_id: ID = strawberry.field(description="The successor, an employee.")
    reason: str = strawberry.field(description=(
        "Read by all who take part: nothing of anybody's health or private life."))


@strawberry.type
class HandoverPayload:
    handover: Handover | None
    plan: PlanRef
    errors: list[UserError]


@strawberry.type
class HandoverMutation:
    @strawberry.mutation(graphql_type=HandoverPayload | None, description=(
        "By the stafettholder or those who lead, to one who takes part under the consent in force. "
        "The holder keeps the baton until the successor takes it."))
    async def propose_stafettholder(self, info: Call, input: HandoverInput) -> Done:
        return await acts.propose_stafettholder(info.context, input.plan_id, input.person_id, input.reason)

    @strawberry.mutation(graphql_type=HandoverPayload | None, description=(
        "By the one whom it was proposed to: the baton passes at once, and the services are told."))
    async def accept_stafettholder(self, info: Call, handover_id: ID) -> Done:
        return await acts.accept_stafettholder(info.context, handover_id)

    @strawberry.mutation(graphql_type=HandoverPayload | None)
    async def decline_stafettholder(self, info: Call, handover_id: ID,
                                    answer: str | None = None) -> Done:
        return await acts.decline_stafettholder(info.context, handover_id, answer)

    @strawberry.mutation(graphql_type=HandoverPayload | None, description=(
        "By those who lead, where the stafettholder is absent: at once, and without an answer."))
    async def replace_stafettholder(self, info: Call, input: HandoverInput) -> Done:
        return await acts.replace_stafettholder(info.context, input.plan_id, input.person_id, input.reason)
