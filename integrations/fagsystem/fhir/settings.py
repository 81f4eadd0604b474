"""The table of a fagsystem that speaks FHIR R4."""
from typing import Literal

from pydantic import Field

from integrations.credentials import Credentialed
from integrations.fagsystem.fhir.codes import Kept
from integrations.fagsystem.fhir.target import FhirFagsystem
from integrations.target import Target


class Fhir(Credentialed):
    kind: Literal["fagsystem/fhir"]
    url: str  # the base: what stands before /Flag
    resource: Kept = Kept.FLAG
    language: Literal["nb", "nn", "en"] = "nb"
    timeout: float = Field(15, gt=0, le=50)  # seconds: less than a worker's lease

    def target(self, name: str) -> Target:
        """ValueError: an address that is not safe, or credentials."""
        return FhirFagsystem(name, self.url.rstrip("/"), self.resource, self.language, self.credentials(),
                             self.timeout, self.line())
