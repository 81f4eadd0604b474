"""A fagsystem that implements HarStafettlogg v1, called with zeep from the packaged contract."""
import json
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import zeep
from zeep.exceptions import Error as ZeepError
from zeep.wsse.username import UsernameToken

from integrations import wire
from integrations.fagsystem.soap import answer, mapping
from integrations.fagsystem.soap.contract import NAMESPACE, WSDL, breach
from integrations.soap import SoapVersion, Transport
from integrations.target import DeliveryError, DeliveryFault, FactKind, PlanFact, Receipt, Sending


class SoapFagsystem:
    """One fagsystem at `url`; `timeout`: seconds for a whole call; `tls`: whom to trust, and who we are.

    ValueError: an address over which identity numbers may not travel."""

    def __init__(self, name: str, url: str, username: str | None = None, password: str | None = None,
                 timeout: float = 15, soap: SoapVersion = "1.1", tls: ssl.SSLContext | None = None) -> None:
        if not wire.safe(url):
            raise ValueError("url: https (http only to this machine), without user name or password")
        self.name, self.url, self.soap = name, url, soap
        self._token = UsernameToken(username, password) if username else None  # type: ignore[no-untyped-call]
        self._transport = Transport(breach, timeout, tls or ssl.create_default_context())

    def render(self, order: PlanFact) -> bytes:
        """The fact as canonical JSON in the contract's names."""
        return mapping.rendered(order)

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """One attempt. DeliveryError says in our own words what went wrong, never in the receiver's."""
        fact = json.loads(body)
        if fact["factId"] != str(sending.fact_id):
            raise DeliveryError(DeliveryFault.PERMANENT, "the body belongs to another delivery")
        operation = mapping.OPERATIONS[FactKind(fact["kind"])]
        receipt = answer.receipt(self._call(operation, fact=fact), operation, datetime.now(UTC))
        if fact["person"]["value"] in (receipt.reference or ""):
            return replace(receipt, reference=None)  # the contract forbids it, and administrators read it
        return receipt

    def check(self) -> list[str]:
        """What is wrong with contract or receiver, asked without personal data."""
        try:
            ready = answer.ready(self._call("status"), datetime.now(UTC))
        except DeliveryError as error:
            return [error.message]
        return [] if ready else ["the receiver answers that it can't store facts now"]

    @cached_property
    def _service(self) -> Any:
        settings = zeep.Settings(forbid_dtd=True, forbid_external=True, raw_response=True)
        client = zeep.Client(  # type: ignore[no-untyped-call]
            str(WSDL), wsse=self._token, transport=self._transport, settings=settings)
        binding = f"{{{NAMESPACE}}}HarStafettloggSoap{self.soap.replace('.', '')}"
        return client.create_service(binding, self.url)  # type: ignore[no-untyped-call]

    def _call(self, operation: str, **arguments: Any) -> wire.Reply:
        try:
            reply: wire.Reply = self._service[operation](**arguments)
        except (ZeepError, TypeError, ValueError):  # zeep's own words may hold values
            raise DeliveryError(DeliveryFault.PERMANENT, "the fact does not fit the contract") from None
        return reply
