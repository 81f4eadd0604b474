"""Asks every question of every server in turn, round after round, and what each request cost."""
import time
from dataclasses import dataclass, field
from statistics import median, quantiles

import orjson

from tests.bench.askers import Call
from tests.bench.documents import SIGN_IN
from tests.bench.process import Server
from tests.bench.questions import Question, leaves

TURN = 8  # calls


@dataclass
class Cost:
    """Per request: CPU in milliseconds by round, and seconds by request."""
    server: list[float] = field(default_factory=list)
    postgres: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> list[float]:
        return [sum(both) for both in zip(self.server, self.postgres, strict=True)]

    def ratio(self, other: "Cost") -> float:
        """As a multiple of another, round by round."""
        return median(own / theirs for own, theirs in zip(self.cpu, other.cpu, strict=True))

    def told(self) -> dict[str, float]:
        """Milliseconds."""
        percentiles = quantiles(self.latency, n=100)
        return {"server": median(self.server), "postgres": median(self.postgres), "cpu": median(self.cpu),
                "p50": percentiles[49] * 1e3, "p99": percentiles[98] * 1e3}


Costs = dict[tuple[str, str], Cost]  # by question and server


def check(question: Question, calls: list[Call], others: list[Call], servers: list[Server]) -> int:
    """That all say the same bytes, and something; how many values an answer holds. ValueError."""
    said = [{server.ask(question, call) for server in servers} for call in (*calls, *others)]
    if any(len(answers) != 1 for answers in said):
        raise ValueError(f"{question.key}: the servers do not say the same")
    held = median(leaves(orjson.loads(answer)) for answers in said[:len(calls)] for answer in answers)
    if held < question.leaves:
        raise ValueError(f"{question.key}: the answers hold {held} values; is what is filled in too old?")
    return int(held)


def measure(question: Question, calls: list[Call], servers: list[Server], costs: Costs) -> None:
    """One round in a fresh hour of the access log: a few calls of each server in turn, none always first.

    So often, for the machine's speed changes within a second: what else it does weighs on all alike."""
    first, *rest = calls
    servers[0].database.execute("truncate access_log")
    for server in servers:
        sign_in(server, calls)
        server.ask(question, first)  # emptying the log has made the prepared statement stale
    before = [(server.cpu(), server.postgres()) for server in servers]
    for n, start in enumerate(range(0, len(rest), TURN)):
        for server in servers[n % len(servers):] + servers[:n % len(servers)]:
            for call in rest[start:start + TURN]:
                began = time.perf_counter()
                server.ask(question, call)
                costs[question.key, server.name].latency.append(time.perf_counter() - began)
    for server, (cpu, postgres) in zip(servers, before, strict=True):
        cost = costs[question.key, server.name]
        cost.server.append((server.cpu() - cpu) / len(rest))
        cost.postgres.append((server.postgres() - postgres) / len(rest))


def sign_in(server: Server, calls: list[Call]) -> None:
    """Signs in whoever will ask: the hub knows them for a minute then; SQL by hand takes their word."""
    if server.name != "hand":
        for call in {call.number: call for call in calls}.values():
            server.post_document(SIGN_IN, call)


def table(costs: Costs) -> str:
    """A line for each question and server, with its cost as a multiple of the hand-written."""
    heads = ("server ms", "postgres", "sum", "ratio", "p50 ms", "p99 ms")
    lines = [f"{'question':<12}{'server':<8}{''.join(f'{head:>10}' for head in heads)}"]
    for (question, server), cost in costs.items():
        own, postgres, cpu, *latency = cost.told().values()
        numbers = (own, postgres, cpu, cost.ratio(costs[question, "hand"]), *latency)
        lines.append(f"{question:<12}{server:<8}{''.join(f'{number:>10.2f}' for number in numbers)}")
    return "\n".join(lines)
