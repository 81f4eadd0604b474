"""What a consent's signed form tells: its own question, compiled and released like any other's."""
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from db.engine import Reader
from db.read.archive import NAMES, PERSON, compiled_for, told
from db.read.compile import Statement
from db.rules.rights import FORM

SIGNER = ("Person", {"id": None, **PERSON})
QUESTION = ("Plan", {
    "short_name": None, "type": None, "owner": ("Person", PERSON),
    "consents": ("Consent", {
        "id": None, "valid_from": None, "valid_until": None, "opened_at": None,
        "texts": ("ConsentText", {"language": None, "direction": None, "text": None, "hash": None}),
        "names": NAMES,
        "signatures": ("ConsentSignature", {
            "signed_at": None, "method": None, "language": None, "hash": None, "transaction": None,
            "person": SIGNER}),
        "documents": ("ConsentDocument", {"signed_on": None, "sha256": None, "signer": SIGNER})}),
})


@cache
def statement() -> Statement:
    return compiled_for(QUESTION)


async def form_of(reader: Reader, municipality: int, now: datetime, plan: UUID,
                  consent: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """The plan, and of its consents the one; under the very rights that its readers need, so that it holds
    nothing that one of them may not see. LookupError: there is no such plan."""
    about = await told(reader, statement(), municipality, now, plan, int(FORM))
    (form,) = [one for one in about["consents"] if one["id"] == f"Consent:{consent}"]
    return about, form
