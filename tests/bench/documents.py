"""What a document costs that was never seen before, and what it costs to refuse one that is an attack."""
from statistics import median

import orjson

from tests.bench.process import Server
from tests.bench.questions import Call, Question


def new(server: Server, question: Question, call: Call, times: int) -> float:
    """Milliseconds of CPU to read, check and compile a document; every one has a name and a column of its own."""
    known = [cpu(server, question.document, call) for _ in range(times)]
    documents = [question.document.replace("shortName", f"name{n}: shortName") for n in range(times)]
    return median(cpu(server, document, call) for document in documents) - median(known)


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
    return {name: median(refused(server, document, call) for _ in range(times)) for name, document in attacks().items()}


def refused(server: Server, document: str, call: Call) -> float:
    before = server.cpu()
    said = orjson.loads(server.post_document(document, Call(call.number, call.person, {})))
    if not said.get("errors") or said.get("data"):
        raise ValueError("an attack was answered")
    return server.cpu() - before
