"""What a unit is to note in its own fagsystem by hand."""
from datetime import date, datetime

import strawberry
from strawberry import ID

from db.rules.delivery import DeliveryState, FactKind
from db.rules.task import Rejection
from resolvers import task as acts
from resolvers.act import Done
from schema.call import Call
from schema.delivery import Delivery
from schema.node import UserError
from schema.record import FagsystemContact


@strawberry.type(description=(
    "A fact that waits until the unit has noted it: what any fagsystem is told by it, and the child's name, "
    "as they are now."))
class FagsystemTask:
    delivery_id: ID = strawberry.field(description="To be given to `confirmDelivery` or `rejectDelivery`.")
    kind: FactKind
    unit_id: ID
    unit_name: str
    system: str = strawberry.field(description="What the unit calls the fagsystem that it is noted in.")
    ordered_at: datetime
    due_on: date
    overdue: bool
    name: str
    identity_number: str
    protected: bool = strawberry.field(description=(
        "Somebody's address is protected: what is noted must carry the mark."))
    plan_ref: ID = strawberry.field(description="Another one in each unit.")
    since: date
    closed_on: date | None = strawberry.field(description="Of an end: WITHDRAWN or CLOSED.")
    contact: FagsystemContact | None = strawberry.field(description="Null where it has ended.")


@strawberry.type
class AnsweredDeliveryPayload:
    state: DeliveryState | None
    delivery: Delivery | None = strawberry.field(description="For those who see the plan's deliveries.")
    errors: list[UserError]


@strawberry.type
class TaskMutation:
    @strawberry.mutation(graphql_type=AnsweredDeliveryPayload | None, description=(
        "By one of the unit whose task it is: it is noted. `reference`: the unit's own case number, of "
        "letters, digits and . / _ -, 30 at most and fewer than eleven digits."))
    async def confirm_delivery(self, info: Call, delivery_id: ID, reference: str | None = None) -> Done:
        return await acts.confirm_delivery(info.context, delivery_id, reference)

    @strawberry.mutation(graphql_type=AnsweredDeliveryPayload | None, description=(
        "By one of the unit whose task it is: it can't be noted. It waits for those who lead the plan's "
        "unit, and is given anew by `retryDelivery`. Where there is nothing to end, an end is confirmed."))
    async def reject_delivery(self, info: Call, delivery_id: ID, reason: Rejection) -> Done:
        return await acts.reject_delivery(info.context, delivery_id, reason)
