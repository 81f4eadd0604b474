"""Measures what the hub costs beside hand-written SQL: `python -m tests.bench.run [--json FILE] [--quick]`."""
import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson

from tests.bench import documents
from tests.bench.database import database
from tests.bench.process import Server, serving
from tests.bench.questions import QUESTIONS
from tests.bench.rounds import Cost, check, measure, table

SERVERS = ("hand", "hub", "logged")
ROUNDS, QUICK = 15, 4
NEW, REFUSAL, GROWTH = 30.0, 50.0, 150.0  # milliseconds of CPU for a new document and for a refusal; megabytes
Limits = dict[str, tuple[float, float]]  # what was measured, and the most it may be


def main() -> int:
    """0 where every limit holds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path, help="keep the numbers in this file")
    options.add_argument("--quick", action="store_true", help="fewer rounds: some 40 seconds")
    chosen = options.parse_args()
    with database() as url, ExitStack() as stack:
        servers = [stack.enter_context(serving(name, url)) for name in SERVERS]
        costs, limits = measured(servers, QUICK if chosen.quick else ROUNDS)
    print(table(costs))
    for name, (found, most) in limits.items():
        print(f"{'PASS' if found <= most else 'FAIL'}  {name:<28}{found:>8.2f}  (at most {most:g})")
    if chosen.json:
        chosen.json.write_bytes(orjson.dumps(kept(costs, limits), option=orjson.OPT_INDENT_2))
    return any(found > most for found, most in limits.values())


def measured(servers: list[Server], rounds: int) -> tuple[dict[tuple[str, str], Cost], Limits]:
    """All the measures there are."""
    hub = next(server for server in servers if server.name == "hub")
    began = {server.name: server.memory() for server in servers}
    calls = {question: question.calls(hub.database) for question in QUESTIONS}
    for question in QUESTIONS:
        print(f"{question.name}: {check(question, calls[question], servers)} values, the same bytes from all servers")
    costs = {(question.name, server.name): Cost() for question in QUESTIONS for server in servers}
    for n in range(rounds):
        for question in QUESTIONS:
            for server in servers[n % len(servers):] + servers[:n % len(servers)]:  # nobody is always first
                measure(question, calls[question], server, costs[question.name, server.name])
    limits = ratios(costs)
    for question in QUESTIONS:
        limits[f"new document, {question.name}"] = (documents.new(hub, question, calls[question][0], 3 * rounds), NEW)
    for name, spent in documents.refusals(hub, calls[QUESTIONS[0]][0], rounds).items():
        limits[f"refusal, {name}"] = (spent, REFUSAL)
    for server in servers[1:]:
        limits[f"memory growth, {server.name}"] = (server.memory() - began[server.name], GROWTH)
    return costs, limits


def ratios(costs: dict[tuple[str, str], Cost]) -> Limits:
    found: Limits = {}
    for question in QUESTIONS:
        by_hand = costs[question.name, "hand"].cpu
        found[f"{question.name}, log off"] = (costs[question.name, "hub"].cpu / by_hand, question.limit)
        found[f"{question.name}, log on"] = (costs[question.name, "logged"].cpu / by_hand, question.logged)
    return found


def kept(costs: dict[tuple[str, str], Cost], limits: Limits) -> dict[str, Any]:
    """The numbers as they are kept: ratios first, then all that they come from, in milliseconds and megabytes."""
    told = {question.name: {server: costs[question.name, server].told() for server in SERVERS} for question in QUESTIONS}
    return {
        "ratios": {question.key: limits[f"{question.name}, log off"][0] for question in QUESTIONS},
        "ratios_logged": {question.key: limits[f"{question.name}, log on"][0] for question in QUESTIONS},
        "milliseconds": told,
        "limits": {name: {"found": found, "most": most, "holds": found <= most} for name, (found, most) in limits.items()}}


if __name__ == "__main__":
    sys.exit(main())
