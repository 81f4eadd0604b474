"""The table of an archive that speaks GeoIntegrasjon."""
from pathlib import Path
from typing import Literal

from pydantic import Field

from integrations.archive.geointegrasjon.calls import Calls, Empty, service
from integrations.archive.geointegrasjon.codes import Codes
from integrations.archive.geointegrasjon.mapping import context
from integrations.archive.geointegrasjon.target import GeoIntegrasjonArchive
from integrations.settings import ARCHIVE
from integrations.sign_in import SignedIn
from integrations.target import Target


class GeoIntegrasjon(SignedIn):
    uses = ARCHIVE
    kind: Literal["archive/geointegrasjon"]
    innsyn: str  # the address of each service
    oppdatering: str
    innsyn_wsdl: Path | None = None
    oppdatering_wsdl: Path | None = None
    setup: str | None = None  # referanseoppsett: by which name the archive knows the hub's defaults
    empty_search: Empty = "list"  # how the archive says that it found nothing
    timeout: float = Field(15, gt=0, le=50)  # seconds for one call: less than a worker's lease
    codes: Codes = Codes()

    def target(self, name: str) -> Target:
        """ValueError: an address that is not safe, a WSDL that does not fit, a secret that is missing."""
        calls = Calls(
            service("innsyn", self.innsyn, self.innsyn_wsdl),
            service("oppdatering", self.oppdatering, self.oppdatering_wsdl),
            self.who(), context(self.setup), self.timeout, self.empty_search, self.line())
        return GeoIntegrasjonArchive(name, calls, self.codes)
