"""What a reply means: a receipt only for the contract's own answer, and a class for everything else; pure.

zeep isn't asked: it loses the HTTP status that came with a fault, and logs values it can't read."""
from collections.abc import Iterator
from datetime import datetime, timedelta

from lxml import etree

from integrations.fagsystem.soap.contract import ENVELOPES, NotSoap, breach, opened, qualified
from integrations.target import DeliveryError, DeliveryFault, Receipt
from integrations.wire import Reply

HEARD = 202
STATUSES = {
    401: DeliveryFault.AUTH, 403: DeliveryFault.AUTH, 407: DeliveryFault.AUTH,
    408: DeliveryFault.RETRYABLE, 429: DeliveryFault.RETRYABLE,
    404: DeliveryFault.RETRYABLE,  # what a gateway says while the service behind it starts
}
TYPED = tuple(map(qualified, ("UnknownPersonFault", "ValidationFault", "TemporaryFault")))
CODES = {
    "Client": DeliveryFault.PERMANENT, "Sender": DeliveryFault.PERMANENT,
    # WS-Security 1.1 §12, which WCF sends with HTTP 500
    "FailedAuthentication": DeliveryFault.AUTH, "InvalidSecurity": DeliveryFault.AUTH,
    "InvalidSecurityToken": DeliveryFault.AUTH, "FailedCheck": DeliveryFault.AUTH,
}


def answered(reply: Reply, element: str, now: datetime) -> etree._Element:
    """The one `element` that the contract promises, valid; DeliveryError for every other reply."""
    if reply.status in (401, 403, 407, 429):  # whatever the body says
        raise _by_status(reply, now)
    try:
        _, message = opened(reply.content)
    except NotSoap:
        raise _by_status(reply, now) from None
    if etree.QName(message).localname == "Fault":
        raise _by_fault(message, reply, now)
    if reply.status not in (200, HEARD):
        raise _by_status(reply, now)
    if message.tag != qualified(element) or breach(message):
        raise DeliveryError(DeliveryFault.RETRYABLE, "the answer does not keep the contract")
    return message


def receipt(reply: Reply, operation: str, now: datetime) -> Receipt:
    """The receipt for a fact. PENDING and an empty 202 say only that the receiver has heard it."""
    if reply.status == HEARD and not reply.content.strip():
        return Receipt(confirmed=False, code="202")
    message = answered(reply, f"{operation}Response", now)
    code = _text(message, "result")
    return Receipt(code in ("CONFIRMED", "DUPLICATE"), _text(message, "reference"), code)


def ready(reply: Reply, now: datetime) -> bool:
    """What the receiver says of itself: whether it can store facts now."""
    return _text(answered(reply, "statusResponse", now), "ready") in ("true", "1")


def _by_status(reply: Reply, now: datetime) -> DeliveryError:
    rest = DeliveryFault.PERMANENT if 400 <= reply.status < 500 else DeliveryFault.RETRYABLE
    return DeliveryError(STATUSES.get(reply.status, rest), f"HTTP {reply.status}, no answer of the contract",
                         reply.retry_after(now))


def _by_fault(fault: etree._Element, reply: Reply, now: datetime) -> DeliveryError:
    """A fault of the contract by its type; any other by its codes, or the status where they say nothing."""
    for node in fault.iter(*TYPED):
        if not breach(node):
            return _by_type(node, reply.retry_after(now))
    kinds = {CODES[code] for code in _codes(fault) if code in CODES}
    if DeliveryFault.AUTH in kinds:
        return DeliveryError(DeliveryFault.AUTH, "a SOAP fault says that the credentials are refused")
    if DeliveryFault.PERMANENT in kinds:
        return DeliveryError(DeliveryFault.PERMANENT, "a SOAP fault says that the message is wrong")
    return _by_status(reply, now)


def _by_type(fault: etree._Element, wait: timedelta | None) -> DeliveryError:
    """`fault` is valid, so the reason is one of the schema's own words and fit to be shown."""
    match etree.QName(fault).localname:
        case "UnknownPersonFault":
            return DeliveryError(DeliveryFault.UNKNOWN_PERSON, "the receiver does not know the person")
        case "ValidationFault":
            return DeliveryError(DeliveryFault.PERMANENT, f"refused as invalid: {_text(fault, 'reason')}")
        case _:
            seconds = _text(fault, "retryAfterSeconds")
            return DeliveryError(DeliveryFault.RETRYABLE, "the receiver can't take it now",
                                 timedelta(seconds=int(seconds)) if seconds else wait)


def _codes(fault: etree._Element) -> Iterator[str]:
    """The local names in the fault's code and subcodes, SOAP 1.1 and 1.2."""
    for node in fault.iter("faultcode", f"{{{ENVELOPES['1.2']}}}Value"):
        yield (node.text or "").strip().rpartition(":")[2]


def _text(message: etree._Element, name: str) -> str | None:
    text = message.findtext(f".//{qualified(name)}")
    return text.strip() if text else None
