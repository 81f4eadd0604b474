"""What the hub costs beside hand-written SQL: `python -m tests.bench.run [--json FILE] [--quick]`."""
import argparse
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from tests.bench import deliveries, documents, printing
from tests.bench.askers import Call
from tests.bench.database import database
from tests.bench.process import Server, serving
from tests.bench.questions import QUESTIONS
from tests.bench.rounds import Cost, Costs, check, measure, table

SERVERS = ("hand", "hub", "logged")
ROUNDS, QUICK = 15, 4
NEW, REFUSAL, GROWTH = 30.0, 50.0, 150.0  # milliseconds of CPU for a new document, for a refusal; megabytes
Limits = dict[str, tuple[float, float]]  # what was measured, and the most it may be


def main() -> int:
    """0 where every limit holds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path, help="keep the numbers in this file")
    options.add_argument("--quick", action="store_true", help="fewer rounds: a minute and a half")
    chosen = options.parse_args()
    with database() as url:
        with ExitStack() as stack:
            servers = [stack.enter_context(serving(name, url)) for name in SERVERS]
            costs, limits = measured(servers, QUICK if chosen.quick else ROUNDS)
        told = deliveries.measured(url, deliveries.QUICK if chosen.quick else deliveries.PLANS)
    limits |= told.limits()
    print(f"{table(costs)}\n{told.told()}")
    for name, (found, most) in limits.items():
        print(f"{'PASS' if found <= most else 'FAIL'}  {name:<28}{found:>8.2f}  (at most {most:g})")
    if chosen.json:
        chosen.json.write_bytes(orjson.dumps(kept(costs, limits, told), option=orjson.OPT_INDENT_2))
    return any(found > most for found, most in limits.values())


def measured(servers: list[Server], rounds: int) -> tuple[Costs, Limits]:
    """All the measures there are."""
    _, hub, logged = servers
    began = {server.name: server.memory() for server in servers}
    calls = {question.key: question.calls(hub.database) for question in QUESTIONS}
    for question in QUESTIONS:
        values = check(question, calls[question.key], question.others(hub.database), servers)
        print(f"{question.key}: {values} values, the same bytes from all servers", flush=True)
    costs = asked(servers, calls, rounds)
    limits = ratios(costs) | by_document(hub, calls, rounds)
    limits["PDF/A of a full plan"] = (printing.milliseconds(3 * rounds), printing.MOST)
    for server in (hub, logged):
        limits[f"memory growth, {server.name}"] = (server.memory() - began[server.name], GROWTH)
    return costs, limits


def asked(servers: list[Server], calls: dict[str, list[Call]], rounds: int) -> Costs:
    costs = {(question.key, server.name): Cost() for question in QUESTIONS for server in servers}
    for _ in range(rounds):
        for question in QUESTIONS:
            measure(question, calls[question.key], servers, costs)
    return costs


def ratios(costs: Costs) -> Limits:
    found: Limits = {}
    for question in QUESTIONS:
        hand = costs[question.key, "hand"]
        found[f"{question.key}, log off"] = (costs[question.key, "hub"].ratio(hand), question.limit)
        found[f"{question.key}, log on"] = (costs[question.key, "logged"].ratio(hand), question.logged)
    return found


def by_document(hub: Server, calls: dict[str, list[Call]], rounds: int) -> Limits:
    """What is new, and what is refused."""
    found: Limits = {}
    for question in QUESTIONS:
        spent = documents.new(hub, question, calls[question.key], 3 * rounds)
        found[f"new document, {question.key}"] = (spent, NEW)
    for name, spent in documents.refusals(hub, calls["list"][0], rounds).items():
        found[f"refusal, {name}"] = (spent, REFUSAL)
    return found


def kept(costs: Costs, limits: Limits, told: deliveries.Found) -> dict[str, Any]:
    """The numbers as they are kept: ratios first, then what they come from, in milliseconds and megabytes."""
    keys = [question.key for question in QUESTIONS]
    return {
        "ratios": {key: limits[f"{key}, log off"][0] for key in keys},
        "ratios_logged": {key: limits[f"{key}, log on"][0] for key in keys},
        "milliseconds": {key: {server: costs[key, server].told() for server in SERVERS} for key in keys},
        "deliveries": {**asdict(told), "per_second": 1000 / told.apart, "ratio": told.ratio},
        "limits": {name: {"found": found, "most": most, "holds": found <= most}
                   for name, (found, most) in limits.items()}}


if __name__ == "__main__":
    sys.exit(main())
