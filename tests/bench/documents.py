"""What a document costs that was never seen before, and what it costs to refuse one that is an attack."""
import re
from statistics import median

import orjson

from tests.bench.askers import Call
from tests.bench.process import Server
from tests.bench.questions import Question

SIGN_IN = "{ viewer { id } }"


def new(server: Server, question: Question, calls: list[Call], times: int) -> float:
    """Milliseconds of the server's CPU to parse, check and compile: what a document costs beside a known one.

    Another viewer asks each time: everyone has a budget for what is new (schema/budget), which must last."""
    return median(extra(server, question, calls[n % len(calls)], f"new{n}") for n in range(times))


def extra(server: Server, question: Question, call: Call, name: str) -> float:
    """The document with one column renamed, beside the document that is known."""
    server.post_document(SIGN_IN, call)
    known = cpu(server, question.document, call)
    return cpu(server, re.sub(r"\blevel\b", f"{name}: level", question.document), call) - known


def cpu(server: Server, document: str, call: Call) -> float:
    before = server.cpu()
    said = server.post_document(document, call)
    if b'"errors"' in said:
        raise ValueError("a question of the benchmark was refused")
    return server.cpu() - before


def attacks() -> dict[str, str]:
    """Documents that are small to send and dear to answer, by what they do."""
    bomb = "".join(f"fragment F{n} on Plan {{ ...F{n + 1} ...F{n + 1} id }} " for n in range(60))
    return {
        "fragments": f"{{ plans {{ edges {{ node {{ ...F0 }} }} }} }} {bomb} fragment F60 on Plan {{ id }}",
        "aliases": f"{{ viewer {{ {' '.join(f'a{n}: name' for n in range(1_000))} }} }}",
        "depth": "{ plans " + "{ edges " * 50 + "{ cursor }" + " }" * 50 + " }",
        "megabyte": "{ viewer { " + "name " * 200_000 + "} }"}


def refusals(server: Server, call: Call, times: int) -> dict[str, float]:
    """Milliseconds of CPU, by attack. ValueError where one is answered."""
    return {name: median(refused(server, document, call) for _ in range(times))
            for name, document in attacks().items()}


def refused(server: Server, document: str, call: Call) -> float:
    before = server.cpu()
    said = orjson.loads(server.post_document(document, Call(call.number, call.person, {})))
    if not said.get("errors") or said.get("data"):
        raise ValueError("an attack was answered")
    return server.cpu() - before
