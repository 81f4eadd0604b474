"""Explanations: why somebody has access or has not, and what a consent would open before it is signed."""
from datetime import datetime

import strawberry
from strawberry import ID

from db.rules.rights import Element
from db.rules.words import AccessLevel, AccessReason, Role, SigningMethod
from schema.plan import ElementAccess


@strawberry.type(description="A signature that a consent needs.")
class ExplainedSignature:
    name: str
    at: datetime | None = strawberry.field(description="Null while it has not come.")
    method: SigningMethod | None


@strawberry.type(description=(
    "What one person may with one element at one moment, as it was recorded then, and what it follows from."))
class AccessExplanation:
    element: Element
    level: AccessLevel
    reason: AccessReason
    since: datetime | None = strawberry.field(description="From when; null where nothing is open.")
    until: datetime | None = strawberry.field(description="Null: no end was known, or nothing is open.")
    recorded_at: datetime | None = strawberry.field(description="When the hub decided so.")
    roles: list[Role] = strawberry.field(description="The person's parts in the plan at that moment.")
    consent_id: ID | None = strawberry.field(description=(
        "The consent that opened it, or whose end closed it; null where a role decides."))
    signatures: list[ExplainedSignature] | None


@strawberry.type(description=(
    "One whom the consent would let in, and to what: who takes part today, or would as a service provider."))
class PreviewedAccess:
    name: str | None
    person_id: ID | None
    unit_id: ID | None = strawberry.field(description="Where a whole service is named.")
    role: Role
    takes_part: bool = strawberry.field(description="Already today.")
    elements: list[ElementAccess]
