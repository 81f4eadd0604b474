"""A plan's versions on their way into an archive over GeoIntegrasjon, and what has become of them there."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from integrations.archive.geointegrasjon.calls import Calls, service
from integrations.archive.geointegrasjon.codes import Codes
from integrations.archive.geointegrasjon.mapping import context, pack, package, unpack
from integrations.archive.geointegrasjon.target import GeoIntegrasjonArchive
from integrations.sign_in import SignIn
from integrations.target import ArchiveTrigger, PlanVersion, Receipt, Sending
from integrations.wire import Line
from tests.support.noark import Archive, file_of, status

LINE = Line()  # which takes a twentieth of a second
KEY = UUID("0192f0c1-2b3c-7d4e-8f50-123456789abc")
OWNER, IDENTITY_NUMBER = "Sára Šaŋŋa Sørås", "15861490049"  # the synthetic series: 80 is added to the month
VERSION = PlanVersion(
    fact_id=UUID(int=1), plan_key=KEY, version=1,
    plan={"type": "STAFETTLOGG", "shortName": "SS", "status": "ACTIVE", "owner": {"name": OWNER}},
    language="nb", archived_at=datetime(2025, 11, 22, 23, 29, tzinfo=UTC), archived_by="Tone Lærer",
    trigger=ArchiveTrigger.BY_HAND, identity_number=IDENTITY_NUMBER, municipality_number="9999",
    municipality_name="Fjellvik kommune", municipality_organisation_number="999999999",
    unit_name="Fjellvik skole", protected=False)
# Archived, archived again, closed, and reopened.
LIFE = (VERSION, replace(VERSION, fact_id=UUID(int=2), version=2),
        replace(VERSION, fact_id=UUID(int=3), version=3, trigger=ArchiveTrigger.CLOSING),
        replace(VERSION, fact_id=UUID(int=4), version=4))

# What the first version of a plan takes, where nothing goes wrong.
FIRST = [
    "FinnSaksmapperGittNoekkel", "NySaksmappe", "FinnJournalposterGittNoekkel", "NyJournalpost",
    "FinnDokumenterGittJournalpostnoekkel", "NyDokument", "OppdaterJournalpostStatus",
    "FinnJournalposterGittNoekkel", "FinnDokumenterGittJournalpostnoekkel", "HentFil"]


def target(archive: Archive, sign_in: SignIn | None = None, codes: Codes | None = None,
           **settings: Any) -> GeoIntegrasjonArchive:
    innsyn, oppdatering = (service(name, archive.urls[name]) for name in ("innsyn", "oppdatering"))
    calls = Calls(innsyn, oppdatering, sign_in or SignIn(), context(None),
                  **{"seconds": 5, "line": LINE, **settings})
    return GeoIntegrasjonArchive("archive", calls, codes or Codes())


@cache
def rendered(version: int) -> bytes:
    """The body of a version of LIFE, put together once."""
    return pack(package(LIFE[version - 1], Codes()))


def document(version: int) -> bytes:
    return unpack(rendered(version)).document


@dataclass
class Delivery:
    """One version of LIFE as the hub keeps it between attempts. `crash`: called when steps come to be written
    down, with how to do that; raises where the hub dies before or after."""
    version: int = 1
    steps: dict[str, str] = field(default_factory=dict)
    crash: Callable[[Callable[[], None]], None] = lambda write: write()

    def attempt(self, target: GeoIntegrasjonArchive) -> Receipt:
        def keep(steps: Mapping[str, str]) -> None:
            self.crash(lambda: self.steps.update(steps))
        return target.deliver(rendered(self.version),
                              Sending(LIFE[self.version - 1].fact_id, dict(self.steps), keep))


def whole(archive: Archive, versions: int) -> None:
    """One case, and for each version just one entry with one document, which is ours."""
    keys = [one.findtext("{*}referanseEksternNoekkel/{*}noekkel")
            for one in (*archive.cases, *archive.entries)]
    assert keys == [str(KEY), *(f"{KEY}/v{version}" for version in range(1, versions + 1))]
    assert [status(entry, "journalstatus") for entry in archive.entries] == ["J"] * versions
    assert [one.findtext("{*}referanseJournalpostSystemID") for one in archive.documents] == [
        one.findtext("{*}systemID") for one in archive.entries]
    assert [file_of(one) for one in archive.documents] == [document(n) for n in range(1, versions + 1)]
