"""A fagsystem of each kind, at the edge: it holds what it is sent against its contract, and keeps it."""
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Protocol
from uuid import UUID

from lxml.etree import QName

from db.seeds.parts import UNITS, organisation
from integrations.fagsystem.records import Records
from integrations.fagsystem.soap.service import answered
from integrations.soap import opened
from tests.support.edge import Call, Said
from tests.support.fagsystems import enveloped, table, vendors
from tests.support.fhirserver import Edge
from tests.support.webhooks import Fagsystem

WEBHOOK = "FAGSYSTEM_WEBHOOK_SECRET"  # in the environment of who reads the table


class System(Protocol):
    """`kept`: the facts that had an effect, those of each plan in their order; `lose`: the last plan that it
    was told of, where it can be asked what it keeps."""
    unknown: set[str]

    def answer(self, call: Call) -> Said: ...
    def kept(self) -> Iterator[UUID]: ...
    def table(self, name: str, url: str) -> str: ...
    def lose(self) -> bool: ...


class Soap:
    """The practice fagsystem, which refuses what comes out of order."""

    def __init__(self, _: Path) -> None:
        self.unknown, self.records = set[str](), Records(None)

    def answer(self, call: Call) -> Said:
        self.records.unknown = frozenset(self.unknown)
        _, status, envelope = answered(self.records, call.body)
        return Said(status, envelope, {"Content-Type": "text/xml"})

    def kept(self) -> Iterator[UUID]:
        return (UUID(fact["factId"]) for facts in self.records.plans.values() for fact in facts)

    def table(self, name: str, url: str) -> str:
        return f'[{name}]\nkind = "fagsystem/soap"\nurl = "{url}/"\ntimeout = 5\n'

    def lose(self) -> bool:
        return bool(self.records.plans.popitem())


class Webhook(Fagsystem):
    def __init__(self, _: Path) -> None:
        super().__init__()

    def kept(self) -> Iterator[UUID]:
        return (UUID(fact["factId"]) for facts in self.plans.values() for fact in facts)

    def table(self, name: str, url: str) -> str:
        return f'[{name}]\nkind = "fagsystem/webhook"\nurl = "{url}"\nsecret_env = "{WEBHOOK}"\ntimeout = 5\n'

    def lose(self) -> bool:
        return bool(self.plans.popitem())


class Fhir:
    """Puts whatever it is sent in the place of what it has: the same twice in a row is one effect."""

    def __init__(self, _: Path) -> None:
        self.server = Edge()
        self.unknown = self.server.unknown

    def answer(self, call: Call) -> Said:
        return self.server.answer(call)

    def kept(self) -> Iterator[UUID]:
        for versions in self.server.kept.values():
            facts = (version["meta"]["source"].rpartition("#")[2] for version in versions)
            yield from (UUID(fact) for fact, _ in groupby(facts))

    def table(self, name: str, url: str) -> str:
        return f'[{name}]\nkind = "fagsystem/fhir"\nurl = "{url}"\ntimeout = 5\n'

    def lose(self) -> bool:
        return bool(self.server.kept.popitem())


class Vendor:
    """By a WSDL of its own, in which our key is one of many; it knows a fact again by that."""

    def __init__(self, folder: Path) -> None:
        self.way, self.facts, self.unknown = vendors(folder), list[str](), set[str]()

    def answer(self, call: Call) -> Said:
        _, message = opened(call.body)
        self.way.schema().assertValid(message)
        if message.tag != self.way.message:
            return Said(200, enveloped(self.way.others[QName(message).localname]))
        fact = self.way.fact_id(message)
        if self.unknown & {node.text for node in message.iter()}:
            return Said(500, self.way.answer("unknown person"))
        if fact in self.facts:
            return Said(200, self.way.answer("duplicate"))
        self.facts.append(fact)
        return Said(200, self.way.answer("confirmed", f"M-{len(self.facts)}"))

    def kept(self) -> Iterator[UUID]:
        return map(UUID, self.facts)

    def table(self, name: str, url: str) -> str:
        """With a code for every unit."""
        codes = ", ".join(f'{organisation(1, n)} = "{unit}"' for n, unit in enumerate(UNITS))
        return table(url).replace("nordlys", name).replace('987654321 = "PPT"', codes)

    def lose(self) -> bool:
        return False


SYSTEMS: dict[str, Callable[[Path], System]] = {
    "soap": Soap, "webhook": Webhook, "fhir": Fhir, "vendor": Vendor}
