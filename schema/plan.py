"""The plan as GraphQL shows it: declarations only, every field is the mapped attribute of the same name."""
from datetime import date, datetime

import strawberry
from strawberry import ID

from db.rules.rights import Element
from db.rules.words import AccessLevel, AccessReason, CloseReason, LogAction, PlanStatus, PlanType
from resolvers import plan as acts
from resolvers.act import Done
from resolvers.plan import PlanEntry
from schema.call import Call, given
from schema.consent import Consent
from schema.deletion import DeletionRequest
from schema.delivery import Delivery
from schema.goal import Goal, WorkFilter
from schema.handover import Handover
from schema.move import UnitChange
from schema.node import Connection, Node, UserError
from schema.participant import Participant
from schema.person import Person, PersonInput, typed
from schema.unit import Unit
from schema.words import AccessLogOrder, GoalOrder


@strawberry.type(description=(
    "The viewer's own access to one element, so that empty and withheld never look alike."))
class ElementAccess:
    element: Element | None
    level: AccessLevel | None
    until: datetime | None = strawberry.field(description=(
        "When it ends by what is known today; null: no end is known."))
    reason: AccessReason | None = strawberry.field(description="Why it is open, or why it is not.")


@strawberry.type(description="What the plan says of the child.")
class Overview(Node):
    presentation: str | None = strawberry.field(description=(
        "About me: school or kindergarten, class, interests."))
    initiative: str | None = strawberry.field(description="Who took the initiative, and why.")
    strengths: str | None
    challenges: str | None
    own_voice: str | None = strawberry.field(description="The child's own view.")
    version: int | None = strawberry.field(description="Give it back when you change the overview.")


@strawberry.type
class StatusChange(Node):
    status: PlanStatus | None
    since: datetime | None
    reason: CloseReason | None
    by: Person | None


@strawberry.type
class LevelChange(Node):
    level: int | None
    since: datetime | None
    reason: str | None


@strawberry.type(description=(
    "One person's reading of some elements, or sending of a conclusion; or that a service's fagsystem was "
    "told that there is a plan, or opened it. The same again within the hour is one entry."))
class AccessLog(Node):
    at: datetime | None
    person: Person | None = strawberry.field(description=(
        "Null: a fagsystem, or the hub itself, on a day on which plans are archived."))
    unit: Unit | None = strawberry.field(description=(
        "Whose fagsystem it was, by itself or in the person's name; null: a person, or somebody's address is "
        "protected."))
    action: LogAction | None
    read: list[Element] | None = strawberry.field(description="The elements that were read.")
    because: AccessReason | None = strawberry.field(description=(
        "Why they were open, by the ledger of that moment."))
    consent: ID | None = strawberry.field(description=(
        "The consent it was read through; null where the role opened it."))


@strawberry.type(description=(
    "The plan round one child, young person or pregnant woman. What may not be read is null."))
class Plan(Node):
    type: PlanType | None
    short_name: str | None = strawberry.field(description="Initials.")
    status: PlanStatus | None
    level: int | None = strawberry.field(description="BTI level, 0 to 3.")
    start_date: date | None
    end_date: date | None
    next_evaluation_date: date | None
    changed_at: datetime | None
    consent_expires_in_days: int | None = strawberry.field(description=(
        "Of the consent in force; null where none is."))
    last_archived_at: datetime | None = strawberry.field(description="By the archive's own receipt.")
    followed_by: ID | None = strawberry.field(description=(
        "The individual plan that this one was closed for, to those who take part in that one."))
    owner: Person | None
    unit: Unit | None
    opened_through: Unit | None = strawberry.field(description=(
        "Whose fagsystem opened it, for the one who did by its history; null: it was opened here, or "
        "somebody's address is protected."))
    stafettholder: Person | None
    overview: Overview | None
    consents: list[Consent] | None
    status_history: list[StatusChange] | None
    level_history: list[LevelChange] | None
    unit_history: list[UnitChange] | None
    handovers: list[Handover] | None
    deletion_requests: list[DeletionRequest] | None
    deliveries: list[Delivery] | None
    viewer_access: list[ElementAccess] | None

    @strawberry.field
    def participants(self, first: int | None = None) -> list[Participant] | None: ...

    @strawberry.field
    def goals(self, first: int | None = None, filter: WorkFilter | None = None,
              order_by: GoalOrder | None = None) -> list[Goal] | None: ...

    @strawberry.field(description=(
        "Who read what, when, and through which consent; for the owner and the guardians."))
    def access_log(self, first: int | None = None, after: str | None = None,
                   last: int | None = None, before: str | None = None,
                   order_by: AccessLogOrder | None = None) -> Connection[AccessLog] | None: ...


@strawberry.input(description="All that is given must hold. What the viewer may not read matches nothing.")
class PlanFilter:
    search: str | None = strawberry.field(default=None, description=(
        "A part of the owner's name or of the short name."))
    status: list[PlanStatus] | None = None
    type: PlanType | None = None
    unit: ID | None = None
    stafettholder: ID | None = None
    level: int | None = None
    consent_expires_within_days: int | None = None
    never_archived: bool | None = None
    changed_since: datetime | None = None


@strawberry.input
class CreatePlanInput:
    type: PlanType = PlanType.STAFETTLOGG
    unit_id: ID
    owner: PersonInput
    guardians: list[PersonInput] = strawberry.field(default_factory=list, description=(
        "All with parental responsibility."))
    stafettholder_id: ID | None = strawberry.field(default=None, description=(
        "An employee; the one who creates, by default."))
    short_name: str | None = strawberry.field(default=None, description="The owner's initials by default.")
    level: int = 1
    start_date: date | None = None
    next_evaluation_date: date | None = None


@strawberry.input(description="What is left out stays; null empties.")
class UpdateOverviewInput:
    plan_id: ID
    version: int = strawberry.field(description=(
        "The version that the change was made on; another one is a CONFLICT."))
    presentation: str | None = strawberry.UNSET
    initiative: str | None = strawberry.UNSET
    strengths: str | None = strawberry.UNSET
    challenges: str | None = strawberry.UNSET
    own_voice: str | None = strawberry.UNSET


@strawberry.type
class PlanPayload:
    plan: Plan | None
    errors: list[UserError]


@strawberry.type
class OverviewPayload:
    overview: Overview | None
    plan: Plan | None
    errors: list[UserError]


@strawberry.type
class ArchivePayload:
    plan: Plan | None
    delivery: Delivery | None
    errors: list[UserError]


@strawberry.type
class PlanMutation:
    @strawberry.mutation(graphql_type=PlanPayload | None, description=(
        "Opens a plan; closed to all but those who will sign until the consent is in force. "
        "One running stafettlogg per owner."))
    async def create_plan(self, info: Call, input: CreatePlanInput) -> Done:
        return await acts.create_plan(info.context, PlanEntry(
            input.type, input.unit_id, typed(input.owner), tuple(typed(g) for g in input.guardians),
            input.stafettholder_id, input.short_name, input.level,
            input.start_date, input.next_evaluation_date))

    @strawberry.mutation(graphql_type=OverviewPayload | None)
    async def update_overview(self, info: Call, input: UpdateOverviewInput) -> Done:
        return await acts.update_overview(
            info.context, input.plan_id, input.version, given(input, "plan_id", "version"))

    @strawberry.mutation(graphql_type=PlanPayload | None, description=(
        "Another BTI level, with the reason; kept in the plan's `levelHistory`."))
    async def change_level(self, info: Call, plan_id: ID, level: int, reason: str) -> Done:
        return await acts.change_level(info.context, plan_id, level, reason)

    @strawberry.mutation(graphql_type=PlanPayload | None, description=(
        "Rights close at once; archives, then tells the fagsystemer. What is closed because an individual "
        "plan was opened names it: one of the same owner that runs."))
    async def close_plan(self, info: Call, plan_id: ID, reason: CloseReason,
                         successor_id: ID | None = None) -> Done:
        return await acts.close_plan(info.context, plan_id, reason, successor_id)

    @strawberry.mutation(graphql_type=PlanPayload | None, description=(
        "Awaits consent again, unless one is in force."))
    async def reopen_plan(self, info: Call, plan_id: ID) -> Done:
        return await acts.reopen_plan(info.context, plan_id)

    @strawberry.mutation(graphql_type=ArchivePayload | None, description=(
        "Orders a version for the municipality's archive: of what it has chosen for the type of plan, or of "
        "the elements that are named here, beside those that are in every version. The access log is a "
        "summary. `afterMeeting`: because a meeting was held."))
    async def archive_plan(self, info: Call, plan_id: ID, elements: list[Element] | None = None,
                           after_meeting: bool = False) -> Done:
        return await acts.archive_plan(info.context, plan_id, elements, after_meeting=after_meeting)
