"""What a reply means: a receipt only where the receiver says that it has stored the fact; pure."""
from datetime import datetime
from typing import Any, Literal

from integrations.fagsystem.webhook import contract
from integrations.replies import PLAIN, faulty
from integrations.target import DeliveryError, DeliveryFault, Receipt, RecordState, Told
from integrations.wire import Reply

Confirms = Literal["answer", "2xx"]
HEARD = (202, 204)
REFUSED = {
    "UNKNOWN_PERSON": (DeliveryFault.UNKNOWN_PERSON, "the receiver does not know the person"),
    "AMBIGUOUS": (DeliveryFault.AMBIGUOUS, "the receiver has several records of the person"),
    "REJECTED": (DeliveryFault.PERMANENT, "refused as invalid: {reason}"),
}


def receipt(reply: Reply, confirms: Confirms, now: datetime) -> Receipt:
    """The receipt for a fact. DeliveryError for every other reply.

    `confirms`: whether the receiver must say CONFIRMED, or has promised that 2xx is as good."""
    said = _said(reply, now)
    match said.get("status"):
        case "CONFIRMED" | "DUPLICATE" as code:
            return Receipt(confirmed=True, reference=said.get("reference"), code=code)
        case "PENDING":
            return Receipt(False, said.get("reference"), "PENDING", reply.retry_after(now))
        case None if confirms == "2xx" and not _page(reply):
            return Receipt(confirmed=True, code=str(reply.status))
        case None if reply.status in HEARD or not reply.content.strip():
            return Receipt(False, code=str(reply.status), again=reply.retry_after(now))
        case _:
            raise DeliveryError(DeliveryFault.RETRYABLE, "the answer does not keep the contract")


def ready(reply: Reply, confirms: Confirms, now: datetime) -> bool:
    """What the receiver says of itself: whether it can store facts now."""
    said = _said(reply, now)
    return said.get("status") == "READY" or (confirms == "2xx" and not said and not _page(reply))


def held(reply: Reply, told: Told, now: datetime) -> RecordState:
    """What the receiver keeps of a plan, beside what it has been told. DeliveryError: it does not say."""
    said = _said(reply, now)
    if said.get("status") != "READY" or "record" not in said:
        raise DeliveryError(DeliveryFault.RETRYABLE, "the receiver does not say what it keeps")
    record = said["record"]
    if record is None:
        return RecordState.MISSING
    same = (record["seq"], record["hasPlan"]) == (told.seq, told.has_plan)
    return RecordState.SAME if same else RecordState.DIFFERENT


def _said(reply: Reply, now: datetime) -> dict[str, Any]:
    """What the body of a 2xx says, by the contract; DeliveryError where it says no, or the status does."""
    said = contract.answer(reply.content) or {}
    well = 200 <= reply.status < 300
    if not well and (reply.status in PLAIN or not 400 <= reply.status < 500):
        raise faulty(reply, now)
    if said.get("status") in REFUSED:
        fault, message = REFUSED[said["status"]]
        raise DeliveryError(fault, message.format(reason=said.get("reason", "it does not say why")))
    if not well:
        raise faulty(reply, now)
    return said


def _page(reply: Reply) -> bool:
    """A page for people, as a proxy shows for signing in: nobody there has stored anything."""
    return "html" in reply.headers.get("content-type", "") or reply.content.lstrip()[:1] == b"<"
