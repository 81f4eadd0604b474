"""Participants of a plan, and the changes to them."""
from datetime import datetime

import strawberry
from strawberry import ID

from db.rules.words import ParticipantState, Role
from resolvers import participant as acts
from resolvers.act import Done
from schema.call import Call, PlanRef
from schema.node import Node, UserError
from schema.person import Person, PersonInput, typed
from schema.unit import Unit


@strawberry.type(description="One person's part in a plan.")
class Participant(Node):
    role: Role | None
    responsibility: str | None = strawberry.field(description="Free text, seen inside this plan only.")
    state: ParticipantState | None
    since: datetime | None
    until: datetime | None = strawberry.field(description="Null: until the plan is deleted.")
    version: int | None = strawberry.field(description="Give it back when you change the participant.")
    accepted_at: datetime | None = strawberry.field(description="Null: the invitation has not been accepted.")
    invited_until: datetime | None = strawberry.field(description=(
        "Until when the last link is good that was sent; null where none was."))
    must_declare: bool | None = strawberry.field(description=(
        "Whether a declaration of confidentiality must be signed before anything opens."))
    declared_at: datetime | None
    person: Person | None
    unit: Unit | None


@strawberry.input
class AddParticipantInput:
    plan_id: ID
    person_id: ID
    role: Role
    responsibility: str | None = None


@strawberry.input
class AddGuardianInput:
    plan_id: ID
    person: PersonInput


@strawberry.type
class ParticipantPayload:
    participant: Participant | None
    plan: PlanRef
    errors: list[UserError]


@strawberry.type
class ParticipantMutation:
    @strawberry.mutation(graphql_type=ParticipantPayload | None, description=(
        "Adds one whom the consent in force names: employees by name or service, others by name. Who has not "
        "joined this municipality's hub is sent an invitation, and sees nothing before they accept it."))
    async def add_participant(self, info: Call, input: AddParticipantInput) -> Done:
        return await acts.add_participant(
            info.context, input.plan_id, input.person_id, input.role, input.responsibility)

    @strawberry.mutation(graphql_type=ParticipantPayload | None, description=(
        "Adds one with parental responsibility, before the first form has gone out for signing."))
    async def add_guardian(self, info: Call, input: AddGuardianInput) -> Done:
        return await acts.add_guardian(info.context, input.plan_id, typed(input.person))

    @strawberry.mutation(graphql_type=ParticipantPayload | None, description=(
        "What one answers for, as it is told in this plan alone. By the stafettholder."))
    async def update_participant(self, info: Call, participant_id: ID, version: int,
                                 responsibility: str) -> Done:
        return await acts.update_participant(info.context, participant_id, version, responsibility)

    @strawberry.mutation(graphql_type=ParticipantPayload | None, description="Ends a participation now.")
    async def end_participant(self, info: Call, participant_id: ID) -> Done:
        return await acts.end_participant(info.context, participant_id)
