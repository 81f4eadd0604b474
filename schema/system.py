"""What system clients do by themselves: plans that they open for somebody; and what all have asked for, as
local administrators see it."""
from datetime import date, datetime

import strawberry
from strawberry import ID

from db.rules.words import Channel, PlanType, SystemAct
from resolvers import system as acts
from resolvers.act import Done
from resolvers.person import PersonEntry
from resolvers.plan import PlanEntry
from resolvers.proposal import ProviderEntry
from resolvers.system import SystemEntry
from schema.call import Call
from schema.node import Node, UserError


@strawberry.type(description=(
    "What a system client has asked for by itself; nothing of whom it was about. A question that was told of "
    "a plan stands in that plan's access log, too."))
class SystemRequest(Node):
    at: datetime | None
    act: SystemAct | None
    organisation_number: str | None = strawberry.field(description="In whose name it was asked.")
    supplier_number: str | None = strawberry.field(description=(
        "The organisation that asked for them, where the token tells."))
    allowed: bool | None = strawberry.field(description=(
        "False: the token lacked the scope, and nothing was looked up."))
    answered: int | None = strawberry.field(description=(
        "Of a question: how many records were told; null: none was looked for."))


@strawberry.type(description="A code of the schema's, and its word in the language of the request.")
class Option:
    code: str
    name: str


@strawberry.type(description="A unit whose organisation number the token carries.")
class UnitOption:
    id: ID
    name: str
    organisation_number: str


@strawberry.type(description="What a system client has to choose from, where it opens a plan.")
class SystemOptions:
    plan_types: list[Option]
    participant_roles: list[Option]
    units: list[UnitOption]


@strawberry.input(description="One of the family, by their number: one who has none is typed in by a person.")
class NumberedPersonInput:
    identity_number: str = strawberry.field(description="Fødselsnummer or D-number. Never given back.")
    name: str
    mobile: str | None = None
    email: str | None = None
    channel: Channel | None = strawberry.field(default=None, description=(
        "Of notices: its field must then be filled in."))


@strawberry.input(description="An employee, by their number; or a whole unit.")
class ProviderInput:
    identity_number: str | None = None
    unit_id: ID | None = None


@strawberry.input
class CreatePlanFromSystemInput:
    type: PlanType = PlanType.STAFETTLOGG
    unit_id: ID = strawberry.field(description="Of `systemOptions`.")
    plan_creator_identity_number: str = strawberry.field(description=(
        "In whose name it is opened: one who may create plans in the unit."))
    owner: NumberedPersonInput
    guardians: list[NumberedPersonInput] = strawberry.field(default_factory=list, description=(
        "All with parental responsibility."))
    stafettholder_identity_number: str | None = strawberry.field(default=None, description=(
        "An employee; the plan creator, by default."))
    providers: list[ProviderInput] = strawberry.field(default_factory=list, description=(
        "Who should take part: named in a draft of the consent by the municipality's form, which the "
        "stafettholder sends or draws anew."))
    short_name: str | None = strawberry.field(default=None, description="The owner's initials by default.")
    level: int = 1
    start_date: date | None = None
    next_evaluation_date: date | None = None


@strawberry.type
class SystemPlanPayload:
    plan_ref: ID | None = strawberry.field(description=(
        "The plan's reference in the unit's fagsystem, as deliveries tell it once a consent is in force."))
    errors: list[UserError]


@strawberry.type
class SystemMutation:
    @strawberry.mutation(graphql_type=SystemPlanPayload | None, description=(
        "By a system client: opens a plan in the name of a plan creator, by their posts and with their "
        "refusals. Shown in the plan's history and logged. The numbers by variables."))
    async def create_plan_from_system(self, info: Call, input: CreatePlanFromSystemInput) -> Done:
        plan = PlanEntry(
            input.type, input.unit_id, family(input.owner), tuple(family(g) for g in input.guardians), None,
            input.short_name, input.level, input.start_date, input.next_evaluation_date)
        providers = tuple(ProviderEntry(one.identity_number, one.unit_id) for one in input.providers)
        return await acts.create_plan_from_system(info.context, SystemEntry(
            input.plan_creator_identity_number, input.stafettholder_identity_number, providers, plan))


def family(given: NumberedPersonInput) -> PersonEntry:
    return PersonEntry(given.identity_number, None, None, (), given.name, given.mobile, given.email,
                       given.channel)
