"""The declaration of confidentiality, to be read and signed."""
import strawberry

from resolvers import declaration as acts
from resolvers.act import Done
from schema.call import Call
from schema.node import UserError
from schema.person import Person


@strawberry.type(description="A declaration of confidentiality in one language.")
class DeclarationForm:
    language: str
    text: str
    hash: str = strawberry.field(description="SHA-256 of language and text, hexadecimal.")


@strawberry.type
class DeclarationPayload:
    person: Person | None
    errors: list[UserError]


@strawberry.type
class DeclarationMutation:
    @strawberry.mutation(graphql_type=DeclarationPayload | None, description=(
        "By one who must declare confidentiality: next of kin, and others without a position. It holds for "
        "each plan in which they have accepted to take part, which is open to them from then on."))
    async def sign_declaration(self, info: Call, hash: str) -> Done:
        return await acts.sign_declaration(info.context, hash)
