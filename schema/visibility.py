"""What others see of one's own person."""
import strawberry
from strawberry import ID

from db.rules.words import SeenBy


@strawberry.type(description="One who sees a field of the viewer's now.")
class SeenByPerson:
    person_id: ID
    name: str


@strawberry.type(description="Those who have business in a plan and see a field of the viewer's there.")
class SeenInPlan:
    plan_id: ID
    people: list[SeenByPerson] | None = strawberry.field(description=(
        "Null to those who may not know whom the consent lets in, and how old the child is."))


@strawberry.type(description="Who sees one field of the viewer's own person, as it is filled in now.")
class FieldVisibility:
    field: str = strawberry.field(description="A field of Person.")
    seen_by: list[SeenBy] = strawberry.field(description=(
        "Kinds of people who see it wherever they meet the viewer, if no consent holds it back from them."))
    plans: list[SeenInPlan]
