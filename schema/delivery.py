"""What is told to other systems, and how it went."""
from datetime import datetime

import strawberry
from strawberry import ID

from db.rules.delivery import CancelReason, DeliveryFault, DeliveryState, FactKind, RecordState
from db.rules.words import ArchiveTrigger, Channel, NoticeKind
from resolvers import delivery as acts
from resolvers.act import Done
from schema.call import Call, given
from schema.node import Node, UserError
from schema.person import Person
from schema.unit import Unit


@strawberry.type
class DeliveryAttempt(Node):
    number: int | None
    started_at: datetime | None
    milliseconds: int | None
    fault: DeliveryFault | None = strawberry.field(description="Null: the other side took it.")
    answer: str | None = strawberry.field(description="What it said, without personal data.")


@strawberry.type(description=(
    "One fact for one target, or a notice to one person. Only CONFIRMED is a receipt that it was taken."))
class Delivery(Node):
    target: str | None
    seq: int | None = strawberry.field(description=(
        "1, 2, … per plan and target; none passes another, but a notice to another person."))
    kind: FactKind | None
    notice: NoticeKind | None = strawberry.field(description=(
        "What a notice is about. Notices are seen by those who administer the plan."))
    channel: Channel | None
    recipient: Person | None = strawberry.field(description="Of a notice.")
    state: DeliveryState | None
    ordered_at: datetime | None
    trigger: ArchiveTrigger | None
    version: int | None = strawberry.field(description="Of the archived plan: 1, 2, …")
    by: Person | None = strawberry.field(description=(
        "Who ordered a version for the archive; null where its day had come, and of all else."))
    attempt_count: int | None
    next_attempt_at: datetime | None
    confirmed_at: datetime | None
    sha256: str | None
    reason: CancelReason | None = strawberry.field(description="Why it was cancelled.")
    reference: str | None = strawberry.field(description="The other system's own identifier.")
    answered_by: Person | None = strawberry.field(description=(
        "Who of the unit has answered, where it notes by hand."))
    record: RecordState | None = strawberry.field(description=(
        "What its target held by its own word when it was last asked, at night; null where it can't be "
        "asked, or something was ordered since."))
    compared_at: datetime | None
    unit: Unit | None = strawberry.field(description="Whose fagsystem is told; null for the archive.")
    attempts: list[DeliveryAttempt] | None


@strawberry.input
class DeliveryFilter:
    state: list[DeliveryState] | None = None
    target: str | None = None
    kind: FactKind | None = None
    plan: ID | None = None
    record: RecordState | None = None


@strawberry.type
class DeliveryPayload:
    delivery: Delivery | None
    errors: list[UserError]


@strawberry.type
class DeliveriesPreview:
    count: int


@strawberry.type(description="A file of what would be sent.")
class DeliveryPart:
    name: str = strawberry.field(description="Empty where the whole is one text.")
    media_type: str
    text: str | None = strawberry.field(description="Null where it is no text.")


@strawberry.type(description=(
    "What a delivery would send now, as its target has it put together, about nobody: all that is personal "
    "in it, or was typed in, is replaced."))
class DeliveryPreview:
    reason: CancelReason | None = strawberry.field(description="Why nothing would be sent.")
    fault: DeliveryFault | None = strawberry.field(description="It can't be put together.")
    answer: str | None
    parts: list[DeliveryPart]


@strawberry.type
class RetryDeliveriesPayload:
    count: int | None = strawberry.field(description="How many are tried again; null where it was refused.")
    errors: list[UserError]


@strawberry.type
class DeliveryMutation:
    @strawberry.mutation(graphql_type=DeliveryPayload | None, description="Tries again at once.")
    async def retry_delivery(self, info: Call, delivery_id: ID) -> Done:
        return await acts.retry_delivery(info.context, delivery_id)

    @strawberry.mutation(graphql_type=RetryDeliveriesPayload | None, description=(
        "By a local administrator: tries again what was given up, was lost by its target or waits for its "
        "time, of all that the filter names, within seconds and in order. `deliveriesPreview` tells how many "
        "there are."))
    async def retry_deliveries(self, info: Call, filter: DeliveryFilter) -> Done:
        return await acts.retry_deliveries(info.context, given(filter))

    @strawberry.mutation(graphql_type=DeliveryPayload | None, description=(
        "Leaves it; what comes after it goes on."))
    async def cancel_delivery(self, info: Call, delivery_id: ID) -> Done:
        return await acts.cancel_delivery(info.context, delivery_id)
