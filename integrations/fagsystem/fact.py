"""A plan fact in the words that every fagsystem is told in, whatever the protocol: pure."""
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from integrations.target import Contact, DeliveryError, DeliveryFault, PlanFact, Receipt

FODSELSNUMMER = "urn:oid:2.16.578.1.12.4.1.4.1"
D_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.2"


def elements(fact: PlanFact) -> dict[str, Any]:
    """The fact as the PlanFact of HarStafettlogg v1, without what there is nothing to say of."""
    return _present({
        "factId": str(fact.fact_id),
        "planRef": str(fact.plan_ref),
        "seq": fact.seq,
        "kind": fact.kind.value,
        "occurredAt": moment(fact.occurred_at),
        "hasPlan": fact.has_plan,
        "since": fact.since.isoformat(),
        "closedOn": fact.closed_on.isoformat() if fact.closed_on else None,
        "person": person(fact.identity_number),
        "municipalityNumber": fact.municipality_number,
        "unitOrganisationNumber": fact.unit_organisation_number,
        "contact": known(fact.contact) if fact.contact else None,
        "hubUrl": fact.hub_url,
        "protected": fact.protected,
    })


def moment(at: datetime) -> str:
    """RFC 3339 in UTC, with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def canonical(values: Mapping[str, Any]) -> bytes:
    """JSON that is always the same for the same: sorted keys, no spaces, UTF-8."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def fact_of(body: bytes, fact_id: UUID) -> Any:
    """The elements that a body holds. DeliveryError: it belongs to another delivery."""
    fact = json.loads(body)
    if fact["factId"] != str(fact_id):
        raise DeliveryError(DeliveryFault.PERMANENT, "the body belongs to another delivery")
    return fact


def unnamed(receipt: Receipt, number: str) -> Receipt:
    """The receipt, without a reference that holds the person's identity number: administrators read it."""
    digits = "".join(sign for sign in receipt.reference or "" if sign.isdigit())
    return replace(receipt, reference=None) if number in digits else receipt


def person(number: str) -> dict[str, str]:
    """An identity number, and of which kind it is."""
    return {"system": identity_system(number), "value": number}


def identity_system(number: str) -> str:
    """Which kind of identity number: a D-number has 4 added to its first digit (the day of birth)."""
    return D_NUMBER if number[:1] >= "4" else FODSELSNUMMER


def known(contact: Contact) -> dict[str, str] | None:
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
