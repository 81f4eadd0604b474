"""A fagsystem that is told by operations of its vendor's own WSDL."""
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from integrations import wire
from integrations.fagsystem.fact import canonical, elements, fact_of, unnamed
from integrations.fagsystem.soap.vendor.answer import Answers
from integrations.fagsystem.soap.vendor.fact import flat
from integrations.fagsystem.soap.vendor.operation import Operation, Port
from integrations.soap import Endpoint, call, written
from integrations.target import DeliveryError, FactKind, PlanFact, Receipt, Sending

# What no service answers a GET with that is well: others say 400, 404, 405, 500 or 501 to one, and are.
NOT_WELL: Final = frozenset({401, 403, 407, 410, 502, 503, 504})


@dataclass(frozen=True)
class Call:
    """An operation, and how its answers are read."""
    operation: Operation
    answers: Answers


@dataclass
class VendorsFagsystem:
    """`calls`: what is called for each kind of fact; `harmless`: what can be asked and tells nothing."""
    name: str
    endpoint: Endpoint
    port: Port
    calls: Mapping[FactKind, Call]
    harmless: Call | None = None

    def render(self, order: PlanFact) -> bytes:
        """The fact as canonical JSON, in the names that the settings use."""
        return canonical(elements(order))

    def shown(self, body: bytes) -> bytes:
        """A body's number of noughts alone is masked: the first that the settings have a code for stands for
        it."""
        fact = flat(json.loads(body))
        operation = self.calls[FactKind(fact["kind"])].operation
        coded = {field: codes[0] for field, codes in operation.known().items()
                 if not fact.get(field, "").strip("0")}
        return written(operation.envelope(fact | coded))

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """One attempt. DeliveryError says in our own words what went wrong, or in those of the settings."""
        fact = fact_of(body, sending.fact_id)
        receipt = self._asked(self.calls[FactKind(fact["kind"])], flat(fact))
        return unnamed(receipt, fact["person"]["value"])

    def check(self) -> list[str]:
        """By the harmless operation; where there is none, whether somebody is there and takes us."""
        try:
            return self._answering() if self.harmless else self._there()
        except DeliveryError as error:
            return [error.message]

    def _answering(self) -> list[str]:
        confirmed = self.harmless and self._asked(self.harmless, {}).confirmed
        return [] if confirmed else ["the receiver answers, but not as the settings say that it should"]

    def _there(self) -> list[str]:
        there = self.endpoint
        reply = wire.get(there.url, there.sign_in.headers(), there.seconds, there.line)
        return [f"HTTP {reply.status}"] if reply.status in NOT_WELL else []

    @cached_property
    def _service(self) -> Any:
        wsdl = self.port.wsdl
        return self.endpoint.service(wsdl.document, self.port.binding.name.text, wsdl.breach)

    def _asked(self, asked: Call, fact: Mapping[str, str]) -> Receipt:
        operation = asked.operation
        reply = call(self._service[operation.name], operation.values(fact))
        return asked.answers.receipt(reply, datetime.now(UTC))
