"""Tokens of invented issuers, good and bad, and a town that knows two of their holders."""
import base64
import json
from functools import cache
from typing import Any
from uuid import UUID

from jose import jwt

from resolvers.context import Viewer
from schema.demo_issuer import PERSONS, DemoIssuer
from schema.issuer import signing_keys
from schema.login import Identity

PID, STRANGER, ORGANISATION = "15821210035", "26821510189", "313000001"  # of the synthetic series
NOW = 1_800_000_000
TEACHER = Viewer(4204, UUID(int=1), "nb")
SYSTEM = Viewer(4204, None, "nb")


@cache
def demo(key: int = 0) -> DemoIssuer:
    """An RSA key takes a tenth of a second: one for all tests, and another where there must be two."""
    return DemoIssuer("hub")


def public() -> bytes:
    pem: bytes = signing_keys(demo().jwks, ["RS256"])[demo().kid][1].to_pem()
    return pem


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


class Town:
    """Whom the hub knows, and how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Identity, str | None]] = []
        self.gone = False

    async def find(self, identity: Identity, municipality: str | None) -> Viewer | None:
        self.asked.append((identity, municipality))
        if self.gone or municipality not in {None, "4204"}:
            return None
        return {PID: TEACHER, ORGANISATION: SYSTEM}.get(identity.number)


def claims(**other: Any) -> dict[str, Any]:
    """Of a good token of the teacher; what is None is left out."""
    good: dict[str, Any] = {"iss": PERSONS, "aud": "hub", "pid": PID, "acr": "idporten-loa-high",
                            "iat": NOW, "exp": NOW + 600}
    return {name: value for name, value in {**good, **other}.items() if value is not None}


def signed(what: dict[str, Any], by: DemoIssuer | None = None, **header: Any) -> str:
    by = by or demo()
    named = {name: value for name, value in ({"kid": by.kid} | header).items() if value is not None}
    return jwt.encode(what, by.key.decode(), "RS256", named)


def unsigned(header: dict[str, Any], what: dict[str, Any], signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(what).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
