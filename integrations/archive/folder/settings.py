"""The tables of an archive that is a folder, here or on another machine."""
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import Field

from integrations.archive.folder.session import Server
from integrations.archive.folder.sftp import SftpArchive
from integrations.archive.folder.target import FolderArchive
from integrations.documents.arkivmelding import Codes
from integrations.settings import ARCHIVE, Reached, SecretFile, Table, Variable, secret
from integrations.target import Target


class Folder(Table):
    uses = ARCHIVE
    kind: Literal["archive/folder"]
    folder: Path
    codes: Codes = Codes()

    def target(self, name: str) -> Target:
        return FolderArchive(name, self.folder, self.codes)


class Sftp(Reached):
    uses = ARCHIVE
    kind: Literal["archive/sftp"]
    host: str
    port: int = Field(22, gt=0, lt=65536)
    host_keys: list[str] = Field(min_length=1)
    username: str
    key_env: Variable | None = None
    key_file: SecretFile | None = None
    password_env: Variable | None = None
    password_file: SecretFile | None = None
    folder: PurePosixPath
    timeout: float = Field(60, gt=0, le=300)
    codes: Codes = Codes()

    def target(self, name: str) -> Target:
        key = secret("key", self.key_env, self.key_file)
        password = secret("password", self.password_env, self.password_file)
        server = Server(self.host, self.port, self.username, self.host_keys, self.timeout, key, password,
                        self.networks)
        return SftpArchive(name, server, self.folder, self.codes)
