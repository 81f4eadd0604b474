"""What a reply means: what an operation returned, or a class of fault; pure.

Read by name and leniently: archives leave out, and add, what the standard leaves to them."""
import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from lxml import etree
from lxml.etree import _Element as Node

from integrations.soap import by_codes, is_fault, spoken, unkept
from integrations.target import DeliveryError, DeliveryFault
from integrations.wire import Reply

FAULTS = {
    "SystemFault": (DeliveryFault.RETRYABLE, "the archive has a fault of its own"),
    "ImplementationFault": (DeliveryFault.RETRYABLE, "the archive has a fault in its program"),
    "OperationalFault": (DeliveryFault.RETRYABLE, "the archive is out of order"),
    "ApplicationFault": (DeliveryFault.PERMANENT, "the archive refuses it"),
    "FinderFault": (DeliveryFault.PERMANENT, "the archive does not find what is asked for"),
    "ValidationFault": (DeliveryFault.PERMANENT, "the archive refuses it as invalid"),
}


class NothingFound(DeliveryError):
    """A FinderFault: with some archives it is how a search says that it found nothing."""


@dataclass(frozen=True)
class Case:
    """A Saksmappe; `year` and `number` as people know it, where the archive tells."""
    id: str
    year: str | None
    number: str | None
    status: str | None

    @classmethod
    def read(cls, node: Node) -> Self:
        return cls(_id(node), text(node, "saksnr", "saksaar"), text(node, "saksnr", "sakssekvensnummer"),
                   text(node, "saksstatus", "kodeverdi"))


@dataclass(frozen=True)
class Entry:
    """A Journalpost; `number` counts within its case."""
    id: str
    number: str | None
    status: str | None

    @classmethod
    def read(cls, node: Node) -> Self:
        return cls(_id(node), text(node, "journalpostnummer"), text(node, "journalstatus", "kodeverdi"))


@dataclass(frozen=True)
class Filed:
    """A Dokument: one variant of one."""
    id: str
    variant: str | None

    @classmethod
    def read(cls, node: Node) -> Self:
        return cls(_id(node), text(node, "variantformat", "kodeverdi"))


def returned(reply: Reply, element: str, now: datetime, *, huge: bool = False) -> Node | None:
    """What the operation's answer holds, if anything; DeliveryError for every other reply. `huge`: a file."""
    message = spoken(reply, now, huge=huge)
    if is_fault(message):
        raise _by_fault(message, reply, now)
    if message.tag != element:
        raise unkept()
    return message.find("{*}return")


def listed(node: Node | None) -> list[Node]:
    """The members of one of the standard's lists."""
    return [] if node is None else node.findall("{*}liste")


def content(node: Node | None) -> bytes:
    """The bytes of a Filinnhold. An address to fetch them from (Filreferanse) is not followed."""
    inner = None if node is None else node.findtext("{*}base64")
    if inner is None:
        raise DeliveryError(DeliveryFault.PERMANENT, "the archive does not give the file itself back")
    try:
        return base64.b64decode("".join(inner.split()), validate=True)
    except binascii.Error:
        raise unkept() from None


def text(node: Node, *path: str) -> str | None:
    found = node.findtext("/".join(f"{{*}}{name}" for name in path))
    return (found or "").strip() or None


def _id(node: Node) -> str:
    found = text(node, "systemID")
    if found is None:
        raise unkept()
    return found


def _by_fault(fault: Node, reply: Reply, now: datetime) -> DeliveryError:
    """One of the standard's six by the name of its detail; any other by its codes or the status."""
    for node in fault.iterfind("detail//*"):
        name = etree.QName(node).localname.removesuffix("Info")
        if name in FAULTS:
            kind, message = FAULTS[name]
            said = NothingFound if name == "FinderFault" else DeliveryError
            return said(kind, message, reply.retry_after(now))
    return by_codes(fault, reply, now)
