"""From a plan fact to a CloudEvents 1.0 event in JSON (structured mode): pure."""
from datetime import datetime
from typing import Any
from uuid import UUID

from integrations.fagsystem.fact import elements, identity_system, moment
from integrations.fagsystem.webhook.contract import CONCLUSION, CONTRACT
from integrations.target import Conclusion, PlanFact

TYPE = "no.stafettlogg_hub.har_stafettlogg.v1."
CONCLUDED = "no.stafettlogg_hub.konklusjon.v1.conclusion"


def event(fact: PlanFact) -> dict[str, Any]:
    """Its attributes, which gateways log, tell of nobody: `subject` is our word for the plan to this receiver
    alone."""
    return {**_event(fact.fact_id, fact.hub_url, fact.kind.lower(), fact.occurred_at),
            "subject": str(fact.plan_ref), "datacontenttype": "application/json", "data": elements(fact)}


def conclusion(order: Conclusion) -> dict[str, Any]:
    """Beside the facts, and by a contract of its own: this alone holds content."""
    return {
        **_event(order.fact_id, order.hub_url, "", order.occurred_at), "type": CONCLUDED,
        "dataschema": CONCLUSION, "subject": str(order.plan_ref), "datacontenttype": "application/json",
        "data": {
            "factId": str(order.fact_id), "planRef": str(order.plan_ref),
            "occurredAt": moment(order.occurred_at), "heldOn": order.held_on.isoformat(),
            "conclusion": order.text, "municipalityNumber": order.municipality_number,
            "person": {"system": identity_system(order.identity_number), "value": order.identity_number},
            "unitOrganisationNumber": order.unit_organisation_number, "hubUrl": order.hub_url,
            "protected": order.protected}}


def status(number: UUID, now: datetime, plan_ref: UUID | None = None) -> dict[str, Any]:
    """By which the hub asks whether the receiver is well, or what it keeps of a plan."""
    subject = {} if plan_ref is None else {"subject": str(plan_ref)}
    return {**_event(number, "urn:no:stafettlogg-hub", "status", now), **subject}


def _event(number: UUID, source: str, kind: str, at: datetime) -> dict[str, Any]:
    return {"specversion": "1.0", "id": str(number), "source": source, "type": TYPE + kind,
            "time": moment(at), "dataschema": CONTRACT}
