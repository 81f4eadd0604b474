"""The correction of an identity number."""
import strawberry
from strawberry import ID

from resolvers import correction as acts
from resolvers.act import Done
from schema.call import Call
from schema.node import UserError


@strawberry.type(description="Of an identity number there is nothing to show.")
class CorrectionPayload:
    errors: list[UserError]


@strawberry.type
class CorrectionMutation:
    @strawberry.mutation(graphql_type=CorrectionPayload | None, description=(
        "By a local administrator, of one whom a plan is round and who is in the hub as nothing else: a "
        "fødselsnummer in place of a D-number, the right number in place of a wrong one, or a first one, of "
        "the same birth date. Every service that knows of a plan of theirs is told. Logged as a search is, "
        "with the reason."))
    async def correct_identity_number(self, info: Call, person_id: ID, identity_number: str,
                                      reason: str) -> Done:
        return await acts.correct_identity_number(info.context, person_id, identity_number, reason)
