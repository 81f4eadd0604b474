"""What a reply means: a receipt only for the contract's own answer, and a class for everything else; pure."""
from datetime import datetime, timedelta

from lxml import etree

from integrations.fagsystem.soap.contract import breach, qualified
from integrations.soap import by_codes, is_fault, spoken, unkept
from integrations.target import DeliveryError, DeliveryFault, Receipt
from integrations.wire import Reply

HEARD = 202
TYPED = tuple(map(qualified, ("UnknownPersonFault", "ValidationFault", "TemporaryFault")))


def answered(reply: Reply, element: str, now: datetime) -> etree._Element:
    """The one `element` that the contract promises, valid; DeliveryError for every other reply."""
    message = spoken(reply, now)
    if is_fault(message):
        raise _by_fault(message, reply, now)
    if message.tag != qualified(element) or breach(message):
        raise unkept()
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


def kept(reply: Reply, now: datetime) -> tuple[int, bool] | None:
    """The number of the last fact that the receiver keeps of a plan, and whether there is a plan by it; None:
    it knows nothing of it."""
    message = answered(reply, "statusResponse", now)
    seq = _text(message, "seq")
    return (int(seq), _text(message, "hasPlan") in ("true", "1")) if seq else None


def _by_fault(fault: etree._Element, reply: Reply, now: datetime) -> DeliveryError:
    """A fault of the contract by its type; any other by its codes, or the status where they say nothing."""
    for node in fault.iter(*TYPED):
        if not breach(node):
            return _by_type(node, reply.retry_after(now))
    return by_codes(fault, reply, now)


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


def _text(message: etree._Element, name: str) -> str | None:
    text = message.findtext(f".//{qualified(name)}")
    return text.strip() if text else None
