"""From how a plan stands to a FHIR R4 resource, which is the whole state of the record: pure."""
from html import escape
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from integrations.fagsystem.fact import known, person
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
from integrations.target import PlanFact, Standing
from integrations.words import say

PROTECTED = [
    {"system": CONFIDENTIALITY, "code": "R", "display": "restricted"},
    {"system": SENSITIVITY, "code": "LOCIS", "display": "location information sensitivity"},
]
Resource = dict[str, Any]


def resource(fact: PlanFact, kept: Kept, language: str) -> Resource:
    """The record as it is sent. `meta.source`: the hub and the delivery, the same at every attempt."""
    return record(fact, kept, language, {"source": f"{fact.hub_url}#{fact.fact_id}"})


def record(plan: Standing, kept: Kept, language: str, meta: Resource) -> Resource:
    """The record of the plan. Its text is in `language`: nb, nn or en; `meta`: what else there is to say of
    the record itself."""
    period = {"start": plan.since.isoformat()} | (
        {"end": plan.closed_on.isoformat()} if plan.closed_on else {})
    made = {
        "resourceType": kept.value,
        "meta": meta | ({"security": PROTECTED} if plan.protected else {}),
        "language": language,
        "text": _text(plan, language),
        "identifier": [identifier(plan.plan_ref)],
        "status": status(kept, has_plan=plan.has_plan),
        "period": period,
    }
    return made | (_flag(plan, language) if kept is Kept.FLAG else _episode(plan, language))


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


def _flag(plan: Standing, language: str) -> Resource:
    return {
        "category": [{"coding": [
            {"system": FLAG_CATEGORY, "code": "admin", "display": "Administrative"}]}],
        "code": {"text": say("fhir.code", language)},
        "subject": _person(plan),
        "author": _unit(plan),
    }


def _episode(plan: Standing, language: str) -> Resource:
    return {
        "type": [{"text": say("fhir.code", language)}],
        "patient": _person(plan),
        "managingOrganization": _unit(plan),
    }


def _person(plan: Standing) -> Resource:
    """By identity number: which of its patients that is the server knows, and we don't."""
    return {"type": "Patient", "identifier": person(plan.identity_number)}


def _unit(plan: Standing) -> Resource:
    return {"type": "Organization",
            "identifier": {"system": ORGANISATION_NUMBER, "value": plan.unit_organisation_number}}


def _text(plan: Standing, language: str) -> Resource:
    """What people read, the contact too, for which neither resource has a place."""
    lines = [say("fhir.ended" if plan.closed_on else "fhir.since", language, since=plan.since.isoformat(),
                 until=plan.closed_on and plan.closed_on.isoformat())]
    if contact := plan.contact and known(plan.contact):
        told = ", ".join(contact[part] for part in ("name", "role", "unit", "phone") if part in contact)
        lines.append(say("fhir.contact", language, contact=told))
    lines.append(say("fhir.hub", language, link=plan.hub_url))
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'}
