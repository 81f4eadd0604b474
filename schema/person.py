"""Persons, their posts outside plans, and the search for them."""
from datetime import date, datetime

import strawberry

from db.rules.words import Channel, Post
from resolvers.person import PersonEntry
from schema.node import Node
from schema.unit import Unit, UnitGroup

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
    "One record across all plans. Identity numbers never leave through the API; no field leads to plans."))
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
    "A part of an employee's name; or an identity number; or a whole name with a birth date."))
class PersonSearch:
    name: str | None = None
    birth_date: date | None = None
    identity_number: str | None = None


@strawberry.input
class PersonInput:
    identity_number: str = strawberry.field(description="Fødselsnummer or D-number. Never given back.")
    name: str
    mobile: str | None = None
    email: str | None = None
    channel: Channel | None = strawberry.field(default=None, description=(
        "Of notices: its field must then be filled in. SMS is recommended, and taken where both are."))


def typed(given: PersonInput) -> PersonEntry:
    return PersonEntry(given.identity_number, given.name, given.mobile, given.email, given.channel)
