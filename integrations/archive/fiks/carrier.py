"""Fiks IO over HTTPS: the send API, and the register of accounts with their public keys."""
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate, load_pem_x509_certificate

from integrations import wire
from integrations.oauth import Tokens
from integrations.replies import asking, faulty
from integrations.target import DeliveryError, DeliveryFault
from integrations.wire import Line


@dataclass(frozen=True)
class Integration:
    """What KS has given one system to sign in with, beside Maskinporten's token."""
    id: UUID
    password: str = field(repr=False)


@dataclass(frozen=True)
class Carrier:
    """Fiks IO at `url`; `timeout`: seconds for a call, and for the token before it."""
    url: str
    integration: Integration
    tokens: Tokens
    timeout: float
    line: Line = field(default_factory=Line, repr=False)

    def token(self) -> str:
        return self.tokens.token(self.timeout)

    def send(self, message: Mapping[str, Any], content: bytes) -> UUID:
        """The carrier's id of the message, which is new at every sending. `message`: MeldingSpesifikasjon of
        the API. DeliveryError."""
        ends = monotonic() + self.timeout
        form = httpx.Request("POST", self.url, files={
            "metadata": (None, json.dumps(message).encode(), "application/json"),
            "data": ("melding.asice", content, "application/octet-stream")})
        headers = {"Content-Type": form.headers["Content-Type"], **self._signed_in()}
        url, left = f"{self.url}/fiks-io/api/v1/send", ends - monotonic()
        with asking("Fiks IO"):
            told = _told(wire.post(url, form.read(), headers, left, self.line))
        try:
            return UUID(str(told.get("meldingId")))
        except ValueError:
            raise DeliveryError(DeliveryFault.RETRYABLE, "Fiks IO: the answer has no id") from None

    def certificate(self, account: UUID) -> Certificate:
        """The public key that the account's holder has published, in a certificate. DeliveryError."""
        told = self._account(account, "offentligNokkel")
        try:
            certificate = load_pem_x509_certificate(str(told["nokkel"]).encode())
            if isinstance(certificate.public_key(), RSAPublicKey):
                return certificate
        except (KeyError, ValueError, UnsupportedAlgorithm):
            pass
        raise DeliveryError(DeliveryFault.RETRYABLE, "Fiks IO: the account shows no key that can be used")

    def status(self, account: UUID) -> dict[str, Any]:
        """KontoSvarStatus: gyldigAvsender, gyldigMottaker, antallKonsumenter. DeliveryError."""
        return self._account(account, "status")

    def _account(self, account: UUID, what: str) -> dict[str, Any]:
        url, headers = f"{self.url}/fiks-io/katalog/api/v1/kontoer/{account}/{what}", self._signed_in()
        with asking("Fiks IO"):
            return _told(wire.get(url, headers, self.timeout, self.line))

    def _signed_in(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token()}", "IntegrasjonId": str(self.integration.id),
                "IntegrasjonPassord": self.integration.password}


def _told(reply: wire.Reply) -> dict[str, Any]:
    if reply.status != 200:
        raise faulty(reply, datetime.now(UTC))
    try:
        told = json.loads(reply.content)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise DeliveryError(DeliveryFault.RETRYABLE, "the answer is not the API's")
    return told
