"""One attempt: what is in the archive already is found, what lacks is made, and all of it is read back.

The standard promises nothing of a call that is repeated, and an answer may be lost after the work is done.
So the archive is asked before anything is made; what it has numbered is asked for by that number."""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeVar

from integrations.archive.geointegrasjon.answer import Case, Entry, Filed
from integrations.archive.geointegrasjon.calls import Calls
from integrations.archive.geointegrasjon.codes import Codes
from integrations.archive.geointegrasjon.mapping import DOCUMENT, TYPE, Package, Values, system_id
from integrations.target import DeliveryError, DeliveryFault, Receipt, Sending

Kept = TypeVar("Kept", Case, Entry, Filed)
WORDS = {"case": "case folder", "entry": "journal entry", "document": "document"}


@dataclass(frozen=True)
class Attempt:
    """Saved after each call, which renews the lease as well: case, entry, document (the archive's numbers),
    case_status and entry_status (as we have set them), checked (the SHA-256 that was read back)."""
    calls: Calls
    codes: Codes
    parts: Package
    sending: Sending

    def made(self) -> Receipt:
        """An archive takes no entry into a case that is closed: the case is open until the entry is done."""
        case = self._case()
        entry = self._found("entry", self.calls.entries(self._key("entry", self.parts.entry_key)))
        if entry is None or not self._journaled(entry):
            case = self._with_status(case, self.codes.case_open)
        entry = entry or self._new_entry(case)
        document = self._document(entry)
        if not self._journaled(entry):
            self.calls.set_entry_status(entry.id, self.codes.entry_journaled)
            self.sending.save(entry_status=self.codes.entry_journaled)
        self._read_back(entry, document)
        self._with_status(case, self.codes.case_closed if self.parts.ends else self.codes.case_open)
        return Receipt(confirmed=True, reference=self._reference(case, entry, document))

    def _case(self) -> Case:
        found = self._found("case", self.calls.cases(self._key("case", self.parts.case_key)))
        if found:
            return replace(found, status=found.status or self.sending.steps.get("case_status"))
        case = self.calls.new_case(self.parts.told["Saksmappe"])
        self.sending.save(case=case.id)
        return replace(case, status=case.status or self.codes.case_open)

    def _with_status(self, case: Case, status: str) -> Case:
        if case.status == status:
            return case
        self.calls.set_case_status(case.id, status)
        self.sending.save(case_status=status)
        return replace(case, status=status)

    def _new_entry(self, case: Case) -> Entry:
        number = {"saksaar": case.year, "sakssekvensnummer": case.number}
        entry = self.calls.new_entry({
            **self.parts.told["Journalpost"], "referanseSakSystemID": system_id(case.id),
            **({"saksnr": number} if all(number.values()) else {})})
        self.sending.save(entry=entry.id)
        return entry

    def _journaled(self, entry: Entry) -> bool:
        """By what the archive tells, or by what we have set: it may have gone on to a status of its own."""
        return self.codes.entry_journaled in (entry.status, self.sending.steps.get("entry_status"))

    def _document(self, entry: Entry) -> Filed:
        """The standard gives a document no key of ours: it is the one in the entry, which is ours."""
        found = self._found("document", self._documents(entry))
        if found:
            return found
        file = {TYPE: "Filinnhold", "filnavn": DOCUMENT, "mimeType": "application/pdf",
                "base64": self.parts.document}
        document = self.calls.new_document(
            {**self.parts.told["Dokument"], "referanseJournalpostSystemID": entry.id, "Fil": file})
        self.sending.save(document=document.id)
        return document

    def _documents(self, entry: Entry) -> list[Filed]:
        """Of our variant: an archive may keep a copy in one of its own beside it."""
        return [found for found in self.calls.documents(entry.id) if self.codes.ours(found.variant)]

    def _read_back(self, entry: Entry, document: Filed) -> None:
        """By our own key, as the next attempt would find it: one entry, one document, and our bytes."""
        digest = sha256(self.parts.document).hexdigest()
        if self.sending.steps.get("checked") == digest:
            return
        self._same("entry", entry, self.calls.entries(self.parts.entry_key))
        self._same("document", document, self._documents(entry))
        if sha256(self.calls.file(document.id, len(self.parts.document))).hexdigest() != digest:
            raise DeliveryError(DeliveryFault.PERMANENT, "the archive's file is not the one that was sent")
        self.sending.save(checked=digest)

    def _key(self, step: str, key: Values) -> Values:
        known = self.sending.steps.get(step)
        return system_id(known) if known else key

    def _found(self, step: str, found: Sequence[Kept]) -> Kept | None:
        """The only one, or none yet. What has been made once is not made again, though it is not found."""
        if len(found) > 1:
            raise _several(step)
        if not found and step in self.sending.steps:
            raise _missing(step)
        self.sending.save(**({step: found[0].id} if found else {}))
        return found[0] if found else None

    def _same(self, step: str, made: Entry | Filed, found: Sequence[Entry | Filed]) -> None:
        if not found:
            raise _missing(step)
        if [one.id for one in found] != [made.id]:
            raise _several(step)
        self.sending.save()

    def _reference(self, case: Case, entry: Entry, document: Filed) -> str | None:
        """As people look it up, where that is told, and the archive's own three numbers. None where these
        hold an identity number: administrators read the reference."""
        number = (case.year, case.number, entry.number)
        shown = "{}/{}-{} ".format(*number) if all(number) else ""
        reference = f"{shown}({case.id}, {entry.id}, {document.id})"
        classes = self.parts.told["Saksmappe"].get("klasse", {}).get("liste", ())
        return None if any(one["klasseID"] in reference for one in classes) else reference


def _missing(step: str) -> DeliveryError:
    return DeliveryError(DeliveryFault.RETRYABLE, f"the archive does not find the {WORDS[step]} it has made")


def _several(step: str) -> DeliveryError:
    return DeliveryError(DeliveryFault.AMBIGUOUS, f"the archive has more than one {WORDS[step]} with our key")
