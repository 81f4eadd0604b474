"""A fagsystem that people note in by hand: nothing is sent, and a fact waits until the unit has answered."""
from dataclasses import dataclass
from datetime import timedelta

from integrations.fagsystem.fact import canonical, elements, fact_of
from integrations.target import PlanFact, Receipt, Sending

LOOKED_AT = timedelta(days=1)  # how often it is asked anew whether it may still be told


@dataclass
class ManualFagsystem:
    """`system`: what people call it; `days`: until a fact should be noted."""
    name: str
    system: str
    days: int

    def render(self, order: PlanFact) -> bytes:
        """The fact in the words that every fagsystem is told in, kept sealed; the unit is shown what is true
        when it looks."""
        return canonical(elements(order))

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """Nothing goes anywhere. DeliveryError: the body belongs to another delivery."""
        fact_of(body, sending.fact_id)
        return Receipt(confirmed=False, code="waits for the unit", again=LOOKED_AT,
                       due=timedelta(days=self.days))

    def check(self) -> list[str]:
        """There is nothing that can be away."""
        return []
