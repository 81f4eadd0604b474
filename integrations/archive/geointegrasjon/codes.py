"""The codes of a municipality's archive, by the standard's code lists."""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, with_config

Told = Annotated[str, Field(min_length=1)]  # what a call can't do without


@with_config(extra="forbid")  # the targets' file sets them: one that is misspelt must not pass
@dataclass(frozen=True)
class Codes:
    """Noark's own codes until the municipality says otherwise. An empty one is left out of what is sent, so
    that the archive's own set-up fills it."""
    case_open: Told = "B"  # under behandling
    case_closed: Told = "F"  # ferdig fra saksbehandler: the archive ends the case
    entry_type: str = "X"  # organinternt dokument uten oppfølging
    entry_reserved: Told = "R"
    entry_journaled: Told = "J"
    document_finished: str = "F"
    main_document: str = "H"
    variant: str = "A"  # arkivformat
    format: str = "RA-PDF"
    medium: str = "E"
    restricted: Told = "KL"  # klientsaker
    protected: Told = "SF"  # strengt fortrolig: a person with a protected address
    review: str = "G"  # a person looks the shielding through before it ends
    party: str = "K"  # klient
    sender: str = "IA"  # intern avsender
    identity_classification: str = "PNR"  # the classification system whose classes are identity numbers
    case_type: str = ""
    archive_part: str = ""
    journal_unit: str = ""
    administrative_unit: str = ""  # initials, as the archive knows the unit and the person
    responsible: str = ""
    access_group: str = ""  # by its name

    def ours(self, variant: str | None) -> bool:
        """Whether a document is of the variant that we make; where the archive does not say, it is."""
        return self.variant in ("", variant) or variant is None

    def by_list(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each code list that is used, by its name in the standard, and the codes that must be in it."""
        for name, codes in {
            "Saksstatus": (self.case_open, self.case_closed), "Journalposttype": (self.entry_type,),
            "Journalstatus": (self.entry_reserved, self.entry_journaled),
            "Dokumentstatus": (self.document_finished,), "TilknyttetRegistreringSom": (self.main_document,),
            "Variantformat": (self.variant,), "Format": (self.format,), "Dokumentmedium": (self.medium,),
            "Tilgangsrestriksjon": (self.restricted, self.protected),
            "SkjermingOpphorerAksjon": (self.review,),
            "SakspartRolle": (self.party,), "Korrespondanseparttype": (self.sender,),
            "Klassifikasjonssystem": (self.identity_classification,), "Mappetype": (self.case_type,),
            "Arkivdel": (self.archive_part,), "Journalenhet": (self.journal_unit,),
        }.items():
            if used := tuple(filter(None, codes)):
                yield name, used
