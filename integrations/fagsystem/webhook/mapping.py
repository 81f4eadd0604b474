"""From a plan fact to a CloudEvents 1.0 event in JSON (structured mode): pure."""
from datetime import datetime
from typing import Any
from uuid import UUID

from integrations.fagsystem.fact import elements, moment
from integrations.fagsystem.webhook.contract import CONTRACT
from integrations.target import PlanFact

TYPE = "no.stafettlogg_hub.har_stafettlogg.v1."


def event(fact: PlanFact) -> dict[str, Any]:
    """Its attributes, which gateways log, tell of nobody: `subject` is our word for the plan to this receiver
    alone."""
    return {**_event(fact.fact_id, fact.hub_url, fact.kind.lower(), fact.occurred_at),
            "subject": str(fact.plan_ref), "datacontenttype": "application/json", "data": elements(fact)}


def status(number: UUID, now: datetime, plan_ref: UUID | None = None) -> dict[str, Any]:
    """By which the hub asks whether the receiver is well, or what it keeps of a plan."""
    subject = {} if plan_ref is None else {"subject": str(plan_ref)}
    return {**_event(number, "urn:no:stafettlogg-hub", "status", now), **subject}


def _event(number: UUID, source: str, kind: str, at: datetime) -> dict[str, Any]:
    return {"specversion": "1.0", "id": str(number), "source": source, "type": TYPE + kind,
            "time": moment(at), "dataschema": CONTRACT}
