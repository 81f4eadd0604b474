"""What an archive keeps and refuses: strict, and no more helpful than the standard makes it. It makes a
duplicate whenever it is asked to."""
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from lxml.etree import _Element as Node

KJERNE = "http://rep.geointegrasjon.no/Arkiv/Kjerne/xml.schema/2012.01.31"
FELLES = "http://rep.geointegrasjon.no/Arkiv/Felles/xml.schema/2012.01.31"
DOKUMENT = "http://rep.geointegrasjon.no/Arkiv/Dokument/xml.schema/2012.01.31"
KODE = "http://rep.geointegrasjon.no/Felles/Kodeliste/xml.schema/2012.01.31"
CODES = {
    "Saksstatus": "BAFUR", "Journalposttype": "IUNXS", "Journalstatus": "JFGEAUR", "Dokumentstatus": "BF",
    "TilknyttetRegistreringSom": "HV", "Variantformat": "PAO", "Dokumentmedium": "EF",
    "SkjermingOpphorerAksjon": "AGSU", "SakspartRolle": "KPFA"}
LISTS: dict[str, list[str]] = {
    **{name: list(codes) for name, codes in CODES.items()}, "Format": ["RA-PDF", "RA-TXT"],
    "Tilgangsrestriksjon": ["UO", "KL", "SF"], "Korrespondanseparttype": ["IA", "IM", "EA", "EM"],
    "Klassifikasjonssystem": ["PNR", "EMNE"]}


class Fault(Exception):
    """One of the standard's six, by its name."""


@dataclass
class Archive:
    """What it keeps, in order: elements as they were sent, with numbers of its own. `log`: the operations
    that were asked for. `fails`: the fault, or HTTP status, that an operation is answered with, undone.
    `lost`: which of the answers (1, 2, …) never arrive. `curt`: a search that finds nothing is a fault."""
    cases: list[Node] = field(default_factory=list)
    entries: list[Node] = field(default_factory=list)
    documents: list[Node] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    heads: list[Mapping[str, str]] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=LISTS.copy)
    fails: dict[str, str | int] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    curt: bool = False
    urls: dict[str, str] = field(default_factory=dict)

    def case_with(self, key: Node | None) -> list[Node]:
        return [case for case in self.cases if _fits(case, key)]

    def entry_with(self, key: Node | None) -> list[Node]:
        return [entry for entry in self.entries if _fits(entry, key)]

    def found(self, nodes: list[Node]) -> list[Node]:
        return nodes or (_refuse("FinderFault") if self.curt else [])

    def cases_with(self, asked: Node) -> list[Node]:
        return self.found(self.case_with(asked.find("{*}nokkel")))

    def new_case(self, asked: Node) -> Node:
        case = own(asked.find("{*}mappe"))
        number = etree.Element(f"{{{KJERNE}}}saksnr")
        for name, value in (("saksaar", "2026"), ("sakssekvensnummer", str(len(self.cases) + 1))):
            etree.SubElement(number, f"{{{FELLES}}}{name}").text = value
        _first(case, KJERNE, systemID=f"S{len(self.cases) + 1}")
        case.insert(1, number)
        self.cases.append(case)
        return case

    def case_status(self, asked: Node) -> Node:
        (case,) = self.case_with(asked.find("{*}saksnokkel")) or _refuse("FinderFault")
        _set(case, "saksstatus", asked.findtext("{*}saksstatuskode/{*}kodeverdi"))
        return case

    def entries_with(self, asked: Node) -> list[Node]:
        return self.found(self.entry_with(asked.find("{*}nokkel")))

    def new_entry(self, asked: Node) -> Node:
        entry = own(asked.find("{*}journalpost"))
        (case,) = self.case_with(entry.find("{*}referanseSakSystemID")) or _refuse("FinderFault")
        if status(case, "saksstatus") != "B":
            raise Fault("ApplicationFault")  # a closed case takes nothing
        number = str(len(self.entries) + 1)
        _first(entry, KJERNE, systemID=f"J{number}", journalpostnummer=number)
        self.entries.append(entry)
        return entry

    def entry_status(self, asked: Node) -> None:
        (entry,) = self.entry_with(asked.find("{*}journalpostnokkel")) or _refuse("FinderFault")
        if status(entry, "journalstatus") != "R":
            raise Fault("ApplicationFault")  # what is journaled stays so
        _set(entry, "journalstatus", asked.findtext("{*}journalstatus/{*}kodeverdi"))

    def documents_in(self, asked: Node) -> list[Node]:
        (entry,) = self.entry_with(asked.find("{*}journpostnokkel")) or _refuse("FinderFault")
        return self.found([without_file(one) for one in self.documents if one.findtext(
            "{*}referanseJournalpostSystemID") == entry.findtext("{*}systemID")])

    def new_document(self, asked: Node) -> Node:
        document = own(asked.find("{*}dokument"))
        entry, = [one for one in self.entries if one.findtext("{*}systemID") == document.findtext(
            "{*}referanseJournalpostSystemID")] or _refuse("FinderFault")
        if status(entry, "journalstatus") != "R":
            raise Fault("ApplicationFault")
        _first(document, DOKUMENT, systemID=f"D{len(self.documents) + 1}")
        self.documents.append(document)
        return without_file(document)

    def file(self, asked: Node) -> Node:
        (document,) = [one for one in self.documents if one.findtext("{*}systemID") == asked.findtext(
            "{*}systemid/{*}id")] or _refuse("FinderFault")
        file = document.find("{*}Fil")
        assert file is not None
        return file

    def code_list(self, asked: Node) -> list[Node]:
        name = asked.findtext("{*}kodelistenavn") or ""
        if name not in self.lists:
            raise Fault("FinderFault")
        return [_code(value) for value in self.lists[name]]


def _fits(kept: Node, key: Node | None) -> bool:
    """Whether a key (by our own or the archive's number) is that of what is kept."""
    if key is None:
        return False
    wanted = key.findtext("{*}systemID/{*}id")
    if wanted is not None:
        return kept.findtext("{*}systemID") == wanted
    return [key.findtext(f"{{*}}eksternnoekkel/{{*}}{name}") for name in ("fagsystem", "noekkel")] == [
        kept.findtext(f"{{*}}referanseEksternNoekkel/{{*}}{name}") for name in ("fagsystem", "noekkel")]


def _refuse(fault: str) -> Any:
    raise Fault(fault)


def status(kept: Node, name: str) -> str | None:
    return kept.findtext(f"{{*}}{name}/{{*}}kodeverdi")


def _set(kept: Node, name: str, value: str | None) -> None:
    found = kept.find(f"{{*}}{name}/{{*}}kodeverdi")
    assert found is not None
    found.text = value


def _first(kept: Node, namespace: str, **values: str) -> None:
    for position, (name, value) in enumerate(values.items()):
        element = etree.Element(f"{{{namespace}}}{name}")
        element.text = value
        kept.insert(position, element)


def own(node: Node | None) -> Node:
    """A copy that stands alone, with the prefixes that its xsi:type needs."""
    assert node is not None
    return etree.fromstring(etree.tostring(node), etree.XMLParser(huge_tree=True))


def without_file(document: Node) -> Node:
    told = own(document)
    for file in told.findall("{*}Fil"):
        told.remove(file)
    return told


def _code(value: str) -> Node:
    """A code; one that starts with a dash may not be used any more."""
    code = etree.Element("code")
    etree.SubElement(code, f"{{{KODE}}}kodeverdi").text = value.removeprefix("-")
    etree.SubElement(code, f"{{{KODE}}}erGyldig").text = str(not value.startswith("-")).lower()
    return code


def file_of(document: Node) -> bytes:
    return base64.b64decode(document.findtext("{*}Fil/{*}base64") or "")
