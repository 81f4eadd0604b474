"""The municipality, its unit groups and its units."""
import strawberry

from schema.node import Node
from schema.plan_template import PlanTemplate


@strawberry.type(description="The municipality (kommune) whose hub this is, and its settings.")
class Municipality(Node):
    number: str | None = strawberry.field(description="Kommunenummer.")
    organisation_number: str | None
    name: str | None
    language: str | None = strawberry.field(description="nb or nn.")
    consent_age: int | None = strawberry.field(description="The age, 15 or 16, from which the owner signs.")
    guardians_sign_too: bool | None = strawberry.field(description=(
        "Whether guardians sign beside an owner under 18."))
    consent_days: int | None = strawberry.field(description=(
        "How long a consent lasts unless it says otherwise."))
    invitation_days: int | None = strawberry.field(description="How long the link of an invitation is good.")
    reminder_days: list[int] | None = strawberry.field(description=(
        "How long before a consent runs out the stafettholder is reminded."))
    archive_dates: list[str] | None = strawberry.field(description=(
        "Days of the year, MM-DD, on which plans that have changed since their last version are archived."))
    sends_conclusions: bool | None = strawberry.field(description=(
        "Whether conclusions of meetings may be sent to fagsystemer."))
    plan_templates: list[PlanTemplate] | None = strawberry.field(description=(
        "The types of plan, and which elements each has."))
    threshold: int | None = strawberry.field(description="Statistics suppress counts below this.")


@strawberry.type(description="All kindergartens, all schools, …")
class UnitGroup(Node):
    name: str | None


@strawberry.type(description="One kindergarten, school, health clinic, …")
class Unit(Node):
    name: str | None
    organisation_number: str | None
    group: UnitGroup | None
