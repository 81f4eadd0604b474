"""What a fagsystem is told when it asks by itself, as its unit's records hold it."""
from datetime import date, datetime

import strawberry
from strawberry import ID


@strawberry.type(description="The stafettholder, as they are reached at work.")
class FagsystemContact:
    name: str
    role: str
    unit: str | None = strawberry.field(description="Null where somebody's address is protected.")
    phone: str | None = strawberry.field(description=(
        "Null where the person hides it, or somebody's address is protected."))


@strawberry.type(description=(
    "That the person has a stafettlogg in which a unit takes part, by the consent in force. Nothing of what "
    "is in it."))
class FagsystemRecord:
    plan_ref: ID = strawberry.field(description=(
        "The plan's reference in this unit's fagsystem, as deliveries tell it; another in each service."))
    since: date
    updated_at: datetime = strawberry.field(description=(
        "When this last became what it is; that the contact's own number has changed does not count."))
    unit_organisation_number: str
    unit_name: str
    contact: FagsystemContact
    hub_url: str
    protected: bool = strawberry.field(description=(
        "The person's address is protected: a record of this must carry the mark."))
