"""The table of a fagsystem to practise on."""
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from integrations.fagsystem.practice.target import Does, PracticeFagsystem
from integrations.settings import Table
from integrations.target import Target


def _said(synthetic: bool) -> bool:
    if not synthetic:
        raise ValueError("say true; it is for invented persons alone, of a test series")
    return synthetic


class Practice(Table):
    kind: Literal["fagsystem/practice"]
    folder: Path
    does: Does
    synthetic: Annotated[bool, AfterValidator(_said)] = Field(False, validate_default=True)

    def target(self, name: str) -> Target:
        return PracticeFagsystem(name, self.folder, self.does)
