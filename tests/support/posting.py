"""A town's worker, and at its edge two receivers that say what a test tells them to."""
from datetime import timedelta
from typing import Any

from db.write.due import due
from integrations.target import PlanFact
from integrations.worker import Worker
from tests.support.asking import SEAL, Asking
from tests.support.receiver import Receiver

DELIVERIES = """{
  deliveries(orderBy: ORDERED_AT) { edges { node { id kind state seq target reason attemptCount sha256
    version nextAttemptAt reference attempts { number fault answer } } } }
  plans { edges { node { lastArchivedAt } } } }"""


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
