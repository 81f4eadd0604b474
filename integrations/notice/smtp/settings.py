"""The table of a mail server."""
from typing import Literal

from pydantic import Field

from integrations.notice.smtp.session import Security, Server
from integrations.notice.smtp.target import SmtpNotices
from integrations.settings import EMAIL, Reached, SecretFile, Variable, secret
from integrations.target import Target
from integrations.wire import Line


class Smtp(Reached):
    uses = EMAIL
    kind: Literal["notice/smtp"]
    sender: str  # an address, or "Name <address>"
    host: str
    port: int = Field(587, gt=0, lt=65536)
    security: Security = "starttls"
    username: str | None = None
    password_env: Variable | None = None
    password_file: SecretFile | None = None
    timeout: float = Field(20, gt=0, le=300)

    def target(self, name: str) -> Target:
        password = secret("password", self.password_env, self.password_file)
        return SmtpNotices(name, self.sender, Server(
            self.host, self.port, self.security, self.timeout, self.username, password,
            Line(self.networks)))
