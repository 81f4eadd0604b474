"""The table of an archive that is a folder."""
from pathlib import Path
from typing import Literal

from integrations.archive.folder.target import FolderArchive
from integrations.documents.arkivmelding import Codes
from integrations.settings import Table
from integrations.target import Target


class Folder(Table):
    kind: Literal["archive/folder"]
    folder: Path
    codes: Codes = Codes()

    def target(self, name: str) -> Target:
        return FolderArchive(name, self.folder, self.codes)
