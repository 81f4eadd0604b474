"""Who we are, by Maskinporten: a JWT grant (RFC 7523) for a token, kept until shortly before it ends."""
import json
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic, time
from urllib.parse import urlencode
from uuid import uuid4

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jose import jwt

from integrations import wire
from integrations.archive.fiks.keys import Organisation
from integrations.archive.fiks.replies import asking, faulty
from integrations.target import DeliveryError, DeliveryFault

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "ks:fiks"
LIFE = 60  # seconds of a grant; Maskinporten takes two minutes at most
LEFT = 20  # seconds that a token must still be good for, when it is handed out


@dataclass
class Maskinporten:
    """One client of it. `url`: the issuer's, which ends with a slash; `kid`: of a key that is registered with
    the client; without it the certificate itself goes along."""
    url: str
    client: str
    organisation: Organisation
    kid: str | None = None
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _kept: tuple[str, float] = field(default=("", 0), repr=False)

    def token(self, timeout: float) -> str:
        """One that is good for some time yet. DeliveryError: AUTH where we are refused."""
        with self._lock:  # one asks, and the others wait for what it gets
            token, ends = self._kept
            if monotonic() + LEFT > ends:
                with asking("Maskinporten"):
                    token, ends = self._kept = self._fetched(timeout)
            return token

    def _fetched(self, timeout: float) -> tuple[str, float]:
        asked = monotonic()
        form = urlencode({"grant_type": GRANT, "assertion": self._grant()}).encode()
        reply = wire.post(f"{self.url}token", form, {"Content-Type": "application/x-www-form-urlencoded"},
                          timeout, self.tls)
        if reply.status == 400:  # RFC 6749 §5.2: an unknown client, a key or a scope that it may not use
            raise DeliveryError(DeliveryFault.AUTH, "it refuses the client, its key or its scope")
        if reply.status != 200:
            raise faulty(reply)
        try:
            told = json.loads(reply.content)
            return str(told["access_token"]), asked + float(told["expires_in"])
        except (ValueError, KeyError, TypeError):
            raise DeliveryError(DeliveryFault.RETRYABLE, "the answer is not a token") from None

    def _grant(self) -> str:
        now, der = int(time()), self.organisation.certificate.public_bytes(Encoding.DER)
        claims = {"aud": self.url, "iss": self.client, "scope": SCOPE, "jti": str(uuid4()),
                  "iat": now, "exp": now + LIFE}
        pem = self.organisation.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        header = {"kid": self.kid} if self.kid else {"x5c": [b64encode(der).decode()]}
        return jwt.encode(claims, pem.decode(), algorithm="RS256", headers=header)
