"""The table of a fagsystem that takes signed webhooks."""
from pathlib import Path
from typing import Literal

from pydantic import Field
from standardwebhooks import Webhook

from integrations.credentials import Credentialed
from integrations.fagsystem.webhook.answer import Confirms
from integrations.fagsystem.webhook.signature import key
from integrations.fagsystem.webhook.target import WebhookFagsystem
from integrations.settings import Https, SecretFile, Variable, secret
from integrations.target import Target


class SignedWebhook(Credentialed):
    kind: Literal["fagsystem/webhook"]
    url: Https
    secret_env: Variable | None = None  # the variable that holds it, as the receiver was given it
    secret_file: SecretFile | None = None
    confirms: Confirms = "answer"
    conclusions: bool = False  # takes those of meetings, too: conclusion-v1.schema.json
    timeout: float = Field(15, gt=0, le=50)  # seconds: less than a worker's lease

    def target(self, name: str) -> Target:
        """ValueError: an address that is not safe, a secret that is missing or no key, credentials."""
        if self.secret_env is None and self.secret_file is None:
            raise ValueError("secret_env or secret_file: Field required")
        return WebhookFagsystem(
            name, self.url, self._keys(), self.confirms, self.credentials(), self.timeout, self.line(),
            self.conclusions)

    def _keys(self) -> list[Webhook]:
        """While a secret is changed both sign, and whoever knows either lets us in at the first try."""
        keys = [_key("", self.secret_env, self.secret_file)]
        before = {name: str(value) for name, value in (self.previous or {}).items()}
        if before.keys() & {"secret_env", "secret_file"}:
            file = before.get("secret_file")
            keys.append(_key("previous.", before.get("secret_env"), Path(file) if file else None))
        return keys


def _key(where: str, variable: str | None, file: Path | None) -> Webhook:
    """ValueError begins with the setting that names the secret."""
    known = secret(f"{where}secret", variable, file)
    try:
        return key(known or "")
    except ValueError as wrong:
        raise ValueError(f"{where}secret_{'env' if variable else 'file'}: {wrong}") from None
