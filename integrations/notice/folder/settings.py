"""The table of notices that are written to a folder."""
from pathlib import Path
from typing import Literal

from integrations.notice.folder.target import FolderNotices
from integrations.settings import EMAIL, SMS, Table
from integrations.target import Target


class NoticeFolder(Table):
    uses = SMS | EMAIL
    kind: Literal["notice/folder"]
    folder: Path

    def target(self, name: str) -> Target:
        return FolderNotices(name, self.folder)
