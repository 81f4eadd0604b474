"""A vendor's client of the hub: asks over HTTP in an organisation's name, with a token that is signed."""
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from starlette.applications import Starlette

from app import known_to, reached
from schema.demo_issuer import SYSTEMS, DemoIssuer
from schema.http import middleware, routes
from schema.login import Login
from schema.operation import Answer, Request
from schema.root import schema
from tests.support.asking import Asking
from tests.support.tokens import demo

READ, WRITE = "stafettlogg:read", "stafettlogg:write"
BOTH = f"{READ} {WRITE}"
SCHOOL, KINDERGARTEN, CLINIC, PPT, MUNICIPALITY = (
    "310100000", "310100001", "310100002", "310100003", "310199999")
SUPPLIER = "310900001"
HAS = """query($n: String!) { hasStafettlogg(identityNumber: $n) {
  planRef since updatedAt unitOrganisationNumber unitName hubUrl protected
  contact { name role unit phone } } }"""


@dataclass
class Vendor:
    """One client; `organisation` is in whose name it asks."""
    http: httpx.AsyncClient
    issuer: DemoIssuer
    organisation: str = CLINIC
    scope: str = BOTH
    supplier: str | None = SUPPLIER

    def headers(self, **other: str) -> dict[str, str]:
        claims: dict[str, Any] = {"iss": SYSTEMS, "consumer": of(self.organisation), "scope": self.scope}
        if self.supplier:
            claims["supplier"] = of(self.supplier)
        return {"Authorization": f"Bearer {self.issuer.signed(claims, 5)}",
                "Accept": "application/graphql-response+json",
                **{name.replace("_", "-"): value for name, value in other.items()}}

    async def post(self, query: str, variables: dict[str, Any], **headers: str) -> httpx.Response:
        asked = {"query": query, "variables": variables}
        return await self.http.post("/graphql", json=asked, headers=self.headers(**headers))

    async def told(self, query: str, variables: dict[str, Any], **headers: str) -> Any:
        """The data; a failed request fails the test."""
        whole = (await self.post(query, variables, **headers)).json()
        assert "errors" not in whole, whole
        return whole["data"]

    async def has(self, number: str, **headers: str) -> list[dict[str, Any]]:
        records: list[dict[str, Any]] = (await self.told(HAS, {"n": number}, **headers))["hasStafettlogg"]
        return records

    async def refusal(self, query: str, number: str) -> tuple[int, str]:
        """Of a question about one person: the status, and the error's code."""
        return refused(await self.post(query, {"n": number}))


def of(organisation: str) -> dict[str, str]:
    return {"authority": "iso6523-actorid-upis", "ID": f"0192:{organisation}"}


def refused(response: httpx.Response) -> tuple[int, str]:
    """The status, and the code of the only error."""
    (error,) = response.json()["errors"]
    return response.status_code, error["extensions"]["code"]


@asynccontextmanager
async def vendor(asking: Asking) -> AsyncIterator[Vendor]:
    """A client of the hub whose clock the test sets."""
    async def answer(request: Request) -> Answer:
        return await schema.answer(request, asking.hub)
    served = routes(answer, Login(demo().issuers(), known_to(asking.hub)), schema.as_str(),
                    partial(reached, asking.reader))
    hub = Starlette(routes=served, middleware=middleware())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(hub), base_url="http://hub") as http:
        yield Vendor(http, demo())
