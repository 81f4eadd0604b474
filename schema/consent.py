"""The consent that opens a plan."""
from datetime import date, datetime

import strawberry
from strawberry import ID

from db.rules.rights import Element
from db.rules.words import AccessLevel, ConsentState, Direction, DocumentKind, FormLanguage, SigningMethod
from resolvers import consent as acts, consent_draft as drafts, signing
from resolvers.act import Done
from resolvers.consent_draft import ConsentEntry, NameEntry
from resolvers.signing import PaperEntry
from schema.call import Call, PlanRef
from schema.node import Node, UserError
from schema.person import Person, PersonInput, typed
from schema.unit import Unit


@strawberry.type(description="One whose signature is required, and the signature when it has come.")
class ConsentSignature(Node):
    person: Person | None
    signed_at: datetime | None
    method: SigningMethod | None
    language: str | None = strawberry.field(description="That was signed in; BCP 47.")
    hash: str | None = strawberry.field(description="Of the text that was signed.")
    transaction: str | None


@strawberry.type(description="The form in one language; whoever signs chooses one of them.")
class ConsentText(Node):
    language: str | None = strawberry.field(description="BCP 47.")
    direction: Direction | None
    text: str | None
    hash: str | None = strawberry.field(description=(
        "SHA-256 of the whole form: text, language, names, restrictions, period."))


@strawberry.type(description="What is held back of one element: the level is the most that is left.")
class ConsentRestriction:
    element: Element | None
    level: AccessLevel | None


@strawberry.type(description="A person or a whole service that the consent names.")
class ConsentName(Node):
    person: Person | None
    unit: Unit | None
    whereabouts: bool | None = strawberry.field(description=(
        "Whether a protected address may be shown to them."))
    restrictions: list[ConsentRestriction] | None


@strawberry.type(description=(
    "A PDF beside the consent, never changed: what somebody has signed on paper, or the form as all have "
    "signed it, made when it is first asked for at `/consents/{id}.pdf`. All are at `/documents/{id}.pdf`."))
class ConsentDocument(Node):
    kind: DocumentKind | None
    signer: Person | None
    by: Person | None = strawberry.field(description="Who uploaded it; null of what the hub has made.")
    made_at: datetime | None = strawberry.field(description="When it was uploaded, or made.")
    signed_on: date | None = strawberry.field(description="The day on the paper.")
    sha256: str | None = strawberry.field(description="Of the PDF, hexadecimal.")


@strawberry.type(description=(
    "One version of a plan's consent. In force only when all required signers have signed."))
class Consent(Node):
    state: ConsentState | None
    valid_from: datetime | None
    valid_until: datetime | None
    sent_at: datetime | None
    opened_at: datetime | None = strawberry.field(description="When it came into force.")
    declined_at: datetime | None
    withdrawn_at: datetime | None
    superseded_at: datetime | None
    ended_by: Person | None = strawberry.field(description=(
        "Who declined or withdrew it: told to the family and the stafettholder alone."))
    entered_by: Person | None = strawberry.field(description=(
        "The stafettholder who wrote that down, where it was said outside the hub."))
    texts: list[ConsentText] | None
    signatures: list[ConsentSignature] | None
    names: list[ConsentName] | None
    documents: list[ConsentDocument] | None


@strawberry.input(description="The most that is left of one element.")
class RestrictionInput:
    element: Element
    level: AccessLevel


@strawberry.input(description="One person or one service.")
class ConsentNameInput:
    person_id: ID | None = strawberry.field(default=None, description=(
        "An employee, or one who takes part already."))
    unit_id: ID | None = None
    person: PersonInput | None = strawberry.field(default=None, description=(
        "One who is no employee, such as next of kin. Looked up, which is logged, and registered where "
        "nobody is known to be it."))
    restrictions: list[RestrictionInput] = strawberry.field(default_factory=list)
    whereabouts: bool = strawberry.field(default=False, description=(
        "Whether a protected address may be shown to them."))


@strawberry.input(description="The form in one language.")
class ConsentTextInput:
    language: FormLanguage
    text: str


@strawberry.input(description=(
    "From a template, in all the languages that its form has, or with texts of its own; not both. The period "
    "is the municipality's usual one unless another is given."))
class DraftConsentInput:
    plan_id: ID
    template_id: ID | None = None
    texts: list[ConsentTextInput] = strawberry.field(default_factory=list)
    valid_from: date | None = None
    valid_until: date | None = strawberry.field(default=None, description="The last day.")
    names: list[ConsentNameInput] = strawberry.field(default_factory=list)


@strawberry.input
class SignConsentInput:
    consent_id: ID
    method: SigningMethod = strawberry.field(description=(
        "BANKID: the token tells of a sign-in at level high, at most ten minutes old, that has confirmed no "
        "other form. DEMO_BANKID in demo mode alone."))
    hash: str = strawberry.field(description="Of the one of its texts that the signer has read.")


@strawberry.input
class SignConsentOnPaperInput:
    consent_id: ID
    person_id: ID = strawberry.field(description="Who has signed: one whose signature is required.")
    hash: str = strawberry.field(description="Of the one of the consent's texts that stands on the paper.")
    signed_on: date
    paper: ID = strawberry.field(description=(
        "What `POST /uploads` answered to the scanned form; it can be named once, by its uploader, within a "
        "day."))


@strawberry.type
class ConsentPayload:
    consent: Consent | None
    plan: PlanRef
    errors: list[UserError]


@strawberry.type
class ConsentMutation:
    @strawberry.mutation(graphql_type=ConsentPayload | None, description=(
        "A new version, seen by nobody's rights yet."))
    async def draft_consent(self, info: Call, input: DraftConsentInput) -> Done:
        names = tuple(
            NameEntry(n.person_id, n.unit_id, typed(n.person) if n.person else None,
                      tuple((r.element, r.level) for r in n.restrictions), n.whereabouts)
            for n in input.names)
        return await drafts.draft_consent(info.context, ConsentEntry(
            input.plan_id, input.template_id, tuple((t.language, t.text) for t in input.texts),
            input.valid_from, input.valid_until, names))

    @strawberry.mutation(graphql_type=ConsentPayload | None, description=(
        "A draft of the same form, in all its languages, over the same people, for a new period. What holds "
        "now goes on until all have signed the new one."))
    async def renew_consent(self, info: Call, consent_id: ID, valid_from: date | None = None,
                            valid_until: date | None = None) -> Done:
        return await drafts.renew_consent(info.context, consent_id, valid_from, valid_until)

    @strawberry.mutation(graphql_type=ConsentPayload | None, description=(
        "To those who must sign: by the owner's age on the day, and the municipality's settings."))
    async def send_consent(self, info: Call, consent_id: ID) -> Done:
        return await acts.send_consent(info.context, consent_id)

    @strawberry.mutation(graphql_type=ConsentPayload | None, description=(
        "The last required signature opens the plan."))
    async def sign_consent(self, info: Call, input: SignConsentInput) -> Done:
        return await signing.sign_consent(info.context, input.consent_id, input.method, input.hash)

    @strawberry.mutation(graphql_type=ConsentPayload | None, description=(
        "By the stafettholder, for one who has signed on paper. It counts from now on."))
    async def sign_consent_on_paper(self, info: Call, input: SignConsentOnPaperInput) -> Done:
        return await signing.sign_consent_on_paper(info.context, PaperEntry(
            input.consent_id, input.person_id, input.hash, input.signed_on, input.paper))

    @strawberry.mutation(graphql_type=ConsentPayload | None, description=(
        "One refusal declines the whole. `personId`: by the stafettholder, for a signer who has said so "
        "outside the hub; they are told of it, if they can be reached."))
    async def decline_consent(self, info: Call, consent_id: ID, person_id: ID | None = None) -> Done:
        return await acts.decline_consent(info.context, consent_id, person_id)

    @strawberry.mutation(graphql_type=ConsentPayload | None, description=(
        "By any required signer, at any time: from then on no service provider reads anything. `personId`: "
        "by the stafettholder, for a signer who has said so outside the hub: on paper, or by telephone."))
    async def withdraw_consent(self, info: Call, consent_id: ID, person_id: ID | None = None) -> Done:
        return await acts.withdraw_consent(info.context, consent_id, person_id)
