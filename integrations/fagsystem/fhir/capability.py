"""Whether a FHIR server says that it can do what is asked of it: its CapabilityStatement, read; pure."""
from collections.abc import Iterator
from typing import Any

from integrations.fagsystem.fhir.codes import Kept
from integrations.fagsystem.fhir.mapping import Resource


def faults(statement: Resource, kept: Kept) -> Iterator[str]:
    """What the server lacks, if anything (R4, CapabilityStatement)."""
    if statement.get("resourceType") != "CapabilityStatement":
        yield "what /metadata answers is no CapabilityStatement"
        return
    if not str(statement.get("fhirVersion")).startswith("4."):
        yield "the server does not speak FHIR R4"
    described = [one for rest in _objects(statement, "rest") if rest.get("mode") == "server"
                 for one in _objects(rest, "resource") if one.get("type") == kept]
    if not described:
        yield f"the server has no {kept}"
    elif not any(one.get("conditionalUpdate") is True for one in described):
        yield f"the server does not update a {kept} by a condition (conditionalUpdate)"


def _objects(parent: Resource, name: str) -> list[dict[str, Any]]:
    """A list's objects, whatever else has been put in its place."""
    value = parent.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
