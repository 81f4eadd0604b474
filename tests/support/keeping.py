"""A fagsystem at the edge that keeps all it was ever sent, and the records that come of it."""
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from integrations.fagsystem.fact import canonical, elements, fact_of
from integrations.target import DeliveryError, DeliveryFault, PlanFact, Receipt, Sending


class Mishap(Enum):
    """How an attempt fails: nothing has come, or it has, and the answer is lost."""
    NOT_THERE = "not there"
    ANSWER_LOST = "answer lost"


class Keeping:
    """Takes each fact in the words that all protocols share; the record of a plan is the last it was told."""

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        self.name, self.clock = name, clock
        self.tried: list[tuple[datetime, dict[str, Any]]] = []  # when, and what, whether it came or not
        self.records: dict[str, dict[str, Any]] = {}
        self.mishaps: list[Mishap | None] = []

    def render(self, order: PlanFact) -> bytes:
        return canonical(elements(order))

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        mishap, fact = self.mishaps.pop(0) if self.mishaps else None, fact_of(body, sending.fact_id)
        self.tried.append((self.clock(), fact))
        if mishap is not Mishap.NOT_THERE:
            self.records[fact["planRef"]] = fact
        if mishap:
            raise DeliveryError(DeliveryFault.RETRYABLE, mishap.value)
        return Receipt(confirmed=True)

    def check(self) -> list[str]:
        return []

    def facts(self, organisation: str) -> list[dict[str, Any]]:
        """All that it was told for one unit, in order, each once however often it was tried."""
        told = [fact for _, fact in self.tried if fact["unitOrganisationNumber"] == organisation]
        return list({fact["factId"]: fact for fact in told}.values())


class Noted(Keeping):
    """One that people note in by hand: what they are given may have been noted, whatever they say."""
    system = "by hand"

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        self.tried.append((self.clock(), fact_of(body, sending.fact_id)))
        return Receipt(confirmed=False, again=timedelta(days=1), due=timedelta(days=7))

    def note(self, task: Mapping[str, Any]) -> None:
        """As it is shown to the unit."""
        key = task["deliveryId"].removeprefix("Delivery:")
        given = next(fact for _, fact in reversed(self.tried) if fact["factId"] == key)
        assert (task["kind"], task["planRef"]) == (given["kind"], given["planRef"])
        self.records[task["planRef"]] = {
            **given, "contact": task["contact"], "person": {"value": task["identityNumber"]}}
