"""FHIR R4 seen from outside: what the hub says of itself, HL7's own codes, and a client nobody here wrote."""
import asyncio
import json
import shutil
import socket
import subprocess
from dataclasses import replace
from filecmp import cmp
from pathlib import Path
from typing import Any

import pytest

from db.seeds.parts import PARTS
from schema.fhir.capability import PARAMETERS, SEARCHED
from schema.fhir.outcome import Issue, Severity
from tests.support.asking import Asking
from tests.support.fhirasking import BY_NUMBER, OWNER, System, door, facade, flags, resource, valid
from tests.support.fhirserver import R4, codes, faults, needs_medplum
from tests.support.hub import Loopback, Served
from tests.support.systems import CLINIC, READ
from tests.support.tokens import demo

SOURCE = Path(__file__).parents[1] / "support" / "fhirkit"
INSTALLED = Path(__file__).parents[2] / ".venv" / "fhirkit"
NUMBER = PARTS["owner"].identity_number


async def test_the_hub_says_to_all_what_it_can_do_and_nothing_of_anybody(town: Asking) -> None:
    async with door(town.hub) as http:
        response = await http.get("/fhir/metadata")
    told = resource(response)
    assert response.headers["cache-control"] == "public, max-age=3600"
    assert (told["fhirVersion"], told["kind"], told["status"]) == ("4.0.1", "instance", "active")
    (server,) = told["rest"]
    (flag,) = server["resource"]
    assert server["security"]["service"][0]["coding"][0]["code"] == "OAuth"
    assert [each["code"] for each in flag["interaction"]] == ["read", "search-type"]
    assert {each["name"]: each["type"] for each in flag["searchParam"]} == {
        "patient": "reference", "subject": "reference", "identifier": "token", "status": "token"}
    assert all(part.name.split()[0] not in response.text for part in PARTS.values())


async def test_the_app_serves_it_with_everything_else(served: Served) -> None:
    token = served.client.issuer.token(organisation=CLINIC, scope=READ)
    http = served.client.http
    told = resource(await http.get("/fhir/metadata"))
    assert told["implementation"]["url"] == "http://127.0.0.1:8000/fhir"
    found = resource(await http.post("/fhir/Flag/_search", data={BY_NUMBER: OWNER},
                                     headers={"Authorization": f"Bearer {token}"}))
    assert [one["subject"]["identifier"]["value"] for one in flags(found)] == [NUMBER]


def test_what_is_said_and_told_is_of_hl7s_own_lists() -> None:
    needs_medplum()
    assert set(Issue) < codes("http://hl7.org/fhir/issue-type")
    assert set(Severity) < codes("http://hl7.org/fhir/issue-severity")
    bundle = json.loads((R4 / "search-parameters.json").read_text("utf-8"))
    flags = [one for one in (entry["resource"] for entry in bundle["entry"]) if "Flag" in one["base"]]
    known = {(one["url"], one["code"], one["type"]) for one in flags}
    said = {(PARAMETERS + of, name, kind) for name, of, kind, _ in SEARCHED}
    assert said - known == {(f"{PARAMETERS}Flag-status", "status", "token")}, "which is R5's"


async def test_what_is_answered_keeps_hl7s_own_definitions(two_plans: Asking) -> None:
    async with door(replace(two_plans.hub, url="https://hub.example")) as http:
        clinic = System(http)
        bundle = await clinic.found(_count="1", _sort="date")
        told = [bundle, *flags(bundle), await clinic.found(_count="0"),
                resource(await http.get("/fhir/metadata")), resource(await clinic.post({}), 400)]
    without = {name: value for name, value in told[1].items() if name != "subject"}
    *kept, wrong = await asyncio.to_thread(faults, *told, without)
    assert kept == [[]] * len(told)
    assert any("Flag.subject" in fault for fault in wrong)


def kit(**asked: Any) -> Any:
    """What npm's fhir-kit-client gets."""
    node = shutil.which("node")
    if node is None or not (INSTALLED / "installed").is_file() or not cmp(
            SOURCE / "package-lock.json", INSTALLED / "installed"):
        pytest.skip("fhir-kit-client is not installed: make fhirkit")
    return json.loads(subprocess.run([node, SOURCE / "client.mjs", INSTALLED], input=json.dumps(asked),
                                     capture_output=True, text=True, check=True, timeout=30).stdout)


async def test_a_client_that_nobody_here_wrote_finds_the_flags_page_by_page(two_plans: Asking) -> None:
    at = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{at.getsockname()[1]}"
    token = demo().token(organisation=CLINIC, scope=READ)
    async with Loopback(facade(replace(two_plans.hub, url=url)), at).up():
        got = await asyncio.to_thread(kit, base=f"{url}/fhir", token=token,
                                      search={BY_NUMBER: OWNER, "_count": 1})
    refused = [got[name]["outcome"] for name in ("byGet", "ofAll")]
    for each in (got["statement"], got["read"], *got["pages"], *refused):
        valid(each)
    found = [one for page in got["pages"] for one in flags(page)]
    assert (len(got["pages"]), len({one["id"] for one in found})) == (2, 2)
    assert {one["subject"]["identifier"]["value"] for one in found} == {NUMBER}
    assert got["read"] == found[0]
    assert (got["byGet"]["status"], got["ofAll"]["status"]) == (400, 400)
