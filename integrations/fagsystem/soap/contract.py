"""The published contract HarStafettlogg v1: its file, its names, and whether a message keeps it."""
from functools import cache
from pathlib import Path
from typing import Final

import zeep
from lxml import etree
from zeep.wsdl import Document

from integrations.soap import first_breach

WSDL = Path(__file__).with_name("har-stafettlogg-v1.wsdl")
NAMESPACE = "urn:no:stafettlogg-hub:har-stafettlogg:v1"


def qualified(name: str) -> str:
    """The contract's own element of that name, as lxml writes it."""
    return f"{{{NAMESPACE}}}{name}"


@cache
def document() -> Document:
    """All of it as zeep knows it: reading it costs as much as thirty calls."""
    settings = zeep.Settings(forbid_dtd=True, forbid_external=True)
    return Document(str(WSDL), zeep.Transport(), settings=settings)  # type: ignore[no-untyped-call, arg-type]


def _schema() -> etree.XMLSchema:
    """The schema that stands inside the WSDL, compiled."""
    (types,) = etree.parse(str(WSDL)).getroot().iter("{http://www.w3.org/2001/XMLSchema}schema")
    return etree.XMLSchema(types)


# At import, for one thread only: libxml2 sets up its built-in types at the first schema without a lock. Two
# deliveries begun at once left it half set up, and each one after them failed until the worker was restarted.
SCHEMA: Final = _schema()


def breach(message: etree._Element) -> str | None:
    """The name of the first element that breaks the schema; None when all is well. Never its value."""
    return first_breach(SCHEMA, message)
