"""SOAP, whoever speaks it: how a message goes out, and what a reply means where its contract says nothing.

zeep isn't asked about replies: it loses the HTTP status that came with a fault, and logs values it can't
read."""
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import zeep
from lxml import etree
from lxml.etree import _Element as Node
from zeep.exceptions import Error as ZeepError
from zeep.wsa import WsAddressingPlugin

from integrations import wire
from integrations.sign_in import SignIn
from integrations.target import DeliveryError, DeliveryFault

SoapVersion = Literal["1.1", "1.2"]
ENVELOPES: dict[SoapVersion, str] = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
REFUSED = frozenset({401, 403, 407})  # the credentials are
STATUSES = {
    **dict.fromkeys(REFUSED, DeliveryFault.AUTH),
    408: DeliveryFault.RETRYABLE, 429: DeliveryFault.RETRYABLE, 410: DeliveryFault.GONE,
    404: DeliveryFault.RETRYABLE,  # what a gateway says while the service behind it starts
}
CODES = {
    "Client": DeliveryFault.PERMANENT, "Sender": DeliveryFault.PERMANENT,
    # WS-Security 1.1 §12, which WCF sends with HTTP 500
    "FailedAuthentication": DeliveryFault.AUTH, "InvalidSecurity": DeliveryFault.AUTH,
    "InvalidSecurityToken": DeliveryFault.AUTH, "FailedCheck": DeliveryFault.AUTH,
}

Breach = Callable[[Node], str | None]  # the name of the first element that breaks the contract


class NotSoap(ValueError):
    """The bytes are no SOAP message that we read. Carries nothing of them."""


class Transport(zeep.Transport):
    """zeep's way out: what breaks the contract is never sent, nothing is fetched, and nothing is logged.

    `seconds` and `limit`: how long each call may take, and how many bytes its answer may have."""

    def __init__(self, breach: Breach, seconds: float, line: wire.Line,
                 headers: Mapping[str, str] | None = None, limit: int = wire.LIMIT) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.breach, self.seconds, self.limit, self.line = breach, seconds, limit, line
        self.headers = headers or {}

    def post_xml(self, address: str, envelope: Node, headers: dict[str, str]) -> wire.Reply:
        """One bounded POST of a valid message. zeep's own post logs the body at DEBUG."""
        body = envelope.find("{*}Body")
        wrong = "Body" if body is None else self.breach(body[0])
        if wrong:
            raise DeliveryError(DeliveryFault.PERMANENT, f"not sent, for it breaks the contract: {wrong}")
        return wire.post(
            address, written(envelope), {**headers, **self.headers}, self.seconds, self.line, self.limit)

    def _load_remote_data(self, url: str) -> bytes:
        raise ValueError("the contract is read from its file only")


class Addressed(WsAddressingPlugin):
    """WS-Addressing 1.0 where the WSDL names no action of its own, which zeep adds unasked."""

    def egress(self, envelope: Node, http_headers: dict[str, str], operation: Any, options: Any) -> Any:
        if operation.abstract.wsa_action:
            return envelope, http_headers
        return super().egress(envelope, http_headers, operation, options)  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Endpoint:
    """Where a service is, and how the hub comes to it. `seconds`: for a whole call.

    ValueError: an address over which identity numbers may not travel."""
    url: str
    sign_in: SignIn = field(default_factory=SignIn)
    seconds: float = 15
    line: wire.Line = field(default_factory=wire.Line)
    addressing: bool = False

    def __post_init__(self) -> None:
        if not wire.safe(self.url):
            raise ValueError("url: https (http only to this machine), without user name or password")

    def service(self, wsdl: Any, binding: str, breach: Breach) -> Any:
        """The operations of one binding, by name; each answers as `call` says. `wsdl`: a file, or read."""
        settings = zeep.Settings(forbid_dtd=True, forbid_external=True, raw_response=True)
        transport = Transport(breach, self.seconds, self.line, self.sign_in.headers())
        client = zeep.Client(  # type: ignore[no-untyped-call]
            wsdl, wsse=self.sign_in.token(), transport=transport, settings=settings,
            plugins=[Addressed()] if self.addressing else [])
        return client.create_service(binding, self.url)  # type: ignore[no-untyped-call]


def written(envelope: Node) -> bytes:
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def call(operation: Callable[..., Any], values: Mapping[str, Any]) -> wire.Reply:
    """One call, and whatever came back. DeliveryError(PERMANENT): the values don't fit the contract."""
    try:
        reply: wire.Reply = operation(**values)
    except (ZeepError, TypeError, ValueError):  # zeep's own words may hold values
        raise DeliveryError(DeliveryFault.PERMANENT, "the fact does not fit the contract") from None
    return reply


def opened(content: bytes, *, huge: bool = False) -> tuple[SoapVersion, Node]:
    """The SOAP version of an envelope and what its body holds. NotSoap: anything else, or one with a DTD.

    `huge`: one text may have more than the ten million bytes at which libxml2 stops."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=huge,
                             remove_comments=True, remove_pis=True)
    try:
        envelope = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise NotSoap("not well-formed XML") from None
    if envelope.getroottree().docinfo.internalDTD is not None:
        raise NotSoap("a DTD is not taken")
    for version, namespace in ENVELOPES.items():
        body = envelope.find(f"{{{namespace}}}Body")
        if envelope.tag == f"{{{namespace}}}Envelope" and body is not None and len(body) == 1:
            return version, body[0]
    raise NotSoap("not a SOAP envelope with one element in its body")


def spoken(reply: wire.Reply, now: datetime, *, huge: bool = False) -> Node:
    """What the reply's SOAP body holds: a fault, or what came with HTTP 200 or 202. DeliveryError: any other
    reply. `huge`: as of `opened`."""
    if reply.status in REFUSED or reply.status == 429:  # whatever the body says
        raise by_status(reply, now)
    try:
        _, message = opened(reply.content, huge=huge)
    except NotSoap:
        raise by_status(reply, now) from None
    if reply.status not in (200, 202) and not is_fault(message):
        raise by_status(reply, now)
    return message


def is_fault(message: Node) -> bool:
    return etree.QName(message).localname == "Fault"


def unkept() -> DeliveryError:
    return DeliveryError(DeliveryFault.RETRYABLE, "the answer does not keep the contract")


def by_status(reply: wire.Reply, now: datetime) -> DeliveryError:
    """What a reply means that is no answer of the contract: its HTTP status is all there is."""
    rest = DeliveryFault.PERMANENT if 400 <= reply.status < 500 else DeliveryFault.RETRYABLE
    return DeliveryError(STATUSES.get(reply.status, rest), f"HTTP {reply.status}, no answer of the contract",
                         reply.retry_after(now))


def by_codes(fault: Node, reply: wire.Reply, now: datetime) -> DeliveryError:
    """What a fault means that is none of the contract's: its codes, or the status where they say nothing."""
    kinds = {CODES[name] for code in codes(fault) for name in (code, code.partition(".")[0]) if name in CODES}
    if DeliveryFault.AUTH in kinds:
        return DeliveryError(DeliveryFault.AUTH, "a SOAP fault says that the credentials are refused")
    if DeliveryFault.PERMANENT in kinds:
        return DeliveryError(DeliveryFault.PERMANENT, "a SOAP fault says that the message is wrong")
    return by_status(reply, now)


def first_breach(schema: etree.XMLSchema, message: Node) -> str | None:
    """The name of the first element that breaks the schema; None when all is well. Never its value."""
    try:
        schema.assertValid(message)
    except etree.DocumentInvalid as error:
        # libxml2's sentence goes on with the value: only the name in front is fit to be shown.
        name = re.match(r"Element '\{[^}]*\}(\w+)'", str(error))
        return name.group(1) if name else etree.QName(message).localname
    return None


def codes(fault: Node) -> Iterator[str]:
    """The local names in the fault's code and subcodes: SOAP 1.1, which may put one behind the other with a
    dot between (§4.4.1), and 1.2."""
    for node in fault.iter("faultcode", f"{{{ENVELOPES['1.2']}}}Value"):
        yield (node.text or "").strip().rpartition(":")[2]
