"""From a plan fact to the contract's elements: pure, and complete before anything is sent."""
import json
from datetime import UTC
from typing import Any
from uuid import UUID

from integrations.target import Contact, DeliveryError, DeliveryFault, FactKind, PlanFact

OPERATIONS = {
    FactKind.OPENED: "register",
    FactKind.HOLDER_CHANGED: "update",
    FactKind.CORRECTED: "update",
    FactKind.CLOSED: "end",
    FactKind.WITHDRAWN: "end",
}
FODSELSNUMMER = "urn:oid:2.16.578.1.12.4.1.4.1"
D_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.2"


def rendered(fact: PlanFact) -> bytes:
    """The fact as canonical JSON in the contract's names: sorted keys, no spaces, UTF-8, no nulls."""
    return json.dumps(elements(fact), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def fact_of(body: bytes, fact_id: UUID) -> Any:
    """The elements that a body holds. DeliveryError: it belongs to another delivery."""
    fact = json.loads(body)
    if fact["factId"] != str(fact_id):
        raise DeliveryError(DeliveryFault.PERMANENT, "the body belongs to another delivery")
    return fact


def elements(fact: PlanFact) -> dict[str, Any]:
    """The fact as the contract's PlanFact, optional elements left out where there is nothing to say."""
    occurred_at = fact.occurred_at.astimezone(UTC).isoformat(timespec="milliseconds")
    return _present({
        "factId": str(fact.fact_id),
        "planRef": str(fact.plan_ref),
        "seq": fact.seq,
        "kind": fact.kind.value,
        "occurredAt": occurred_at.replace("+00:00", "Z"),
        "hasPlan": fact.has_plan,
        "since": fact.since.isoformat(),
        "closedOn": fact.closed_on.isoformat() if fact.closed_on else None,
        "person": {"system": identity_system(fact.identity_number), "value": fact.identity_number},
        "municipalityNumber": fact.municipality_number,
        "unitOrganisationNumber": fact.unit_organisation_number,
        "contact": _contact(fact.contact) if fact.contact else None,
        "hubUrl": fact.hub_url,
        "protected": fact.protected,
    })


def identity_system(number: str) -> str:
    """Which kind of identity number: a D-number has 4 added to its first digit (the day of birth)."""
    return D_NUMBER if number[:1] >= "4" else FODSELSNUMMER


def _contact(contact: Contact) -> dict[str, str] | None:
    """Whom to call; nobody where a name or a role is missing, for the contract asks for both."""
    role, name = line(contact.role), line(contact.name)
    if not (role and name):
        return None
    return _present({"role": role, "unit": line(contact.unit or ""), "name": name,
                     "phone": _phone(contact.phone or "")})


def line(text: str, length: int = 200) -> str | None:
    """One line of at most `length` signs: people type tabs and control characters, which XML can't carry."""
    words = "".join(sign if sign.isprintable() else " " for sign in text).split()
    return " ".join(words)[:length].strip() or None


def _phone(text: str) -> str | None:
    """The digits of a telephone number (E.164: 15 at most); none where the text can't be just one."""
    digits = "".join(sign for sign in text if sign in "0123456789")
    plus = "+" if text.lstrip().startswith("+") else ""
    return plus + digits if 3 <= len(digits) <= 15 else None


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
