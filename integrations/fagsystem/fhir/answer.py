"""What a FHIR server's reply means: a receipt for the record as it was sent, else a fault by code; pure."""
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from integrations.fagsystem.fhir.codes import ISSUES, MISSING, Kept
from integrations.fagsystem.fhir.mapping import Resource
from integrations.replies import PLAIN, faulty
from integrations.target import DeliveryError, DeliveryFault, Receipt, RecordState
from integrations.wire import Reply

ID = re.compile(r"[A-Za-z0-9.-]{1,64}")  # R4, Datatypes: id
VERSION = re.compile(r'W/"[^"]+"')  # R4, RESTful API §3.1.0.1.3
PERSON = re.compile(r"(^|[.:/])(subject|patient)\b")  # in FHIRPath, or XPath as older servers write it


def receipt(reply: Reply, sent: Resource, now: datetime) -> Receipt:
    """The receipt for a record. 202 says only that the server has heard it. DeliveryError."""
    if reply.status == 202:
        return Receipt(confirmed=False, code="202", again=reply.retry_after(now))
    if reply.status not in (200, 201):
        raise fault(reply, now)
    told = resource(reply)
    if told.get("resourceType") == sent["resourceType"] and _same(told, sent):
        return Receipt(confirmed=True, reference=_reference(sent, told.get("id")), code=str(reply.status))
    if told.get("resourceType") == "OperationOutcome" and list(_errors(told)):
        raise fault(reply, now)
    if told.get("resourceType") == "OperationOutcome" or not reply.content.strip():
        return _by_headers(reply, sent)
    raise DeliveryError(DeliveryFault.RETRYABLE, "the answer is not the record that was sent")


def fault(reply: Reply, now: datetime) -> DeliveryError:
    """By the HTTP status where FHIR gives it one meaning; else by the first code of an OperationOutcome that
    decides; else by the status as it is for anybody."""
    if reply.status == 412:  # R4, RESTful API §3.1.0.4.3
        return DeliveryError(DeliveryFault.AMBIGUOUS, "several records have the hub's identifier")
    if reply.status == 409:
        return DeliveryError(DeliveryFault.RETRYABLE, "HTTP 409, somebody else was at it")
    if reply.status not in PLAIN and reply.status < 500:
        for issue in _errors(resource(reply)):
            if found := _by_issue(issue, reply.status):
                return found
    return faulty(reply, now)


def held(bundle: Resource, own: dict[str, str], kept: Kept, status: str) -> RecordState:
    """How the record with our identifier stands, by what a search has found. DeliveryError: no search has."""
    if bundle.get("resourceType") != "Bundle":
        raise DeliveryError(DeliveryFault.RETRYABLE, "the answer is no Bundle")
    found = [one["resource"] for one in _list(bundle.get("entry"))
             if isinstance(one, dict) and isinstance(one.get("resource"), dict)]
    ours = [one for one in found if one.get("resourceType") == kept and _has(one, own)]
    if not ours:
        return RecordState.MISSING
    return RecordState.SAME if [one.get("status") for one in ours] == [status] else RecordState.DIFFERENT


def resource(reply: Reply) -> Resource:
    """What is in the body; nothing where that is no resource."""
    try:
        told = json.loads(reply.content)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) and isinstance(told.get("resourceType"), str) else {}


def _by_issue(issue: dict[str, Any], status: int) -> DeliveryError | None:
    """A reference that leads nowhere is the person, where it says so or says nothing; but what a 404 does not
    say may be the address itself."""
    code = str(issue.get("code"))
    if code in MISSING:
        places = [str(place) for name in ("expression", "location") for place in _list(issue.get(name))]
        if any(map(PERSON.search, places)) or not (places or status == 404):
            return DeliveryError(DeliveryFault.UNKNOWN_PERSON, "the server does not know the person")
        return DeliveryError(DeliveryFault.PERMANENT, f"refused: {code}") if places else None
    kind = ISSUES.get(code)
    return DeliveryError(kind, f"refused: {code}") if kind else None


def _errors(outcome: Resource) -> Iterator[dict[str, Any]]:
    for issue in _list(outcome.get("issue")):
        if isinstance(issue, dict) and issue.get("severity") in ("fatal", "error"):
            yield issue


def _same(told: Resource, sent: Resource) -> bool:
    """The server may add to a record and normalise it; whose it is and how it stands must be as we said."""
    return told.get("status") == sent["status"] and _has(told, sent["identifier"][0])


def _has(record: Resource, own: dict[str, str]) -> bool:
    return any((one.get("system"), one.get("value")) == (own["system"], own["value"])
               for one in _list(record.get("identifier")) if isinstance(one, dict))


def _by_headers(reply: Reply, sent: Resource) -> Receipt:
    """A server that sends no record back says which it is, or which version it has now."""
    place = re.compile(rf"(?:^|/){sent['resourceType']}/({ID.pattern})(/_history/[^/]+)?$")
    for name in ("location", "content-location"):
        if found := place.search(reply.headers.get(name, "")):
            return Receipt(confirmed=True, reference=_reference(sent, found[1]), code=str(reply.status))
    if VERSION.fullmatch(reply.headers.get("etag", "")):
        return Receipt(confirmed=True, code=str(reply.status))
    raise DeliveryError(DeliveryFault.RETRYABLE, "the answer does not say that the record is stored")


def _reference(sent: Resource, number: Any) -> str | None:
    fit = isinstance(number, str) and ID.fullmatch(number)
    return f"{sent['resourceType']}/{number}" if fit else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
