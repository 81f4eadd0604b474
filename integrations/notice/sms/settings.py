"""The table of an SMS gateway."""
from pathlib import Path
from typing import Literal

from pydantic import Field

from integrations.notice.sms.target import SmsGateway
from integrations.settings import SMS, Reached, secret
from integrations.target import Target
from integrations.wire import Line


class Sms(Reached):
    uses = SMS
    kind: Literal["notice/sms"]
    url: str
    token_env: str | None = None
    token_file: Path | None = None
    timeout: float = Field(15, gt=0, le=300)

    def target(self, name: str) -> Target:
        token = secret("token", self.token_env, self.token_file)
        return SmsGateway(name, self.url, token, self.timeout, Line(self.networks))
