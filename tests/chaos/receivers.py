"""Fagsystemer of each kind that fail as real ones do: busy, or they keep what is sent and never say so."""
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from tests.support.edge import Call, Said, edge
from tests.support.receiving import SYSTEMS, System

FAILING = 0.3  # of all calls


@dataclass
class Unreliable:
    """A system behind a bad line."""
    name: str
    system: System
    calls: Counter[str] = field(default_factory=Counter)

    def answer(self, call: Call) -> Said:
        how = random.choice(("busy", "lost answer")) if random.random() < FAILING else "well"
        self.calls[how] += 1
        if how == "busy":
            return Said(503, b"busy")
        said = self.system.answer(call)
        return Said(said.status, said.body, said.headers, whole=how == "well")

    def kept(self) -> Iterator[UUID]:
        return self.system.kept()


class Keeps(Protocol):
    """Whoever keeps what they were told, in the order in which it had its effect."""
    name: str

    def kept(self) -> Iterator[UUID]: ...


def faults(one: Keeps, told: Mapping[UUID, tuple[Any, int]]) -> list[str]:
    """`told`: what it was to be told, of which plan, and as which."""
    kept = [*one.kept()]
    lost, more, seqs = told.keys() - kept, len(kept) - len({*kept}), dict[Any, list[int]]()
    for fact in kept:
        plan, seq = told[fact]
        seqs.setdefault(plan, []).append(seq)
    wrong = [f"{one.name} has not been told of {len(lost)} facts"] if lost else []
    wrong += [f"{one.name} has taken {more} facts twice"] if more else []
    wrong += [f"{one.name} was told in this order: {of}" for of in seqs.values() if of != sorted(of)]
    return wrong


@contextmanager
def answering(folder: Path) -> Iterator[tuple[list[Unreliable], str]]:
    """One of each kind, and the targets' file."""
    with ExitStack() as edges:
        receivers = [Unreliable(name, made(folder)) for name, made in SYSTEMS.items()]
        tables = [one.system.table(one.name, edges.enter_context(edge(one.answer))) for one in receivers]
        yield receivers, "\n".join(tables)
