"""The table of a fagsystem that implements HarStafettlogg."""
from typing import Literal

from pydantic import Field

from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.settings import Table, secret
from integrations.soap import SoapVersion
from integrations.target import Target


class Soap(Table):
    kind: Literal["fagsystem/soap"]
    url: str
    username: str | None = None
    password_env: str | None = None  # the variable that holds the password
    timeout: float = Field(15, gt=0, le=300)  # seconds
    soap: SoapVersion = "1.1"

    def target(self, name: str) -> Target:
        """ValueError: an address that is not safe, or a password that is not there."""
        password = secret("password", self.password_env)
        return SoapFagsystem(name, self.url, self.username, password, self.timeout, self.soap)
