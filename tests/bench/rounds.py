"""Asks every question of every server in turn, round after round, and what each request cost."""
import time
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

import orjson
import psycopg

from tests.bench.process import Server
from tests.bench.questions import Call, Question, leaves

SIGN_IN = "{ viewer { id } }"


@dataclass
class Cost:
    """Per request: CPU in milliseconds by round, and seconds by request."""
    server: list[float] = field(default_factory=list)
    postgres: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        return median(self.server) + median(self.postgres)

    def told(self) -> dict[str, float]:
        """Milliseconds."""
        percentiles = quantiles(self.latency, n=100)
        return {"server": median(self.server), "postgres": median(self.postgres), "cpu": self.cpu,
                "p50": percentiles[49] * 1e3, "p99": percentiles[98] * 1e3}


def check(question: Question, calls: list[Call], servers: list[Server]) -> int:
    """That all say the same bytes, and something; how many values an answer holds. ValueError."""
    sizes = []
    for call in calls:
        said = [server.ask(question, call) for server in servers]
        if len(set(said)) != 1:
            raise ValueError(f"{question.name}: the servers do not say the same")
        sizes.append(leaves(orjson.loads(said[0])))
    if median(sizes) < question.leaves:
        raise ValueError(f"{question.name}: the answers hold {median(sizes)} values; is what is filled in too old?")
    return int(median(sizes))


def measure(question: Question, calls: list[Call], server: Server, cost: Cost) -> None:
    """One round: each call once, in a fresh hour of the access log."""
    fresh(server.database)
    if server.name != "hand":
        for number in {call.number: call for call in calls}.values():  # who asks is known for a minute
            server.post_document(SIGN_IN, Call(number.number, number.person, {}))
    first, *rest = calls
    server.ask(question, first)  # emptying the log has made the prepared statement stale
    cpu, backends = server.cpu(), server.backends()
    for call in rest:
        began = time.perf_counter()
        server.ask(question, call)
        cost.latency.append(time.perf_counter() - began)
    cost.server.append((server.cpu() - cpu) / len(rest))
    spent = sum(after - backends.get(pid, 0) for pid, after in server.backends().items())
    cost.postgres.append(spent / len(rest))


def fresh(database: psycopg.Connection[Any]) -> None:
    database.execute("truncate access_log")


def table(costs: dict[tuple[str, str], Cost]) -> str:
    """A line for each question and server, with its cost as a multiple of the hand-written."""
    lines = [f"{'question':<12}{'server':<10}{'server ms':>10}{'postgres':>10}{'sum':>8}{'ratio':>8}{'p50 ms':>9}{'p99 ms':>9}"]
    for (question, server), cost in costs.items():
        told, ratio = cost.told(), cost.cpu / costs[question, "hand"].cpu
        lines.append(f"{question:<12}{server:<10}{told['server']:>10.2f}{told['postgres']:>10.2f}{told['cpu']:>8.2f}"
                     f"{ratio:>8.2f}{told['p50']:>9.2f}{told['p99']:>9.2f}")
    return "\n".join(lines)
