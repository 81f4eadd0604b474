"""What system clients have asked for by themselves, as local administrators see it."""
from datetime import datetime

import strawberry

from db.rules.words import SystemAct
from schema.node import Node


@strawberry.type(description=(
    "What a system client has asked for by itself; nothing of whom it was about. A question that was told of "
    "a plan stands in that plan's access log, too."))
class SystemRequest(Node):
    at: datetime | None
    act: SystemAct | None
    organisation_number: str | None = strawberry.field(description="In whose name it was asked.")
    supplier_number: str | None = strawberry.field(description=(
        "The organisation that asked for them, where the token tells."))
    allowed: bool | None = strawberry.field(description=(
        "False: the token lacked the scope, and nothing was looked up."))
    answered: int | None = strawberry.field(description=(
        "Of a question: how many records were told; null: none was looked for."))
