"""Invitations: a new link, and the acceptance of one."""
import strawberry
from strawberry import ID

from resolvers import invitation as acts
from resolvers.act import Done
from schema.call import Call
from schema.participant import ParticipantPayload


@strawberry.type
class InvitationMutation:
    @strawberry.mutation(graphql_type=ParticipantPayload | None, description=(
        "Sends a new link to one who is invited, by their own channel; the last one is dead from then on. To "
        "one who has joined and must declare confidentiality, a reminder of that. By the stafettholder; to a "
        "stafettholder who has not accepted yet, by those who lead."))
    async def invite_participant(self, info: Call, plan_id: ID, person_id: ID) -> Done:
        return await acts.invite_participant(info.context, plan_id, person_id)

    @strawberry.mutation(graphql_type=ParticipantPayload | None, description=(
        "By the very person who was invited, signed in, with the code of the link: once, in time. They have "
        "then joined, and take part in all that they are invited to in this municipality. INVITATION_DEAD "
        "whatever is wrong. Where `declarationToSign` is not null afterwards, what needs the declaration is "
        "not open before it is signed."))
    async def accept_invitation(self, info: Call, code: str) -> Done:
        return await acts.accept_invitation(info.context, code)
