"""Settings → targets by name: a TOML file with a table per target, each of a kind that its system defines."""
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from db.rules.target import Limits, Serves, Use, clashes
from integrations.archive.fiks.settings import Fiks
from integrations.archive.folder.settings import Folder, Sftp
from integrations.archive.geointegrasjon.settings import GeoIntegrasjon
from integrations.fagsystem.fhir.settings import Fhir
from integrations.fagsystem.manual.settings import Manual
from integrations.fagsystem.practice.settings import Practice
from integrations.fagsystem.soap.settings import Soap
from integrations.fagsystem.soap.vendor.settings import VendorsWsdl
from integrations.fagsystem.webhook.settings import SignedWebhook
from integrations.notice.folder.settings import NoticeFolder
from integrations.notice.sms.settings import Sms
from integrations.notice.smtp.settings import Smtp
from integrations.rotation import Rotating
from integrations.target import Target

HEADER = re.compile(r"""\s*\[\s*(?P<name>[^\]]+?)\s*\]""")


class BadTargets(ValueError):
    """Everything that is wrong with the targets' file, a line each."""


Kind = (Folder | Sftp | GeoIntegrasjon | Fiks | Soap | VendorsWsdl | SignedWebhook | Fhir
        | Manual | Practice | Smtp | Sms | NoticeFolder)
TABLES: TypeAdapter[Kind] = TypeAdapter(Annotated[Kind, Field(discriminator="kind")])


class Targets(dict[str, Target]):
    """The configured targets by name; `limits`: how much each takes, `serves`: whose it is, where that is
    said."""

    def __init__(self, made: Mapping[str, Target], limits: Mapping[str, Limits] | None = None,
                 serves: Mapping[str, Serves] | None = None) -> None:
        super().__init__(made)
        self.limits, self.serves = dict(limits or {}), dict(serves or {})

    def become(self, other: "Targets") -> None:
        """What is under way goes on with the target that it began with."""
        for mine, theirs in ((self, other), (self.limits, other.limits), (self.serves, other.serves)):
            mine.clear()
            mine.update(theirs)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Made:
    """What one table becomes."""
    target: Target
    limits: Limits
    serves: Serves | None


def targets(path: Path | None) -> Targets:
    """None where no file is named. BadTargets tells every fault, by its line."""
    try:
        text = "" if path is None else path.read_text("utf-8")
        tables = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise BadTargets(f"{path}: {error}") from None
    made = {name: _made(name, table) for name, table in tables.items()}
    good = {name: found for name, found in made.items() if isinstance(found, Made)}
    serves = {name: found.serves for name, found in good.items() if found.serves}
    wrong = [(name, *fault) for name, found in made.items() if not isinstance(found, Made) for fault in found]
    wrong += [(name, "units" if Use.FAGSYSTEM in serves[name].uses else "municipalities",
               f"{number} is {first}'s already") for name, number, first in clashes(serves)]
    if wrong:
        raise BadTargets("\n".join(f"{path}:{_line(text, name, setting)}: [{name}] {setting}: {fault}"
                                   for name, setting, fault in wrong))
    return Targets({name: found.target for name, found in good.items()},
                   {name: found.limits for name, found in good.items()}, serves)


def _made(name: str, table: Any) -> Made | list[tuple[str, str]]:
    """The target of one table, or what is wrong with it: by setting."""
    try:
        settings = TABLES.validate_python(table)
        made = settings.target(name)
        if settings.previous is not None:
            made = Rotating(made, TABLES.validate_python({**table, **settings.previous}).target(name))
        return Made(made, settings.limits, settings.serves)
    except ValidationError as wrong:
        return [(_place(fault["loc"]), fault["msg"].removeprefix("Value error, "))
                for fault in wrong.errors()]
    except ValueError as wrong:
        told = (line.partition(": ") for line in str(wrong).splitlines())
        return [(setting, fault) for setting, _, fault in told]


def _place(steps: tuple[int | str, ...]) -> str:
    """The setting at fault, without the kind that pydantic puts first."""
    return ".".join(str(step) for step in steps if "/" not in str(step)) or "kind"


def _line(text: str, name: str, setting: str) -> int:
    """Where a setting stands: its own line, or that of the nearest table it is in, where it is missing or
    written otherwise.

    The standard library's reader keeps no lines; this reads each line by itself, as the ways that people
    write headers and keys go, and takes the one that says most of the setting's path."""
    sought, table, best, most = f"{name}.{setting}".split("."), list[str](), 1, 0
    for number, line in enumerate(text.splitlines(), 1):
        header = HEADER.match(line)
        key = _path(header["name"] if header else line.partition("=")[0])
        table = key if header else table
        said = ".".join(key if header else [*table, *key]).split(".")
        if key and most < len(said) and said == sought[:len(said)]:
            best, most = number, len(said)
    return best


def _path(key: str) -> list[str]:
    """The names in a key as TOML has it; none where it is no key."""
    try:
        found: Any = tomllib.loads(f"{key} = 0")
    except ValueError:
        return []
    names = list[str]()
    while isinstance(found, dict) and len(found) == 1:
        ((name, found),) = found.items()
        names.append(name)
    return names
