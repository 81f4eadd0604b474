"""The table of a fagsystem that implements HarStafettlogg."""
from typing import Literal

from pydantic import Field

from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.settings import Https
from integrations.sign_in import SignedIn
from integrations.soap import Endpoint, SoapVersion
from integrations.target import Target


class Called(SignedIn):
    """What the tables of all fagsystems over SOAP hold."""
    url: Https
    timeout: float = Field(15, gt=0, le=300)  # seconds
    addressing: bool = False  # WS-Addressing

    def endpoint(self) -> Endpoint:
        """ValueError: an address that is not safe, a secret or certificate that is missing."""
        return Endpoint(self.url, self.who(), self.timeout, self.line(), self.addressing)


class Soap(Called):
    kind: Literal["fagsystem/soap"]
    soap: SoapVersion = "1.1"

    def target(self, name: str) -> Target:
        return SoapFagsystem(name, self.endpoint(), self.soap)
