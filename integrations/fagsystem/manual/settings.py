"""The table of a fagsystem that people note in by hand."""
from typing import Literal

from pydantic import Field

from integrations.fagsystem.manual.target import ManualFagsystem
from integrations.settings import Table
from integrations.target import Target


class Manual(Table):
    kind: Literal["fagsystem/manual"]
    system: str = Field(min_length=1, max_length=100)  # what people call it
    days: int = Field(7, ge=1, le=90)  # to note a fact in, from when it is given to the unit

    def target(self, name: str) -> Target:
        return ManualFagsystem(name, self.system, self.days)
