"""Settings → targets by name: a TOML file with a table per target, secrets from the environment."""
import os
import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from integrations.archive.fiks.carrier import Carrier, Integration
from integrations.archive.fiks.keys import Organisation, certificates, private_key
from integrations.archive.fiks.listener import Listener
from integrations.archive.fiks.maskinporten import Maskinporten
from integrations.archive.fiks.target import Accounts, FiksArchive
from integrations.archive.folder.target import FolderArchive
from integrations.archive.geointegrasjon.calls import Calls, Empty, service
from integrations.archive.geointegrasjon.codes import Codes as ArchiveCodes
from integrations.archive.geointegrasjon.mapping import context
from integrations.archive.geointegrasjon.sign_in import Method, SignIn
from integrations.archive.geointegrasjon.target import GeoIntegrasjonArchive
from integrations.documents.arkivmelding import Codes
from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.notice.folder.target import FolderNotices
from integrations.notice.sms.target import SmsGateway
from integrations.notice.smtp.session import Security, Server
from integrations.notice.smtp.target import SmtpNotices
from integrations.soap import SoapVersion
from integrations.target import Target
from integrations.wire import safe

HEADER = re.compile(r"""\s*\[\s*(?P<name>[^\]]+?)\s*\]""")


class BadTargets(ValueError):
    """Everything that is wrong with the targets' file, a line each."""


class Table(BaseModel):
    """One target's table in the file; what it does not know is a fault, for it may be misspelt."""
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Folder(Table):
    kind: Literal["archive/folder"]
    folder: Path
    codes: Codes = Codes()

    def target(self, name: str) -> Target:
        return FolderArchive(name, self.folder, self.codes)


class GeoIntegrasjon(Table):
    kind: Literal["archive/geointegrasjon"]
    innsyn: str  # the address of each service
    oppdatering: str
    innsyn_wsdl: Path | None = None
    oppdatering_wsdl: Path | None = None
    sign_in: Method = "none"
    username: str | None = None
    password_env: str | None = None
    password_file: Path | None = None
    key_env: str | None = None
    key_file: Path | None = None
    setup: str | None = None  # referanseoppsett: by which name the archive knows the hub's defaults
    empty_search: Empty = "list"  # how the archive says that it found nothing
    timeout: float = Field(15, gt=0, le=50)  # seconds for one call: less than a worker's lease
    codes: ArchiveCodes = ArchiveCodes()

    def target(self, name: str) -> Target:
        """ValueError: an address that is not safe, a WSDL that does not fit, a secret that is missing."""
        password = secret("password", self.password_env, self.password_file)
        key = secret("key", self.key_env, self.key_file)
        calls = Calls(
            service("innsyn", self.innsyn, self.innsyn_wsdl),
            service("oppdatering", self.oppdatering, self.oppdatering_wsdl),
            SignIn(self.sign_in, self.username, password or key), context(self.setup), self.timeout,
            self.empty_search)
        return GeoIntegrasjonArchive(name, calls, self.codes)


def _https(url: str) -> str:
    if not safe(url):
        raise ValueError("https (http only to this machine), without user name or password")
    return url


def _amqps(url: str) -> str:
    if not re.fullmatch(r"amqps://[A-Za-z0-9.-]+:\d{1,5}", url):
        raise ValueError("amqps, a host and a port, without user name or password")
    return url


Https = Annotated[str, AfterValidator(_https)]
Key = Annotated[RSAPrivateKey, BeforeValidator(private_key)]
Certificates = Annotated[tuple[Certificate, ...], BeforeValidator(certificates)]


class Fiks(Table):
    """Files are PEM; what KS and Digdir call their settings stands in `archive/README.md`."""
    model_config = ConfigDict(arbitrary_types_allowed=True)
    kind: Literal["archive/fiks"]
    account: UUID  # ours
    account_keys: list[Key] = Field(min_length=1)  # of its public key; the old one too while it is changed
    archive_account: UUID
    archive_signers: Certificates = ()  # who may sign the archive's answers
    integration: UUID
    integration_password_env: str | None = None
    integration_password_file: Path | None = None
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
        maskinporten = Maskinporten(self.maskinporten.rstrip("/") + "/", self.maskinporten_client,
                                    organisation, self.maskinporten_kid)
        carrier = Carrier(self.api.rstrip("/"), Integration(self.integration, password), maskinporten,
                          self.timeout)
        accounts = Accounts(
            self.account, self.archive_account, tuple(self.account_keys), self.archive_signers)
        return FiksArchive(
            name, accounts, organisation, carrier, Listener(self.queue, self.account, carrier),
            timedelta(hours=self.ttl_hours), self.codes)


class Smtp(Table):
    kind: Literal["notice/smtp"]
    sender: str  # an address, or "Name <address>"
    host: str
    port: int = Field(587, gt=0, lt=65536)
    security: Security = "starttls"
    username: str | None = None
    password_env: str | None = None
    password_file: Path | None = None
    timeout: float = Field(20, gt=0, le=300)

    def target(self, name: str) -> Target:
        password = secret("password", self.password_env, self.password_file)
        return SmtpNotices(name, self.sender, Server(
            self.host, self.port, self.security, self.timeout, self.username, password))


class Sms(Table):
    kind: Literal["notice/sms"]
    url: str
    token_env: str | None = None
    token_file: Path | None = None
    timeout: float = Field(15, gt=0, le=300)

    def target(self, name: str) -> Target:
        return SmsGateway(name, self.url, secret("token", self.token_env, self.token_file), self.timeout)


class NoticeFolder(Table):
    kind: Literal["notice/folder"]
    folder: Path

    def target(self, name: str) -> Target:
        return FolderNotices(name, self.folder)


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


def secret(field: str, variable: str | None, file: Path | None = None) -> str | None:
    """From the environment, or a file as orchestrators mount them. ValueError: it is named, and not there."""
    if variable is not None:
        if not os.environ.get(variable):
            raise ValueError(f"{field}_env: {variable} is not set")
        return os.environ[variable]
    try:
        return None if file is None else file.read_text("utf-8").strip()
    except (OSError, ValueError):
        raise ValueError(f"{field}_file: can't be read") from None


Kind = Folder | GeoIntegrasjon | Fiks | Soap | Smtp | Sms | NoticeFolder
TABLES: TypeAdapter[Kind] = TypeAdapter(Annotated[Kind, Field(discriminator="kind")])


def targets(path: Path | None) -> dict[str, Target]:
    """The configured targets; none where no file is named. BadTargets tells every fault, by its line."""
    try:
        text = "" if path is None else path.read_text("utf-8")
        tables = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise BadTargets(f"{path}: {error}") from None
    made = {name: _target(name, table) for name, table in tables.items()}
    faults = [f"{path}:{_line(text, name, setting)}: [{name}] {setting}: {fault}"
              for name, found in made.items() if isinstance(found, list) for setting, fault in found]
    if faults:
        raise BadTargets("\n".join(faults))
    return {name: target for name, target in made.items() if not isinstance(target, list)}


def _target(name: str, table: Any) -> Target | list[tuple[str, str]]:
    """The target of one table, or what is wrong with it: by setting."""
    try:
        return TABLES.validate_python(table).target(name)
    except ValidationError as wrong:
        return [(_place(fault["loc"]), fault["msg"].removeprefix("Value error, "))
                for fault in wrong.errors()]
    except ValueError as wrong:
        setting, _, fault = str(wrong).partition(": ")
        return [(setting, fault)]


def _place(steps: tuple[int | str, ...]) -> str:
    """The setting at fault, without the kind that pydantic puts first."""
    return ".".join(str(step) for step in steps if "/" not in str(step)) or "kind"


def _line(text: str, name: str, setting: str) -> int:
    """Where a setting stands: its own line, or that of its table where it is missing, or written otherwise.

    The standard library's reader keeps no lines; this looks for the ways that people write them."""
    inside, best = False, 1
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            inside = header["name"].strip("\"'") == name
            best = number if inside else best
        elif not inside and line.partition("=")[0].strip() == name:
            best = number
        elif inside and line.partition("=")[0].strip() == setting.partition(".")[0]:
            return number
    return best
