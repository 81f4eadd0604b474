"""The table of an SMS gateway."""
from typing import Literal

from pydantic import Field

from integrations.notice.sms.target import SmsGateway
from integrations.settings import SMS, Https, Reached, SecretFile, Variable, secret
from integrations.target import Target
from integrations.wire import Line


class Sms(Reached):
    uses = SMS
    kind: Literal["notice/sms"]
    url: Https
    token_env: Variable | None = None
    token_file: SecretFile | None = None
    timeout: float = Field(15, gt=0, le=300)

    def target(self, name: str) -> Target:
        token = secret("token", self.token_env, self.token_file)
        return SmsGateway(name, self.url, token, self.timeout, Line(self.networks))
