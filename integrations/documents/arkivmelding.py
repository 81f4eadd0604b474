"""What the archive is told of a plan's document: arkivmelding.xml of KS Fiks Arkiv V1, on Noark 5's terms."""
import hashlib
from dataclasses import dataclass
from typing import Any

from lxml.etree import Element, _Element as Node, tostring
from pydantic import with_config

from integrations.documents.journal import (
    LAW,
    SYSTEM,
    archived_on,
    owner_name,
    public_title,
    sender_name,
    shielded_until,
    title,
)
from integrations.documents.text import one_line
from integrations.target import ArchiveTrigger, PlanVersion

OPRETT = "https://ks-no.github.io/standarder/fiks-protokoll/fiks-arkiv/arkivmelding/opprett/v1"
KATALOG = "https://ks-no.github.io/standarder/fiks-protokoll/fiks-arkiv/metadatakatalog/v1"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACES: dict[Any, str] = {None: OPRETT, "mdk": KATALOG, "xsi": INSTANCE}  # Any: as the stubs lack None


@with_config(extra="forbid")  # the targets' file sets them: one that is misspelt must not pass
@dataclass(frozen=True)
class Codes:
    """The codes that the standard leaves to the municipality's archive: Noark 4's until it says otherwise."""
    restricted: str = "KL"  # klientsaker
    protected: str = "SF"  # strengt fortrolig: a person with a protected address
    identity_classification: str = "PNR"  # the classification system whose classes are identity numbers


def arkivmelding(version: PlanVersion, file_name: str, document: bytes, codes: Codes) -> bytes:
    """Case folder (found by its key or made), journal entry and document, in XML; the same every time.

    Valid against no.ks.fiks.arkiv.v1.arkivering.arkivmelding.opprett.xsd, whose order of elements is fixed.
    Names stand in shielded places alone; the identity number only as a shielded class."""
    message = _element("arkivmelding", _text("system", SYSTEM), _text("antallFiler", "1"),
                       _case_folder(version, codes), _journal_entry(version, file_name, document, codes))
    return tostring(message, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _case_folder(version: PlanVersion, codes: Codes) -> Node:
    return _element(
        "mappe",
        _text("tittel", title(version)), _text("offentligTittel", public_title(version)),
        _code("dokumentmedium", "E"),
        *_owner(version), _shielding(version, codes), *_classification(version, codes),
        _key("referanseEksternNoekkel", str(version.plan_key)),
        _code("saksstatus", "F" if version.trigger is ArchiveTrigger.CLOSING else "B"),
        kind="saksmappe")


def _journal_entry(version: PlanVersion, file_name: str, document: bytes, codes: Codes) -> Node:
    number = f", v{version.version}"
    return _element(
        "registrering",
        *_origin(version),
        _element("referanseForelderMappe", _key("referanseEksternNoekkel", str(version.plan_key), KATALOG)),
        _shielding(version, codes), _description(version, file_name, document, codes),
        _text("tittel", title(version) + number), _text("offentligTittel", public_title(version) + number),
        _code("dokumentmedium", "E"), _sender(version),
        _key("referanseEksternNoekkel", f"{version.plan_key}/v{version.version}"),
        _code("journalposttype", "X"), _code("journalstatus", "F"),
        _text("dokumentetsDato", archived_on(version).isoformat()),
        kind="journalpost")


def _description(version: PlanVersion, file_name: str, document: bytes, codes: Codes) -> Node:
    return _element(
        "dokumentbeskrivelse",
        _code("dokumentstatus", "F"), _text("tittel", title(version)), *_origin(version),
        _code("tilknyttetRegistreringSom", "H"), _text("dokumentnummer", "1"), _shielding(version, codes),
        _element("dokumentobjekt", _text("versjonsnummer", "1"), _code("variantformat", "A"),
                 _code("format", "RA-PDF"), _text("formatDetaljer", "PDF/A-2a (ISO 19005-2), PRONOM fmt/476"),
                 _text("mimeType", "application/pdf"), *_origin(version),
                 _text("filnavn", file_name), _text("referanseDokumentfil", file_name),
                 _text("sjekksum", hashlib.sha256(document).hexdigest()),
                 _text("sjekksumAlgoritme", "SHA-256"), _text("filstoerrelse", str(len(document)))))


def _shielding(version: PlanVersion, codes: Codes) -> Node:
    return _element("skjerming",
                    _code("tilgangsrestriksjon", codes.protected if version.protected else codes.restricted),
                    _text("skjermingshjemmel", LAW),
                    _text("skjermingOpphoererDato", shielded_until(version).isoformat()),
                    _code("skjermingOpphoererAksjon", "G"))  # looked through by a person before it opens


def _owner(version: PlanVersion) -> list[Node]:
    name = owner_name(version)
    if not name:
        return []
    return [_element("part", _text("partNavn", name), _code("partRolle", "K"), *_shielded(is_person=True))]


def _classification(version: PlanVersion, codes: Codes) -> list[Node]:
    if not version.identity_number:
        return []
    return [_element("klassifikasjon", _text("klassifikasjonssystemID", codes.identity_classification),
                     _text("klasseID", version.identity_number), _text("erSkjermet", "true"))]


def _sender(version: PlanVersion) -> Node:
    return _element("korrespondansepart", _code("korrespondanseparttype", "IA"),
                    _text("korrespondansepartNavn", sender_name(version)),
                    _text("organisasjonid", version.municipality_organisation_number),
                    *_shielded(is_person=False))


def _shielded(*, is_person: bool) -> tuple[Node, Node]:
    return _text("erSkjermet", "true"), _text("erPersonnavn", str(is_person).lower())


def _origin(version: PlanVersion) -> tuple[Node, Node]:
    return (_text("opprettetDato", version.archived_at.isoformat()),
            _text("opprettetAv", one_line(version.archived_by, 200) or SYSTEM))


def _element(tag: str, *children: Node, namespace: str = OPRETT, kind: str | None = None) -> Node:
    """`kind` is the type that the schema extends the element's own by."""
    element = Element(f"{{{namespace}}}{tag}", nsmap=NAMESPACES)
    if kind:
        element.set(f"{{{INSTANCE}}}type", kind)
    element.extend(children)
    return element


def _text(tag: str, value: str, namespace: str = OPRETT) -> Node:
    element = _element(tag, namespace=namespace)
    element.text = value
    return element


def _code(tag: str, value: str) -> Node:
    return _element(tag, _text("kode", value, KATALOG))


def _key(tag: str, value: str, namespace: str = OPRETT) -> Node:
    """Our own key of a folder or an entry, by which the archive finds it again."""
    names = _text("fagsystem", SYSTEM, KATALOG), _text("noekkel", value, KATALOG)
    return _element(tag, *names, namespace=namespace)
