"""The archive's operations, a method each: what is asked goes out within bounds, what came back is read."""
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import zeep
from lxml.etree import _Element as Node
from zeep.exceptions import Error as ZeepError

from integrations import wire
from integrations.archive.geointegrasjon import answer
from integrations.archive.geointegrasjon.answer import Case, Entry, Filed, NothingFound
from integrations.archive.geointegrasjon.contract import Contract, given, own
from integrations.archive.geointegrasjon.mapping import TYPE, Values, code, system_id
from integrations.sign_in import SignIn
from integrations.soap import Transport, unkept
from integrations.target import DeliveryError, DeliveryFault
from integrations.wsdl import SETTINGS

Empty = Literal["list", "finder_fault"]
SETTLED = timedelta(minutes=5)  # what an archive has not done by then it does no more


@dataclass(frozen=True)
class Service:
    """One of the two: what it is, and where."""
    contract: Contract
    url: str


def service(name: str, url: str, wsdl: Path | None = None) -> Service:
    """`innsyn` or `oppdatering`, by the hub's own contract or the municipality's.

    ValueError: an address that names may not travel to, or a WSDL that can't be used."""
    if not wire.safe(url):
        raise ValueError(f"{name}: https (http only to this machine), without user name or password")
    return Service(given(name, wsdl) if wsdl else own(name), url)


@dataclass(frozen=True)
class Calls:
    """`context`: the ArkivKontekst of every call; `seconds`: for each of them; `empty_search`: how the
    archive says that it found nothing."""
    innsyn: Service
    oppdatering: Service
    sign_in: SignIn
    context: Values
    seconds: float = 15
    empty_search: Empty = "list"
    line: wire.Line = field(default_factory=wire.Line)

    def cases(self, key: Values) -> list[Case]:
        """Those with our key, or the archive's own; without parties and classes, which name the person."""
        found = self._found(
            "FinnSaksmapperGittNoekkel", nokkel=_saksnoekkel(key), returnerMerknad=False,
            returnerTilleggsinformasjon=False, returnerSakspart=False, returnerKlasse=False)
        return [Case.read(node) for node in found]

    def new_case(self, case: Values) -> Case:
        return Case.read(self._made("NySaksmappe", mappe=case))

    def set_case_status(self, case_id: str, status: str) -> None:
        self._call(self.oppdatering, "OppdaterMappeStatus", saksstatuskode=code(status),
                   saksnokkel=_saksnoekkel(system_id(case_id)))

    def entries(self, key: Values) -> list[Entry]:
        found = self._found(
            "FinnJournalposterGittNoekkel", nokkel=_journalpostnoekkel(key),
            returnerMerknad=False, returnerTilleggsinformasjon=False, returnerKorrespondansepart=False,
            returnerAvskrivning=False)
        return [Entry.read(node) for node in found]

    def new_entry(self, entry: Values) -> Entry:
        return Entry.read(self._made("NyJournalpost", journalpost=entry))

    def set_entry_status(self, entry_id: str, status: str) -> None:
        self._call(self.oppdatering, "OppdaterJournalpostStatus", journalstatus=code(status),
                   journalpostnokkel=_journalpostnoekkel(system_id(entry_id)))

    def documents(self, entry_id: str) -> list[Filed]:
        found = self._found("FinnDokumenterGittJournalpostnoekkel",
                            journpostnokkel=_journalpostnoekkel(system_id(entry_id)), returnerFil=False)
        return [Filed.read(node) for node in found]

    def new_document(self, document: Values) -> Filed:
        return Filed.read(self._made("NyDokument", dokument=document, returnerFil=False))

    def file(self, document_id: str, size: int) -> bytes:
        """A file that should have `size` bytes; an answer that is much longer is not taken.

        In base64 with line breaks (RFC 2045 §6.8) three bytes are four signs, and 78 where 76 would do."""
        return answer.content(self._call(
            self.innsyn, "HentFil", limit=wire.LIMIT + size * 3 // 2, systemid={"id": document_id}))

    def code_list(self, name: str) -> dict[str, bool]:
        """The codes of one list, and whether each may be used."""
        found = self._call(self.innsyn, "HentKodeliste", kodelistenavn=name)
        return {answer.text(node, "kodeverdi") or "": answer.text(node, "erGyldig") not in ("false", "0")
                for node in answer.listed(found)}

    def _found(self, operation: str, **values: Any) -> list[Node]:
        try:
            return answer.listed(self._call(self.innsyn, operation, **values))
        except NothingFound:
            if self.empty_search == "list":
                raise
            return []

    def _made(self, operation: str, **values: Any) -> Node:
        """Where no answer came, the archive may still be at it: who asked again at once would find nothing,
        and make another."""
        try:
            made = self._call(self.oppdatering, operation, **values)
        except DeliveryError as error:
            raise DeliveryError(error.fault, error.message, error.retry_after or SETTLED) from None
        if made is None:
            raise unkept()  # the next attempt finds what was made
        return made

    def _call(self, service: Service, operation: str, *, limit: int = wire.LIMIT,
              **values: Any) -> Node | None:
        contract = service.contract
        transport = Transport(contract.breach, self.seconds, self.line, self.sign_in.headers(), limit)
        client: Any = zeep.Client(  # type: ignore[no-untyped-call]
            contract.document, wsse=self.sign_in.token(), transport=transport, settings=SETTINGS)
        send = client.create_service(contract.binding, service.url)[operation]
        try:
            reply: wire.Reply = send(**contract.built(values), kontekst=self.context)
        except (ZeepError, TypeError, ValueError):  # zeep's own words may hold values
            raise DeliveryError(DeliveryFault.PERMANENT, "the version does not fit the contract") from None
        element = f"{{{contract.namespace}}}{operation}Response"
        return answer.returned(reply, element, datetime.now(UTC), huge=limit > wire.LIMIT)


def _saksnoekkel(key: Values) -> Values:
    if "systemID" in key:
        return {TYPE: "SakSystemId", **key}
    return {TYPE: "SakEksternNoekkel", "eksternnoekkel": key}


def _journalpostnoekkel(key: Values) -> Values:
    if "systemID" in key:
        return {TYPE: "JournpostSystemID", **key}
    return {TYPE: "JournpostEksternNoekkel", "eksternnoekkel": key}
