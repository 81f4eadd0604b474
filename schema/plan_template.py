"""The types of plan: which elements each has, and what the municipality switches."""
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from db.rules.rights import Element
from db.rules.words import PlanType
from resolvers import plan_template as acts
from resolvers.act import Done
from schema.call import Call
from schema.node import UserError

if TYPE_CHECKING:
    from schema.unit import Municipality

MunicipalityRef = Annotated["Municipality", strawberry.lazy("schema.unit")] | None  # it shows the templates


@strawberry.type(description="One element of a type of plan.")
class TemplateElement:
    element: Element | None
    on: bool | None = strawberry.field(description=(
        "Whether plans of the type have it. What they don't have is open to nobody."))
    optional: bool | None = strawberry.field(description="Whether the municipality can switch it.")
    switched_at: datetime | None = strawberry.field(description="Null where it never has been.")
    archived: bool | None = strawberry.field(description=(
        "Whether versions for the archive hold it, of plans that have it."))
    archive_optional: bool | None = strawberry.field(description=(
        "Whether the municipality can leave it out of versions for the archive, or take it in."))


@strawberry.type(description="The elements that plans of one type have.")
class PlanTemplate:
    type: PlanType | None
    elements: list[TemplateElement] | None


@strawberry.input
class SwitchElementInput:
    plan_type: PlanType
    element: Element
    on: bool


@strawberry.input
class ChooseForArchiveInput:
    plan_type: PlanType
    element: Element
    on: bool


@strawberry.type
class PlanTemplatePayload:
    municipality: MunicipalityRef
    errors: list[UserError]


@strawberry.type
class PlanTemplateMutation:
    @strawberry.mutation(graphql_type=PlanTemplatePayload | None, description=(
        "By a local administrator: all plans of the type get the element at once, or lose it, and with it "
        "what anybody may do there. What a type gets is in no consent that was asked for before."))
    async def switch_element(self, info: Call, input: SwitchElementInput) -> Done:
        return await acts.switch_element(info.context, input.plan_type, input.element, on=input.on)

    @strawberry.mutation(graphql_type=PlanTemplatePayload | None, description=(
        "By a local administrator: what versions for the archive hold of plans of the type, from now on. Who "
        "took part, what they agreed to, how it went and the consents are in every version."))
    async def choose_for_archive(self, info: Call, input: ChooseForArchiveInput) -> Done:
        return await acts.choose_for_archive(info.context, input.plan_type, input.element, on=input.on)
