"""Fagsystemer of each kind that fail as real ones do: busy, or they keep what is sent and never say so."""
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from db.seeds.parts import UNITS, organisation
from integrations.fagsystem.soap.records import Records
from integrations.fagsystem.soap.service import answered
from integrations.soap import opened
from tests.support.edge import Call, Said, edge
from tests.support.fagsystems import JOURNAL, enveloped, table, vendors
from tests.support.fhirserver import Edge
from tests.support.webhooks import Fagsystem

FAILING = 0.3  # of all calls
KINDERGARTEN = [*UNITS].index("Solbakken barnehage")
WEBHOOK = "CHAOS_WEBHOOK_SECRET"  # in a worker's environment


class System(Protocol):
    """One that keeps what it is told; `kept`: the facts that had an effect, of each plan in their order."""

    def answer(self, call: Call) -> Said: ...
    def kept(self) -> Iterator[UUID]: ...
    def table(self, name: str, url: str) -> str: ...


class Soap:
    """The practice fagsystem: it refuses what comes out of order."""

    def __init__(self, folder: Path) -> None:
        self.records = Records(folder / "soap", ())

    def answer(self, call: Call) -> Said:
        _, status, envelope = answered(self.records, call.body)
        return Said(status, envelope, {"Content-Type": "text/xml"})

    def kept(self) -> Iterator[UUID]:
        return (UUID(fact["factId"]) for facts in self.records.plans.values() for fact in facts)

    def table(self, name: str, url: str) -> str:
        return f'[{name}]\nkind = "fagsystem/soap"\nurl = "{url}/"\ntimeout = 5\n'


class Webhook(Fagsystem):
    def __init__(self, _: Path) -> None:
        super().__init__()

    def kept(self) -> Iterator[UUID]:
        return (UUID(fact["factId"]) for facts in self.plans.values() for fact in facts)

    def table(self, name: str, url: str) -> str:
        return f'[{name}]\nkind = "fagsystem/webhook"\nurl = "{url}"\nsecret_env = "{WEBHOOK}"\ntimeout = 5\n'


class Fhir:
    """Puts whatever it is sent in the place of what it has: the same twice in a row is one effect."""

    def __init__(self, _: Path) -> None:
        self.server = Edge()

    def answer(self, call: Call) -> Said:
        return self.server.answer(call)

    def kept(self) -> Iterator[UUID]:
        for versions in self.server.kept.values():
            facts = (version["meta"]["source"].rpartition("#")[2] for version in versions)
            yield from (UUID(fact) for fact, _ in groupby(facts))

    def table(self, name: str, url: str) -> str:
        return f'[{name}]\nkind = "fagsystem/fhir"\nurl = "{url}"\ntimeout = 5\n'


class Vendor:
    """By a WSDL of its own, in which our key is one of many; it knows a fact again by that."""

    def __init__(self, folder: Path) -> None:
        self.way, self.facts = vendors(folder), list[str]()

    def answer(self, call: Call) -> Said:
        _, message = opened(call.body)
        self.way.schema().assertValid(message)
        if message.tag != self.way.message:
            (asked,) = (said for name, said in self.way.others.items() if message.tag.endswith(f"}}{name}"))
            return Said(200, enveloped(asked))
        fact = self.way.fact_id(message)
        if fact in self.facts:
            return Said(200, self.way.answer("duplicate"))
        self.facts.append(fact)
        return Said(200, self.way.answer("confirmed", message.findtext(f".//{{{JOURNAL}}}EksternId") or ""))

    def kept(self) -> Iterator[UUID]:
        return map(UUID, self.facts)

    def table(self, name: str, url: str) -> str:
        return table(url).replace("nordlys", name).replace("987654321", organisation(1, KINDERGARTEN))


SYSTEMS: dict[str, Callable[[Path], System]] = {
    "soap": Soap, "webhook": Webhook, "fhir": Fhir, "vendor": Vendor}


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

    def faults(self, told: dict[UUID, tuple[Any, int]]) -> list[str]:
        """`told`: what it was to be told, of which plan, and as which."""
        kept = [*self.system.kept()]
        lost, more, seqs = told.keys() - kept, len(kept) - len({*kept}), dict[Any, list[int]]()
        for fact in kept:
            plan, seq = told[fact]
            seqs.setdefault(plan, []).append(seq)
        wrong = [f"{self.name} has not been told of {len(lost)} facts"] if lost else []
        wrong += [f"{self.name} has taken {more} facts twice"] if more else []
        wrong += [f"{self.name} was told in this order: {of}" for of in seqs.values() if of != sorted(of)]
        return wrong


@contextmanager
def answering(folder: Path) -> Iterator[tuple[list[Unreliable], str]]:
    """One of each kind, and the targets' file."""
    with ExitStack() as edges:
        receivers = [Unreliable(name, made(folder)) for name, made in SYSTEMS.items()]
        tables = [one.system.table(one.name, edges.enter_context(edge(one.answer))) for one in receivers]
        yield receivers, "\n".join(tables)
