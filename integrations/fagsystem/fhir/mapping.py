"""From a plan fact to a FHIR R4 resource, which is the whole state of the record: pure."""
from html import escape
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from integrations.fagsystem.fact import elements
from integrations.fagsystem.fhir.codes import (
    CONFIDENTIALITY,
    FLAG_CATEGORY,
    ORGANISATION_NUMBER,
    RFC_3986,
    SENSITIVITY,
    EpisodeStatus,
    FlagStatus,
    Kept,
)
from integrations.target import PlanFact
from integrations.words import say

PROTECTED = [
    {"system": CONFIDENTIALITY, "code": "R", "display": "restricted"},
    {"system": SENSITIVITY, "code": "LOCIS", "display": "location information sensitivity"},
]
Resource = dict[str, Any]


def resource(fact: PlanFact, kept: Kept, language: str) -> Resource:
    """The record of the plan. Its text is in `language`: nb, nn or en."""
    period = {"start": fact.since.isoformat()} | (
        {"end": fact.closed_on.isoformat()} if fact.closed_on else {})
    made = {
        "resourceType": kept.value,
        "meta": _meta(fact),
        "language": language,
        "text": _text(elements(fact), language),
        "identifier": [identifier(fact.plan_ref)],
        "status": status(kept, has_plan=fact.has_plan),
        "period": period,
    }
    return made | (_flag(fact, language) if kept is Kept.FLAG else _episode(fact, language))


def identifier(plan_ref: UUID) -> dict[str, str]:
    """The hub's own, of the record of a plan."""
    return {"system": RFC_3986, "value": f"urn:uuid:{plan_ref}"}


def condition(own: dict[str, str]) -> str:
    """The query by which a server finds the record with our identifier, for addresses are logged (R4, RESTful
    API §3.1.0.4.3)."""
    return urlencode({"identifier": f"{own['system']}|{own['value']}"})


def status(kept: Kept, *, has_plan: bool) -> str:
    """How the record of a plan stands."""
    active, over = (FlagStatus.ACTIVE, FlagStatus.INACTIVE) if kept is Kept.FLAG else (
        EpisodeStatus.ACTIVE, EpisodeStatus.FINISHED)
    return active if has_plan else over


def _meta(fact: PlanFact) -> Resource:
    """`source`: the hub, and the delivery, which is the same at every attempt."""
    source = {"source": f"{fact.hub_url}#{fact.fact_id}"}
    return source | ({"security": PROTECTED} if fact.protected else {})


def _flag(fact: PlanFact, language: str) -> Resource:
    return {
        "category": [{"coding": [
            {"system": FLAG_CATEGORY, "code": "admin", "display": "Administrative"}]}],
        "code": {"text": say("fhir.code", language)},
        "subject": _person(fact),
        "author": _unit(fact),
    }


def _episode(fact: PlanFact, language: str) -> Resource:
    return {
        "type": [{"text": say("fhir.code", language)}],
        "patient": _person(fact),
        "managingOrganization": _unit(fact),
    }


def _person(fact: PlanFact) -> Resource:
    """By identity number: which of its patients that is the server knows, and we don't."""
    return {"type": "Patient", "identifier": elements(fact)["person"]}


def _unit(fact: PlanFact) -> Resource:
    return {"type": "Organization",
            "identifier": {"system": ORGANISATION_NUMBER, "value": fact.unit_organisation_number}}


def _text(said: dict[str, Any], language: str) -> Resource:
    """What people read, the contact too, for which neither resource has a place."""
    ended = "closedOn" in said
    lines = [say("fhir.ended" if ended else "fhir.since", language, since=said["since"],
                 until=said.get("closedOn"))]
    if contact := said.get("contact"):
        known = ", ".join(contact[part] for part in ("name", "role", "unit", "phone") if part in contact)
        lines.append(say("fhir.contact", language, contact=known))
    lines.append(say("fhir.hub", language, link=said["hubUrl"]))
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'}
