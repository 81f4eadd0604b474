"""Systems that ask a hub in FHIR R4, and what it answers, held against the models and HL7's codes."""
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.flag import Flag
from fhir.resources.R4B.operationoutcome import OperationOutcome
from starlette.applications import Starlette

from app import known_to
from db.seeds.parts import PARTS
from integrations.fagsystem.fhir.codes import FlagStatus
from resolvers.context import Hub
from schema import http
from schema.fhir.outcome import MEDIA, Issue, Severity
from schema.fhir.routes import Fhir
from schema.login import Login
from tests.support.systems import CLINIC, READ
from tests.support.tokens import demo

FODSELSNUMMER, D_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.1", "urn:oid:2.16.578.1.12.4.1.4.2"
OWNER = f"{FODSELSNUMMER}|{PARTS['owner'].identity_number}"
BY_NUMBER = "patient:identifier"
MODELS: dict[str, Any] = {"Bundle": Bundle, "CapabilityStatement": CapabilityStatement, "Flag": Flag,
                          "OperationOutcome": OperationOutcome}
Resource = dict[str, Any]


class System:
    """Asks as an organisation, by a token of the demo's issuer."""

    def __init__(self, http: httpx.AsyncClient, organisation: str = CLINIC, scope: str = READ) -> None:
        token = demo().token(organisation=organisation, scope=scope)
        self.http, self.headers = http, {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    async def post(self, form: Any, path: str = "/fhir/Flag/_search", **headers: str) -> httpx.Response:
        """`form`: parameters, or the body's bytes."""
        usual = self.headers | {"Content-Type": "application/x-www-form-urlencoded"}
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        return await self.http.post(path, content=body, headers=usual | said)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        kept = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.get(path, headers=kept)

    async def found(self, **form: str) -> Resource:
        """The Bundle for the child, and whatever else is asked."""
        return resource(await self.post({BY_NUMBER: OWNER} | form))


def facade(hub: Hub) -> Starlette:
    """What the hub serves below /fhir, as `app.create` puts it together."""
    login = Login(demo().issuers(), known_to(hub))
    return Starlette(routes=Fhir(hub, login).routes(), middleware=http.middleware())


@asynccontextmanager
async def door(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(facade(hub))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        yield client


def resource(response: httpx.Response, status: int = 200) -> Resource:
    """What was answered: of that status, FHIR's media type, its model, and codes of HL7's value sets."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == f"{MEDIA}; charset=utf-8"
    return valid(response.json())


def valid(told: Resource) -> Resource:
    MODELS[told["resourceType"]].model_validate(told)
    for one in within(told):
        if one["resourceType"] == "Flag":
            FlagStatus(one["status"])  # the models leave codes out
        if one["resourceType"] == "OperationOutcome":
            for issue in one["issue"]:
                Issue(issue["code"]), Severity(issue["severity"])
    return told


def within(told: Resource) -> Iterator[Resource]:
    yield told
    for entry in told.get("entry", []):
        yield entry["resource"]


def flags(bundle: Resource) -> list[Resource]:
    return [entry["resource"] for entry in bundle.get("entry", []) if entry["search"]["mode"] == "match"]


def link(bundle: Resource, relation: str) -> str | None:
    """An address without the hub's own."""
    return next((one["url"].removeprefix("http://hub") for one in bundle["link"]
                 if one["relation"] == relation), None)


def refusal(response: httpx.Response, status: int = 400) -> tuple[str, list[str]]:
    """The code of the one issue, and the parameters that it names."""
    (issue,) = resource(response, status)["issue"]
    assert issue["severity"] == "error"
    assert issue["details"]["text"]
    return issue["code"], issue.get("location", [])
