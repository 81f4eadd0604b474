"""From a plan version to what the archive is told, in the standard's own names: pure, rendered once."""
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from integrations.archive.geointegrasjon.codes import Codes
from integrations.documents import journal
from integrations.documents.plan import pdf
from integrations.target import ArchiveTrigger, PlanVersion

DOCUMENT, METADATA = "plan.pdf", "metadata.json"
TYPE = "xsi:type"  # names the type of a value where the standard's own is only a base of it

Values = dict[str, Any]


@dataclass(frozen=True, repr=False)
class Package:
    """One version: its document, and what is told of it. `ends`: whether the plan is closed with it.

    `told`: Saksmappe, Journalpost and Dokument as their types have them, without the archive's numbers."""
    document: bytes
    told: Mapping[str, Values]
    ends: bool

    @property
    def case_key(self) -> Values:
        return external(self.told["Saksmappe"]["referanseEksternNoekkel"]["noekkel"])

    @property
    def entry_key(self) -> Values:
        return external(self.told["Journalpost"]["referanseEksternNoekkel"]["noekkel"])


def package(version: PlanVersion, codes: Codes) -> Package:
    ends = version.trigger is ArchiveTrigger.CLOSING or version.plan.get("status") == "CLOSED"
    return Package(pdf(version), {
        "Saksmappe": _case(version, codes), "Journalpost": _entry(version, codes),
        "Dokument": _document(version, codes)}, ends)


def pack(parts: Package) -> bytes:
    """One stored zip, the same bytes for the same version."""
    metadata = json.dumps({"told": parts.told, "ends": parts.ends}, ensure_ascii=False, sort_keys=True)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as container:
        for name, content in ((METADATA, metadata.encode()), (DOCUMENT, parts.document)):
            container.writestr(zipfile.ZipInfo(name), content)  # no clock: dated 1980
    return buffer.getvalue()


def unpack(body: bytes) -> Package:
    """What `pack` packed. ValueError where it is not that, or damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as container:
            metadata = json.loads(container.read(METADATA))
            return Package(container.read(DOCUMENT), metadata["told"], metadata["ends"])
    except (zipfile.BadZipFile, KeyError):
        raise ValueError("not a container, or a damaged one") from None


def external(key: str) -> Values:
    """Our own key of a case folder or a journal entry, by which the archive finds it again."""
    return {"fagsystem": journal.SYSTEM, "noekkel": key}


def entry_key(plan: UUID, version: int | None) -> Values:
    return external(f"{plan}/v{version}")


def system_id(value: str) -> Values:
    """The archive's own key of anything."""
    return {"systemID": {"id": value}}


def context(setup: str | None) -> Values:
    """The ArkivKontekst: who calls, and by which of the archive's set-ups it fills what is left out."""
    return _present({"klientnavn": journal.SYSTEM, "referanseoppsett": setup})


def code(value: str) -> Values | None:
    return {"kodeverdi": value} if value else None


def _case(version: PlanVersion, codes: Codes) -> Values:
    return _present({
        "mappetype": code(codes.case_type),
        "tittel": journal.title(version), "offentligTittel": journal.public_title(version),
        "skjermetTittel": True, "skjerming": _shielding(version, codes),
        "saksstatus": code(codes.case_open), "dokumentmedium": code(codes.medium),
        "referanseArkivdel": code(codes.archive_part), "journalenhet": code(codes.journal_unit),
        "administrativEnhetInit": codes.administrative_unit, "saksansvarligInit": codes.responsible,
        "tilgangsgruppeNavn": codes.access_group,
        "klasse": _class(version, codes), "sakspart": _owner(version, codes),
        "referanseEksternNoekkel": external(str(version.plan_key))})


def _entry(version: PlanVersion, codes: Codes) -> Values:
    number = f", v{version.version}"
    return _present({
        "journalposttype": code(codes.entry_type), "dokumentetsDato": _midnight(journal.archived_on(version)),
        "journalstatus": code(codes.entry_reserved),
        "tittel": journal.title(version) + number, "skjermetTittel": True,
        "skjerming": _shielding(version, codes), "referanseArkivdel": code(codes.archive_part),
        "offentligTittel": journal.public_title(version) + number,
        "tilgangsgruppeNavn": codes.access_group, "korrespondansepart": _sender(version, codes),
        "referanseEksternNoekkel": entry_key(version.plan_key, version.version)})


def _document(version: PlanVersion, codes: Codes) -> Values:
    """A document can't be shielded by itself: its title is the public one."""
    return _present({
        "tilknyttetRegistreringSom": code(codes.main_document),
        "tittel": f"{journal.public_title(version)}, v{version.version}",
        "dokumentstatus": code(codes.document_finished), "variantformat": code(codes.variant),
        "format": code(codes.format)})


def _shielding(version: PlanVersion, codes: Codes) -> Values:
    return _present({
        "tilgangsrestriksjon": code(codes.protected if version.protected else codes.restricted),
        "skjermingshjemmel": journal.LAW,
        "skjermingOpphoererDato": _midnight(journal.shielded_until(version)),
        "skjermingOpphoererAksjon": code(codes.review)})


def _class(version: PlanVersion, codes: Codes) -> Values | None:
    """The one place where the identity number stands."""
    if not (version.identity_number and codes.identity_classification):
        return None
    return {"liste": [{"rekkefoelge": "1", "klassifikasjonssystem": code(codes.identity_classification),
                       "klasseID": version.identity_number, "skjermetKlasse": True}]}


def _owner(version: PlanVersion, codes: Codes) -> Values | None:
    name = journal.owner_name(version)
    return {"liste": [_present({"skjermetSakspart": True, "sakspartRolle": code(codes.party),
                                "Kontakt": {TYPE: "Person", "navn": name}})]} if name else None


def _sender(version: PlanVersion, codes: Codes) -> Values | None:
    contact = {TYPE: "Organisasjon", "navn": journal.sender_name(version),
               "organisasjonsnummer": version.municipality_organisation_number}
    return {"liste": [_present({
        "korrespondanseparttype": code(codes.sender), "behandlingsansvarlig": "1",
        "skjermetKorrespondansepart": True, "journalenhet": code(codes.journal_unit),
        "administrativEnhetInit": codes.administrative_unit, "saksbehandlerInit": codes.responsible,
        "Kontakt": contact})]} if codes.sender else None


def _midnight(day: date) -> str:
    """Without a time zone: what is a day must stay that day wherever it is read."""
    return f"{day.isoformat()}T00:00:00"


def _present(values: Mapping[str, Any]) -> Values:
    return {name: value for name, value in values.items() if value not in (None, "")}
