"""Two archives that fail as real ones do: a disk that comes loose, and a server that is busy or not heard."""
import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from lxml.etree import _Element as Node

from tests.support.geointegrasjon import OFFICIAL, described, serving
from tests.support.noark import Archive, status

ARCHIVES = ("folder", "noark")
FAILING = 0.05  # of all calls; a version takes ten, so that four attempts in ten fail


class Loose:
    """A folder that is gone three tenths of the time, as a disk that is not mounted."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder, self.calls = name, folder / name, Counter[str]()
        self.table = f'[{name}]\nkind = "archive/folder"\nfolder = "{self.folder}"\n'
        self.folder.mkdir()

    async def come_and_go(self) -> None:
        away = self.folder.with_name(f"{self.name} away")
        while True:
            await asyncio.sleep(random.uniform(0.1, 1.3))
            self.folder.rename(away)
            self.calls["unmounted"] += 1
            try:
                await asyncio.sleep(random.uniform(0.05, 0.55))
            finally:
                away.rename(self.folder)

    def faults(self, plans: int, versions: int) -> list[str]:
        """Every plan's versions, written one after the other."""
        wrong, kept = [], [*self.folder.glob("*/*")]
        if len(kept) != plans:
            wrong.append(f"{self.name} has {len(kept)} plans of {plans}")
        for plan in kept:
            places = sorted(plan.glob("v*"), key=lambda place: place.stat().st_mtime_ns)
            names = [place.name for place in places]
            if names != [f"v{n}" for n in range(1, versions + 1)]:
                wrong.append(f"{self.name} has these versions of a plan: {', '.join(names)}")
        return wrong


class Busy(dict[str, str | int]):
    """What an archive answers instead of doing what it is asked, now and then."""

    def __init__(self, calls: Counter[str]) -> None:
        self.calls = calls

    def get(self, operation: str, default: Any = None) -> Any:
        busy = random.random() < FAILING / 2
        self.calls["busy" if busy else "heard"] += 1
        return random.choice((503, "OperationalFault")) if busy else None


class Lost(set[int]):
    """Now and then an answer never arrives."""

    def __init__(self, calls: Counter[str]) -> None:
        self.calls = calls

    def __contains__(self, call: object) -> bool:
        lost = random.random() < FAILING / 2
        self.calls["lost answer"] += lost
        return lost


class Strict(Archive):
    """Makes a duplicate whenever it is asked to."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.calls = name, Counter[str]()
        self.fails, self.lost = Busy(self.calls), Lost(self.calls)

    @property
    def table(self) -> str:
        urls = "\n".join(f'{service} = "{url}"' for service, url in self.urls.items())
        return f'[{self.name}]\nkind = "archive/geointegrasjon"\n{urls}\ntimeout = 5\n'

    def faults(self, plans: int, versions: int) -> list[str]:
        """One case for each plan, one journaled entry with one document for each version, in order."""
        wrong, entries = [], [_key(entry).rpartition("/v") for entry in self.entries]
        cases = Counter(map(_key, self.cases))
        if len(cases) != plans or set(cases.values()) != {1}:
            wrong.append(f"{self.name} has {cases.total()} cases of {plans} plans")
        kept = ([int(version) for of, _, version in entries if of == plan] for plan in cases)
        wrong += [f"{self.name} has these versions of a plan: {numbers}" for numbers in kept
                  if numbers != [*range(1, versions + 1)]]
        documents = Counter(one.findtext("{*}referanseJournalpostSystemID") for one in self.documents)
        if documents != Counter(entry.findtext("{*}systemID") for entry in self.entries):
            wrong.append(f"{self.name} has an entry without its document, or with two")
        if {status(entry, "journalstatus") for entry in self.entries} != {"J"}:
            wrong.append(f"{self.name} has an entry that is not journaled")
        return wrong


def _key(node: Node) -> str:
    return node.findtext("{*}referanseEksternNoekkel/{*}noekkel") or ""


@asynccontextmanager
async def archiving(folder: Path) -> AsyncIterator[list[Loose | Strict]]:
    """Both, for as long as this is open; AssertionError at its end where one was sent what is not valid."""
    loose, strict = Loose(ARCHIVES[0], folder), Strict(ARCHIVES[1])
    with serving(strict, described(OFFICIAL.is_dir())):
        coming = asyncio.create_task(loose.come_and_go())
        try:
            yield [loose, strict]
        finally:
            coming.cancel()
            with suppress(asyncio.CancelledError):
                await coming
