"""The receivers that a municipality tells something, and how it is with them."""
from datetime import datetime

import strawberry
from strawberry import ID

from db.rules.alert import AlertKind
from db.rules.target import PauseReason
from resolvers import target as acts
from resolvers.act import Done
from schema.call import Call
from schema.node import Node, UserError


@strawberry.type(description=(
    "What local administrators are told of by e-mail, when it starts and when it ends."))
class Alert(Node):
    kind: AlertKind | None
    started_at: datetime | None
    ended_at: datetime | None


@strawberry.type(description=(
    "Each night: how many of the facts and versions that it has confirmed the target still holds."))
class Reconciliation(Node):
    started_at: datetime | None
    ended_at: datetime | None = strawberry.field(description="Null: it broke off, or goes on.")
    same: int | None
    missing: int | None
    different: int | None
    unanswered: int | None = strawberry.field(description="For which it did not say.")


@strawberry.type(description=(
    "A receiver of deliveries, as the hub's settings name it. Counts are of all plans of this municipality."))
class Target(Node):
    name: str | None
    failures: int | None = strawberry.field(description="In a row, up to now.")
    resting_until: datetime | None = strawberry.field(description=(
        "It has failed too often: nothing is sent until then, and one delivery then tries it."))
    paused_at: datetime | None = strawberry.field(description=(
        "Since when nothing is sent, until it is resumed."))
    pause_reason: PauseReason | None
    measured_at: datetime | None = strawberry.field(description="When the numbers below were true.")
    waiting: int | None = strawberry.field(description="Deliveries that are not confirmed yet.")
    blocked: int | None = strawberry.field(description=(
        "Of these, how many a person must look at; no notices."))
    oldest_unconfirmed_at: datetime | None = strawberry.field(description=(
        "When the oldest of those that wait was ordered."))
    attempts: int | None = strawberry.field(description="Within the last day.")
    failed: int | None = strawberry.field(description="How many of the attempts failed.")
    checked_at: datetime | None = strawberry.field(description="When it was last asked whether it is well.")
    fault: str | None = strawberry.field(description="What was found wrong then, a line each.")
    fault_since: datetime | None
    reconciliations: list[Reconciliation] | None = strawberry.field(description="Of the last month.")
    alerts: list[Alert] | None = strawberry.field(description="Until they have been over for a month.")


@strawberry.type
class TargetPayload:
    target: Target | None
    errors: list[UserError]


@strawberry.type
class TargetMutation:
    @strawberry.mutation(graphql_type=TargetPayload | None, description=(
        "By a local administrator: nothing is sent to it until it is resumed. What waits is kept, and what "
        "consent no longer allows is cancelled meanwhile."))
    async def pause_target(self, info: Call, target_id: ID) -> Done:
        return await acts.pause_target(info.context, target_id)

    @strawberry.mutation(graphql_type=TargetPayload | None, description=(
        "By a local administrator: what waits goes out, in order."))
    async def resume_target(self, info: Call, target_id: ID) -> Done:
        return await acts.resume_target(info.context, target_id)
