"""A town's worker, and at its edge two receivers that say what a test tells them to."""
from datetime import timedelta
from typing import Any
from uuid import UUID

from db.write.attempt import due
from integrations.target import DeliveryError, Order, PlanFact, Receipt
from integrations.worker import Worker
from tests.support.asking import SEAL, Asking

DELIVERIES = """{
  deliveries(orderBy: ORDERED_AT) { edges { node { id kind state seq target reason attemptCount sha256
    version nextAttemptAt reference attempts { number fault answer } } } }
  plans { edges { node { lastArchivedAt } } } }"""


class Receiver:
    """A target at the edge: says what the test tells it to say, and keeps what it is sent."""

    def __init__(self, name: str) -> None:
        self.name, self.orders, self.bodies = name, list[Order](), list[tuple[bytes, UUID]]()
        self.says: list[Receipt | DeliveryError] = []

    def render(self, order: Order) -> bytes:
        self.orders.append(order)
        return f"{type(order).__name__} {order.fact_id} {order.protected}".encode()

    def deliver(self, body: bytes, fact_id: UUID) -> Receipt:
        self.bodies.append((body, fact_id))
        said = self.says.pop(0) if self.says else Receipt(confirmed=True, reference="theirs")
        if isinstance(said, DeliveryError):
            raise said
        return said

    def check(self) -> list[str]:
        return []


class Post:
    """A town, its worker, and both receivers."""

    def __init__(self, town: Asking) -> None:
        self.town, self.fagsystem, self.archive = town, Receiver("fagsystem"), Receiver("archive")
        self.worker = Worker(town.reader, town.writer, SEAL,
                             {"fagsystem": self.fagsystem, "archive": self.archive},
                             lambda: town.now, "https://hub.example", timedelta(seconds=60))

    async def go(self) -> None:
        async with self.town.writer(self.town.now) as session:
            keys = await due(session, self.town.now)
        for key in keys:
            await self.worker.work(key)

    async def said(self, target: str = "fagsystem") -> list[dict[str, Any]]:
        told = await self.town.told("admin", DELIVERIES)
        return [edge["node"] for edge in told["deliveries"]["edges"] if edge["node"]["target"] == target]

    def facts(self) -> list[PlanFact]:
        """What the fagsystem was told, in order."""
        return [order for order in self.fagsystem.orders if isinstance(order, PlanFact)]
