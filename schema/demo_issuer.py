"""Signs the demo's people in, in the form of ID-porten and Maskinporten. Made in demo mode alone."""
import os
import secrets
import time
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwk, jwt

from schema.issuer import Issuer, Kind

PERSONS, SYSTEMS = "https://persons.demo.invalid", "https://systems.demo.invalid"


class DemoIssuer:
    """A key and the tokens it signs. In a `folder` the key is kept, so that tokens outlive a restart."""

    def __init__(self, audience: str, folder: Path | None = None) -> None:
        self.audience = audience
        self.key = kept(folder / "issuer.pem") if folder else made()
        public = jwk.construct(self.key.decode(), "RS256").public_key().to_dict()
        self.kid = str(public["n"])[:16]  # another key, another name
        self.jwks = orjson.dumps({"keys": [public | {"kid": self.kid, "use": "sig"}]}).decode()

    def issuers(self) -> tuple[Issuer, Issuer]:
        """What schema.login.Login is to trust: one for persons, one for systems."""
        return (Issuer(PERSONS, self.audience, Kind.PERSON, jwks=self.jwks),
                Issuer(SYSTEMS, self.audience, Kind.SYSTEM, jwks=self.jwks))

    def token(self, *, pid: str | None = None, organisation: str | None = None, scope: str = "",
              minutes: int = 60) -> str:
        """A token for the person with an identity number, or for the system of an organisation."""
        if (pid is None) == (organisation is None):
            raise ValueError("A token is for a person or for an organisation.")
        return self.signed(person(pid) if pid else system(str(organisation), scope), minutes)

    def signed(self, claims: dict[str, Any], minutes: int) -> str:
        now = int(time.time())
        whole = {"aud": self.audience, "iat": now, "auth_time": now, "jti": secrets.token_urlsafe(32),
                 "exp": now + 60 * minutes, **claims}
        return jwt.encode(whole, self.key.decode(), "RS256", {"kid": self.kid})


def person(pid: str) -> dict[str, Any]:
    return {"iss": PERSONS, "pid": pid, "acr": "idporten-loa-high"}


def system(organisation: str, scope: str) -> dict[str, Any]:
    consumer = {"authority": "iso6523-actorid-upis", "ID": f"0192:{organisation}"}
    return {"iss": SYSTEMS, "consumer": consumer, "scope": scope}


def made() -> bytes:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def kept(path: Path) -> bytes:
    """The key in the file, made at the first start; for the owner's eyes only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made())
    return path.read_bytes()
