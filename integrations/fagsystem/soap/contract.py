"""The published contract HarStafettlogg v1: its file, its names, and whether a message keeps it."""
import re
from pathlib import Path
from typing import Final, Literal

from lxml import etree

WSDL = Path(__file__).with_name("har-stafettlogg-v1.wsdl")
NAMESPACE = "urn:no:stafettlogg-hub:har-stafettlogg:v1"

SoapVersion = Literal["1.1", "1.2"]
ENVELOPES: dict[SoapVersion, str] = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}


class NotSoap(ValueError):
    """The bytes are no SOAP message that we read. Carries nothing of them."""


def qualified(name: str) -> str:
    """The contract's own element of that name, as lxml writes it."""
    return f"{{{NAMESPACE}}}{name}"


def _schema() -> etree.XMLSchema:
    """The schema that stands inside the WSDL, compiled."""
    (types,) = etree.parse(str(WSDL)).getroot().iter("{http://www.w3.org/2001/XMLSchema}schema")
    return etree.XMLSchema(types)


# At import, for one thread only: libxml2 sets up its built-in types at the first schema without a lock. Two
# deliveries begun at once left it half set up, and each one after them failed until the worker was restarted.
SCHEMA: Final = _schema()


def breach(message: etree._Element) -> str | None:
    """The name of the first element that breaks the schema; None when all is well. Never its value."""
    try:
        SCHEMA.assertValid(message)
    except etree.DocumentInvalid as error:
        # libxml2's sentence goes on with the value: only the name in front is fit to be shown.
        name = re.match(r"Element '\{[^}]*\}(\w+)'", str(error))
        return name.group(1) if name else etree.QName(message).localname
    return None


def opened(content: bytes) -> tuple[SoapVersion, etree._Element]:
    """The SOAP version of an envelope and what its body holds. NotSoap: anything else, or one with a DTD."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False,
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
