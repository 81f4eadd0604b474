"""A delivery as it would be sent, for people to look at: about nobody, then rendered."""
import io
import mimetypes
import re
import zipfile
from dataclasses import dataclass, replace
from typing import Any

from db.rules.words import Channel
from integrations.target import Conclusion, Contact, Notice, Order, PlanFact, PlanVersion

MASK, NUMBER = "***", "0" * 11
ADDRESSES = {Channel.SMS: "+4700000000", Channel.EMAIL: "masked@example.invalid"}
# Of a plan's answer, what nobody has typed in: words of fixed lists, days, moments. All else that is text is
# replaced, whatever it looks like; a birth date is left out.
SAID = frozenset({
    "type", "status", "level", "role", "arena", "state", "method", "language", "direction", "element",
    "action", "read", "startDate", "endDate", "nextEvaluationDate", "deadline", "since", "until", "validFrom",
    "validUntil", "sentAt", "openedAt", "declinedAt", "withdrawnAt", "supersededAt", "signedAt", "createdAt",
    "at"})
CODE = re.compile(r"(?<=#invitation=)\S+")  # lets in whoever has it


@dataclass(frozen=True)
class Part:
    """A file of what would be sent; `text` where it is text. A document's size would tell of its content."""
    name: str
    media_type: str
    text: str | None


def masked(order: Order) -> Order:
    """The same order about nobody, nor telling that somebody's address is protected."""
    match order:
        case PlanFact():
            contact = order.contact and Contact(MASK, MASK, MASK, NUMBER[:8])
            return replace(order, identity_number=NUMBER, unit_organisation_number=NUMBER[:9],
                           contact=contact, protected=False)
        case Conclusion():
            return replace(order, identity_number=NUMBER, unit_organisation_number=NUMBER[:9], text=MASK,
                           protected=False)
        case PlanVersion():
            number = order.identity_number and NUMBER
            return replace(order, identity_number=number, archived_by=MASK, unit_name=MASK, protected=False,
                           plan=_masked(order.plan))
        case Notice():
            return replace(order, address=ADDRESSES[order.channel], text=CODE.sub(MASK, order.text))


def _masked(value: Any, name: str = "") -> Any:
    """A plan's answer, shape and all, but for what people have typed in; `name`: of the field it is in."""
    match value:
        case str():
            return value if name in SAID else None if name == "birthDate" else MASK
        case dict():
            return {field: _masked(each, field) for field, each in value.items()}
        case list():
            return [_masked(each, name) for each in value]
        case _:
            return value


def parts(body: bytes) -> list[Part]:
    """The files of a container, or the one text that a body is."""
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return [_part("", body)]
    with zipfile.ZipFile(io.BytesIO(body)) as container:
        return [_part(name, container.read(name)) for name in container.namelist()]


def _part(name: str, content: bytes) -> Part:
    known = "text/xml" if content.startswith(b"<?xml") else mimetypes.guess_type(name)[0]
    try:
        return Part(name, known or "text/plain", content.decode())
    except UnicodeDecodeError:
        return Part(name, known or "application/octet-stream", None)
