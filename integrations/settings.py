"""What the tables of the targets' file share: nothing in them is overlooked, and secrets stand elsewhere."""
import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from db.rules.target import Limits, Serves, Use
from integrations.network import Network
from integrations.wire import safe

SECRETS = re.compile(r"^(username|\w+_(env|file|keys))$")
ARCHIVE, SMS, EMAIL = (frozenset({use}) for use in (Use.ARCHIVE, Use.SMS, Use.EMAIL))
Previous = dict[Annotated[str, StringConstraints(pattern=SECRETS)], str | list[str]]


def _is_set(variable: str) -> str:
    if not os.environ.get(variable):
        raise ValueError(f"{variable} is not set")
    return variable


def _can_be_read(file: Path) -> Path:
    try:
        file.read_text("utf-8")
    except (OSError, ValueError):
        raise ValueError("can't be read") from None
    return file


# Where a secret is: a variable of the environment, or a file as orchestrators mount them.
Variable = Annotated[str, AfterValidator(_is_set)]
SecretFile = Annotated[Path, AfterValidator(_can_be_read)]


class Strict(BaseModel):
    """A table; what it does not know is a fault, for it may be misspelt."""
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Table(Strict):
    """One target's table in the file.

    `units`: those whose fagsystem it is, by organisation number; `municipalities`: those whose archive it is,
    or which it carries notices for, by number; `previous`: those of its settings by which it signed in
    before, while both are active."""
    uses: ClassVar[frozenset[Use]] = frozenset({Use.FAGSYSTEM})
    units: list[Annotated[str, StringConstraints(pattern=r"^\d{9}$")]] | None = None
    municipalities: list[Annotated[str, StringConstraints(pattern=r"^\d{4}$")]] | None = None
    per_minute: int | None = Field(None, gt=0)
    at_once: int | None = Field(None, gt=0)
    previous: Previous | None = None

    @field_validator("units", "municipalities")
    @classmethod
    def can_be_theirs(cls, numbers: list[str] | None, of: ValidationInfo) -> list[str] | None:
        if numbers is not None and (of.field_name == "units") != (Use.FAGSYSTEM in cls.uses):
            raise ValueError("such a target is of none")
        return numbers

    @property
    def serves(self) -> Serves | None:
        """None where the file does not say whose it is."""
        numbers = self.municipalities if self.units is None else self.units
        return None if numbers is None else Serves(self.uses, frozenset(numbers))

    @property
    def limits(self) -> Limits:
        """What it takes of all municipalities and workers together."""
        return Limits(self.per_minute, self.at_once)


def _network(text: Any) -> Network:
    try:
        return ip_network(str(text))
    except ValueError:
        raise ValueError('an address, or a network by its first address, as "10.20.0.0/16"') from None


class Reached(Table):
    """The table of a target that is reached over a network.

    `networks`: where else than on the internet it may be."""
    networks: list[Annotated[Network, PlainValidator(_network)]] = Field(default_factory=list)


def _https(url: str) -> str:
    if not safe(url):
        raise ValueError("https (http only to this machine), without user name or password")
    return url


Https = Annotated[str, AfterValidator(_https)]


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
