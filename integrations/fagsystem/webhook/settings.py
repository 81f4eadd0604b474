"""The table of a fagsystem that takes signed webhooks."""
from pathlib import Path
from typing import Literal

from pydantic import Field
from standardwebhooks import Webhook

from integrations.credentials import Credentialed
from integrations.fagsystem.webhook.answer import Confirms
from integrations.fagsystem.webhook.signature import key
from integrations.fagsystem.webhook.target import WebhookFagsystem
from integrations.settings import secret
from integrations.target import Target


class SignedWebhook(Credentialed):
    kind: Literal["fagsystem/webhook"]
    url: str
    secret_env: str | None = None  # the variable that holds it, as the receiver was given it
    secret_file: Path | None = None
    former_secret_env: str | None = None  # signs as well, while the receiver may still know this one alone
    former_secret_file: Path | None = None
    confirms: Confirms = "answer"
    timeout: float = Field(15, gt=0, le=50)  # seconds: less than a worker's lease

    def target(self, name: str) -> Target:
        """ValueError: an address that is not safe, a secret that is missing or no key, credentials."""
        keys = [one for one in (self._key("secret"), self._key("former_secret")) if one]
        if not self._key("secret"):
            raise ValueError("secret_env or secret_file: Field required")
        return WebhookFagsystem(
            name, self.url, keys, self.confirms, self.credentials(), self.timeout, self.tls())

    def _key(self, setting: str) -> Webhook | None:
        """ValueError begins with the setting that names the secret."""
        variable = getattr(self, f"{setting}_env")
        known = secret(setting, variable, getattr(self, f"{setting}_file"))
        try:
            return key(known) if known is not None else None
        except ValueError as wrong:
            raise ValueError(f"{setting}_{'env' if variable else 'file'}: {wrong}") from None
