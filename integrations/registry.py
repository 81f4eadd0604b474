"""Settings → targets by name: a TOML file with a table per target, secrets from the environment."""
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from integrations.archive.folder.target import FolderArchive
from integrations.documents.arkivmelding import Codes
from integrations.fagsystem.soap.contract import SoapVersion
from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.notice.folder.target import FolderNotices
from integrations.notice.sms.target import SmsGateway
from integrations.notice.smtp.session import Security, Server
from integrations.notice.smtp.target import SmtpNotices
from integrations.target import Target


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


Kind = Folder | Soap | Smtp | Sms | NoticeFolder
TABLES: TypeAdapter[Kind] = TypeAdapter(Annotated[Kind, Field(discriminator="kind")])


def targets(path: Path | None) -> dict[str, Target]:
    """The configured targets; none where no file is named. BadTargets tells every fault at once."""
    try:
        tables = {} if path is None else tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadTargets(f"{path}: {error}") from None
    made = {name: _target(name, table) for name, table in tables.items()}
    faults = [fault for found in made.values() if isinstance(found, list) for fault in found]
    if faults:
        raise BadTargets("\n".join(faults))
    return {name: target for name, target in made.items() if not isinstance(target, list)}


def _target(name: str, table: Any) -> Target | list[str]:
    """The target of one table, or what is wrong with it."""
    try:
        return TABLES.validate_python(table).target(name)
    except ValidationError as wrong:
        return [f"[{name}] {_place(fault['loc'])}: {fault['msg']}" for fault in wrong.errors()]
    except ValueError as wrong:
        return [f"[{name}] {wrong}"]


def _place(steps: tuple[int | str, ...]) -> str:
    """The setting at fault, without the kind that pydantic puts first."""
    return ".".join(str(step) for step in steps if "/" not in str(step)) or "kind"
