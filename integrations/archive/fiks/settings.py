"""The table of an archive that speaks Fiks Arkiv. Files are PEM."""
import re
from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from integrations.archive.fiks.carrier import Carrier, Integration
from integrations.archive.fiks.listener import Listener
from integrations.archive.fiks.target import Accounts, FiksArchive
from integrations.documents.arkivmelding import Codes
from integrations.keys import Certificates, Key, Organisation
from integrations.oauth import Maskinporten, Tokens
from integrations.settings import ARCHIVE, Https, Reached, SecretFile, Variable, secret
from integrations.target import Target
from integrations.wire import Line

SCOPE = "ks:fiks"  # of all that KS' Fiks platform offers


def _amqps(url: str) -> str:
    if not re.fullmatch(r"amqps://[A-Za-z0-9.-]+:\d{1,5}", url):
        raise ValueError("amqps, a host and a port, without user name or password")
    return url



class Fiks(Reached):
    """What KS and Digdir call their settings stands in the README beside this."""
    model_config = ConfigDict(arbitrary_types_allowed=True)
    uses = ARCHIVE
    kind: Literal["archive/fiks"]
    account: UUID  # ours
    account_keys: list[Key] = Field(min_length=1)  # of its public key; the old one too while it is changed
    archive_account: UUID
    archive_signers: Certificates = ()  # who may sign the archive's answers
    integration: UUID
    integration_password_env: Variable | None = None
    integration_password_file: SecretFile | None = None
    maskinporten_client: str
    maskinporten_kid: str | None = None
    key_file: Key
    certificate_file: Certificates
    api: Https = "https://api.fiks.ks.no"
    queue: Annotated[str, AfterValidator(_amqps)] = "amqps://io.fiks.ks.no:5671"
    maskinporten: Https = "https://maskinporten.no/"
    ttl_hours: float = Field(24, ge=1, le=7 * 24)
    timeout: float = Field(30, gt=0, le=300)
    codes: Codes = Codes()

    def target(self, name: str) -> Target:
        password = secret(
            "integration_password", self.integration_password_env, self.integration_password_file)
        if password is None:
            raise ValueError("integration_password_env or integration_password_file: Field required")
        organisation = Organisation(self.key_file, self.certificate_file[0])
        maskinporten = Maskinporten(
            self.maskinporten.rstrip("/") + "/", self.maskinporten_client, SCOPE, organisation.key,
            self.maskinporten_kid, organisation.certificate)
        line = Line(self.networks)
        carrier = Carrier(self.api.rstrip("/"), Integration(self.integration, password),
                          Tokens(maskinporten, line), self.timeout, line)
        accounts = Accounts(
            self.account, self.archive_account, tuple(self.account_keys), self.archive_signers)
        return FiksArchive(
            name, accounts, organisation, carrier, Listener(self.queue, self.account, carrier, line),
            timedelta(hours=self.ttl_hours), self.codes)
