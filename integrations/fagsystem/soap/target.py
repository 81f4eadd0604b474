"""A fagsystem that implements HarStafettlogg v1, called with zeep from the packaged contract."""
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from integrations import wire
from integrations.fagsystem.fact import canonical, elements, fact_of, unnamed
from integrations.fagsystem.soap import answer
from integrations.fagsystem.soap.contract import NAMESPACE, breach, document
from integrations.fagsystem.soap.mapping import OPERATIONS
from integrations.soap import Endpoint, SoapVersion, call, written
from integrations.target import DeliveryError, FactKind, PlanFact, Receipt, RecordState, Sending, Told


@dataclass
class SoapFagsystem:
    """One fagsystem, which answers at `endpoint` in one of the two versions."""
    name: str
    endpoint: Endpoint
    soap: SoapVersion = "1.1"

    def render(self, order: PlanFact) -> bytes:
        """The fact as canonical JSON in the contract's names."""
        return canonical(elements(order))

    def shown(self, body: bytes) -> bytes:
        fact = json.loads(body)
        binding: Any = document().bindings[self._binding]
        operation = binding.get(OPERATIONS[FactKind(fact["kind"])])
        return written(operation.create(fact=fact).content)

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """One attempt. DeliveryError says in our own words what went wrong, never in the receiver's."""
        fact = fact_of(body, sending.fact_id)
        operation = OPERATIONS[FactKind(fact["kind"])]
        receipt = answer.receipt(self._call(operation, fact=fact), operation, datetime.now(UTC))
        return unnamed(receipt, fact["person"]["value"])  # the contract forbids it

    def compare(self, told: Told) -> RecordState:
        """By `status`, which is asked about the plan's reference alone."""
        reply = self._call("status", planRef=str(told.plan_ref))
        kept = answer.kept(reply, datetime.now(UTC))
        if kept is None:
            return RecordState.MISSING
        return RecordState.SAME if kept == (told.seq, told.has_plan) else RecordState.DIFFERENT

    def check(self) -> list[str]:
        """What is wrong with contract or receiver, asked without personal data."""
        try:
            ready = answer.ready(self._call("status"), datetime.now(UTC))
        except DeliveryError as error:
            return [error.message]
        return [] if ready else ["the receiver answers that it can't store facts now"]

    @cached_property
    def _service(self) -> Any:
        return self.endpoint.service(document(), self._binding, breach)

    @property
    def _binding(self) -> str:
        return f"{{{NAMESPACE}}}HarStafettloggSoap{self.soap.replace('.', '')}"

    def _call(self, operation: str, **values: Any) -> wire.Reply:
        return call(self._service[operation], values)
