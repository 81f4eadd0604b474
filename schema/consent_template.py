"""The municipality's consent forms, from which a plan's own is drafted."""
from datetime import datetime

import strawberry

from db.rules.words import Direction, PlanType
from resolvers import consent_template as acts
from resolvers.act import Done
from resolvers.consent_template import TemplateEntry
from schema.call import Call
from schema.node import Node, UserError


@strawberry.type(description=(
    "A municipality's form in one language, to start a consent from. A version is a form in all its "
    "languages, and never altered; older ones are for those who keep them."))
class ConsentTemplate(Node):
    plan_type: PlanType | None
    language: str | None = strawberry.field(description="BCP 47.")
    direction: Direction | None
    version: int | None
    title: str | None
    text: str | None
    published_at: datetime | None
    replaced_at: datetime | None = strawberry.field(description="Null of the version in use.")


@strawberry.input(description="All that is given must hold.")
class ConsentTemplateFilter:
    plan_type: PlanType | None = None
    language: str | None = strawberry.field(default=None, description="BCP 47, as it is shown.")
    in_force_at: datetime | None = strawberry.field(default=None, description=(
        "The version that was in use at a moment; what has been replaced is there for local administrators."))


@strawberry.input(description="The form in one language.")
class ConsentTemplateTextInput:
    language: str = strawberry.field(description=(
        "BCP 47: the language, and script or region where they tell more."))
    title: str
    text: str = strawberry.field(description=(
        "Whole, as it will be signed: whom it names, what is held back and the period stand beside it."))


@strawberry.input
class PublishConsentTemplateInput:
    plan_type: PlanType
    texts: list[ConsentTemplateTextInput] = strawberry.field(description=(
        "The whole form: bokmål or nynorsk, and what it is translated to. What is left out is not in this "
        "version."))


@strawberry.type
class ConsentTemplatePayload:
    template: ConsentTemplate | None = strawberry.field(description=(
        "In the municipality's language, or in its other one; `consentTemplates` has the rest."))
    errors: list[UserError]


@strawberry.type
class ConsentTemplateMutation:
    @strawberry.mutation(graphql_type=ConsentTemplatePayload | None, description=(
        "By a local administrator: the next version for one type of plan, from now on. Consents that were "
        "drafted before keep their text."))
    async def publish_consent_template(self, info: Call, input: PublishConsentTemplateInput) -> Done:
        return await acts.publish_consent_template(info.context, input.plan_type, [
            TemplateEntry(t.language, t.title, t.text) for t in input.texts])
