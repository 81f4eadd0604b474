"""Persons, their posts outside plans, and the search for them."""
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from db.rules.words import Channel, Post
from resolvers import person as acts
from resolvers.act import Done
from resolvers.person import PersonEntry
from schema.call import Call, given
from schema.node import Node, UserError
from schema.unit import Unit, UnitGroup

if TYPE_CHECKING:
    from schema.participant import Participant

# the participant's own module imports this one
ParticipantRef = Annotated["Participant", strawberry.lazy("schema.participant")] | None
SHOWN = ("Null to others where the person hides it or has a protected address, and of an employee unless "
         "they show it.")


@strawberry.type(description="A post outside plans, in a unit, in a group, or in the whole municipality.")
class Assignment(Node):
    post: Post | None
    unit: Unit | None
    group: UnitGroup | None
    since: datetime | None
    until: datetime | None


@strawberry.type(description=(
    "One record across all plans. No field tells an identity number, nor leads to plans."))
class Person(Node):
    name: str | None
    birth_date: date | None
    email: str | None = strawberry.field(description=f"Private. {SHOWN}")
    mobile: str | None = strawberry.field(description=f"Private, E.164. {SHOWN}")
    telephone: str | None = strawberry.field(description=f"Private, E.164. {SHOWN}")
    work_email: str | None
    work_mobile: str | None
    work_telephone: str | None
    hides_mobile: bool | None = strawberry.field(description="Both mobiles. Seen by the person alone.")
    hides_telephone: bool | None = strawberry.field(description="Both telephones. Seen by the person alone.")
    shows_private: bool | None = strawberry.field(description=(
        "Whether one who is employed shows what is private, too. Seen by the person alone."))
    version: int | None = strawberry.field(description="Give it back when you change the person.")
    position: str | None
    workplace: Unit | None
    language: str | None = strawberry.field(description="Seen by the person alone.")
    channel: Channel | None = strawberry.field(description="Of notices; seen by the person alone.")
    assignments: list[Assignment] | None = strawberry.field(description=(
        "Posts outside plans; seen by the person alone."))


@strawberry.input(description=(
    "A part of an employee's name; or an identity number; or a birth date with a name, of which one word "
    "will do: neither case nor marks on letters count."))
class PersonSearch:
    name: str | None = None
    birth_date: date | None = None
    identity_number: str | None = None


@strawberry.input(description=(
    "One who has no identity number is told by name and birth date. Whom `persons(search:)` shows by these "
    "are likely the same: say who of them is meant, or that none is."))
class PersonInput:
    identity_number: str | None = strawberry.field(default=None, description=(
        "Fødselsnummer or D-number. Never given back."))
    birth_date: date | None = strawberry.field(default=None, description="Required of one without a number.")
    existing_id: ID | None = strawberry.field(default=None, description=(
        "Who is meant, of those that are shown."))
    other_than: list[ID] = strawberry.field(default_factory=list, description=(
        "Those that are shown, where none of them is meant: a new person is registered."))
    name: str
    mobile: str | None = None
    email: str | None = None
    channel: Channel | None = strawberry.field(default=None, description=(
        "Of notices: its field must then be filled in. SMS is recommended, and taken where both are."))


def typed(person: PersonInput) -> PersonEntry:
    return PersonEntry(
        person.identity_number, person.birth_date, person.existing_id, tuple(person.other_than), person.name,
        person.mobile, person.email, person.channel)


@strawberry.input(description=(
    "What is left out stays; null empties. Numbers without a country code are Norwegian. What the chosen "
    "channel needs must be filled in."))
class UpdatePersonInput:
    participant_id: ID | None = strawberry.field(default=None, description=(
        "Of a plan that the viewer holds: private contact details and language of one who is not "
        "employed; nothing is emptied. By default the viewer's own."))
    version: int = strawberry.field(description=(
        "The version that the change was made on; another one is a CONFLICT."))
    email: str | None = strawberry.UNSET
    mobile: str | None = strawberry.UNSET
    telephone: str | None = strawberry.UNSET
    work_email: str | None = strawberry.UNSET
    work_mobile: str | None = strawberry.UNSET
    work_telephone: str | None = strawberry.UNSET
    hides_mobile: bool | None = strawberry.UNSET
    hides_telephone: bool | None = strawberry.UNSET
    shows_private: bool | None = strawberry.UNSET
    language: str | None = strawberry.field(default=strawberry.UNSET, description=(
        "nb, nn or en; null: the municipality's."))
    channel: Channel | None = strawberry.UNSET


@strawberry.type
class PersonPayload:
    person: Person | None = strawberry.field(description="Oneself.")
    participant: ParticipantRef = strawberry.field(description="Whose details were mended.")
    errors: list[UserError]


@strawberry.type
class PersonMutation:
    @strawberry.mutation(graphql_type=PersonPayload | None, description=(
        "How one is reached, and what of it others see; or, by the stafettholder, how one of the family is."))
    async def update_person(self, info: Call, input: UpdatePersonInput) -> Done:
        return await acts.update_person(
            info.context, input.participant_id, input.version, given(input, "participant_id", "version"))
