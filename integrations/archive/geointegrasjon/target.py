"""An archive that speaks GeoIntegrasjon 1.1: a case folder per plan, an entry with a document per version."""
from dataclasses import dataclass, field

from integrations.archive.geointegrasjon.attempt import Attempt
from integrations.archive.geointegrasjon.calls import Calls
from integrations.archive.geointegrasjon.codes import Codes
from integrations.archive.geointegrasjon.mapping import entry_key, pack, package, unpack
from integrations.target import DeliveryError, DeliveryFault, PlanVersion, Receipt, RecordState, Sending, Told


@dataclass
class GeoIntegrasjonArchive:
    """Confirmed when the entry is journaled, what the archive gives back has our checksum, and the case
    folder is open or closed as the plan is."""
    name: str
    calls: Calls
    codes: Codes = field(default_factory=Codes)

    def render(self, order: PlanVersion) -> bytes:
        """The document and all that the calls tell, but for the archive's own numbers."""
        return pack(package(order, self.codes))

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """DeliveryError says in our own words what went wrong, never in the archive's."""
        try:
            parts = unpack(body)
        except ValueError as error:
            raise DeliveryError(DeliveryFault.PERMANENT, f"What was to be sent is {error}.") from None
        return Attempt(self.calls, self.codes, parts, sending).made()

    def compare(self, told: Told) -> RecordState:
        """Whether the version's entry is there by our key, and one document in it. Its bytes were read back
        when it was confirmed."""
        entries = self.calls.entries(entry_key(told.plan_key, told.version))
        found = [filed for entry in entries for filed in self.calls.documents(entry.id)
                 if self.codes.ours(filed.variant)]
        if not found:
            return RecordState.MISSING
        return RecordState.SAME if len(entries) == len(found) == 1 else RecordState.DIFFERENT

    def check(self) -> list[str]:
        """Asks Innsyn for every code list that the hub uses a code of. Oppdatering has nothing to ask that
        neither writes nor hands out other cases."""
        wrong: list[str] = []
        for name, codes in self.codes.by_list():
            try:
                known = self.calls.code_list(name)
            except DeliveryError as error:
                wrong.append(f"{name}: {error.message}")
                if error.fault is not DeliveryFault.PERMANENT:
                    break  # all the others would say the same
            else:
                wrong += [f"{name}: {code} can't be used" for code in codes if not known.get(code)]
        return wrong
