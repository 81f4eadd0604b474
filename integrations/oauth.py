"""Tokens by which other systems know us (OAuth 2.0), each kept until shortly before it ends."""
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from time import monotonic, time
from typing import Any, Literal, Protocol
from urllib.parse import quote, urlencode
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Certificate
from jose import jwt

from integrations import wire
from integrations.replies import asking, faulty
from integrations.target import DeliveryError, DeliveryFault
from integrations.wire import Line

Algorithm = Literal["RS256", "RS384"]
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 §2.1: what fits a header
LIFE = 60  # seconds of what we sign; Maskinporten takes two minutes at most
LEFT = 20  # seconds that a token must still be good for, when it is handed out


class Grant(Protocol):
    """What is asked for at the token endpoint `url`, and as whom; `who`: whose it is, as people know it."""
    @property
    def who(self) -> str: ...
    @property
    def url(self) -> str: ...
    def form(self) -> dict[str, str]: ...
    def headers(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Maskinporten:
    """A JWT grant (RFC 7523 §2.1). `issuer` ends with a slash; `kid`: of a key that is registered with the
    client; without it the organisation's certificate itself goes along."""
    issuer: str
    client: str
    scope: str
    key: RSAPrivateKey = field(repr=False)
    kid: str | None = None
    certificate: Certificate | None = None
    who = "Maskinporten"

    @property
    def url(self) -> str:
        return f"{self.issuer}token"

    def form(self) -> dict[str, str]:
        claims = {"aud": self.issuer, "iss": self.client, "scope": self.scope}
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": _signed(claims, self.key, "RS256", self._key_shown())}

    def headers(self) -> Mapping[str, str]:
        return {}

    def _key_shown(self) -> dict[str, Any]:
        if self.kid or self.certificate is None:
            return {"kid": self.kid}
        return {"x5c": [b64encode(self.certificate.public_bytes(Encoding.DER)).decode()]}


@dataclass(frozen=True)
class ClientSecret:
    """Client credentials, and a secret (RFC 6749 §4.4 and §2.3.1)."""
    url: str
    client: str
    secret: str = field(repr=False)
    scope: str | None = None
    who = "the token server"

    def form(self) -> dict[str, str]:
        return {"grant_type": "client_credentials", **({"scope": self.scope} if self.scope else {})}

    def headers(self) -> Mapping[str, str]:
        pair = f"{quote(self.client, safe='')}:{quote(self.secret, safe='')}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


@dataclass(frozen=True)
class ClientKey:
    """Client credentials, and a key (RFC 7523 §2.2, private_key_jwt, as SMART Backend Services has it)."""
    url: str
    client: str
    key: RSAPrivateKey = field(repr=False)
    kid: str | None = None
    scope: str | None = None
    algorithm: Algorithm = "RS384"
    who = "the token server"

    def form(self) -> dict[str, str]:
        claims = {"aud": self.url, "iss": self.client, "sub": self.client}
        return {"grant_type": "client_credentials", **({"scope": self.scope} if self.scope else {}),
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": _signed(claims, self.key, self.algorithm, {"kid": self.kid})}

    def headers(self) -> Mapping[str, str]:
        return {}


@dataclass
class Tokens:
    """The tokens that one grant gives. Threads share them."""
    grant: Grant
    line: Line = field(default_factory=Line, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _kept: tuple[str, float] = field(default=("", 0), repr=False)

    def token(self, timeout: float) -> str:
        """One that is good for some time yet. DeliveryError: AUTH where we are refused."""
        with self._lock:  # one asks, and the others wait for what it gets
            token, ends = self._kept
            if monotonic() + LEFT > ends:
                with asking(self.grant.who):
                    token, ends = self._kept = self._fetched(timeout)
            return token

    def forget(self, token: str) -> None:
        """It was refused before its time: the next one is asked for anew."""
        with self._lock:
            if self._kept[0] == token:
                self._kept = ("", 0)

    def _fetched(self, timeout: float) -> tuple[str, float]:
        asked = monotonic()
        headers = {"Content-Type": "application/x-www-form-urlencoded", **self.grant.headers()}
        form = urlencode(self.grant.form()).encode()
        reply = wire.post(self.grant.url, form, headers, timeout, self.line)
        if reply.status == 400:  # RFC 6749 §5.2: an unknown client, a key or a scope that it may not use
            raise DeliveryError(DeliveryFault.AUTH, "it refuses the client, its key or its scope")
        if reply.status != 200:
            raise faulty(reply, datetime.now(UTC))
        try:
            told = json.loads(reply.content)
            if TOKEN.fullmatch(told["access_token"]):
                return told["access_token"], asked + float(told["expires_in"])
        except (ValueError, KeyError, TypeError, RecursionError):
            pass
        raise DeliveryError(DeliveryFault.RETRYABLE, "the answer is not a token")


def _signed(claims: dict[str, Any], key: RSAPrivateKey, algorithm: str, shown: Mapping[str, Any]) -> str:
    now = int(time())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return jwt.encode({**claims, "jti": str(uuid4()), "iat": now, "exp": now + LIFE}, pem,
                      algorithm=algorithm, headers={name: it for name, it in shown.items() if it})
