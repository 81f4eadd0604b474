"""The table of a fagsystem to practise on."""
from pathlib import Path
from typing import Literal

from integrations.fagsystem.practice.target import Does, PracticeFagsystem
from integrations.settings import Table
from integrations.target import Target


class Practice(Table):
    kind: Literal["fagsystem/practice"]
    folder: Path
    does: Does
    synthetic: bool = False  # that all persons are

    def target(self, name: str) -> Target:
        """ValueError: it is not said that nobody is real."""
        if not self.synthetic:
            raise ValueError("synthetic: say true; it is for invented persons alone, of a test series")
        return PracticeFagsystem(name, self.folder, self.does)
