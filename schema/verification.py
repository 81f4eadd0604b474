"""What the holder of a consent form or of a PDF beside it can check."""
from datetime import datetime

import strawberry

from db.rules.words import ConsentState, SigningMethod, VerifiedKind


@strawberry.type(description="How many have signed by one method.")
class SignatureCount:
    method: SigningMethod
    count: int


@strawberry.type(description="How a consent stands now; neither a name nor a plan.")
class ConsentVerification:
    kind: VerifiedKind
    state: ConsentState
    opened_at: datetime | None = strawberry.field(description="When it came, or comes, into force.")
    ends_at: datetime = strawberry.field(description="When it ended, or ends by its period.")
    signatures: list[SignatureCount]
