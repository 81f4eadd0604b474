"""Settings → targets by name: a TOML file with a table per target, each of a kind that its system defines."""
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from db.rules.target import Limits
from integrations.archive.fiks.settings import Fiks
from integrations.archive.folder.settings import Folder, Sftp
from integrations.archive.geointegrasjon.settings import GeoIntegrasjon
from integrations.fagsystem.soap.settings import Soap
from integrations.notice.folder.settings import NoticeFolder
from integrations.notice.sms.settings import Sms
from integrations.notice.smtp.settings import Smtp
from integrations.rotation import rotating
from integrations.target import Target

HEADER = re.compile(r"""\s*\[\s*(?P<name>[^\]]+?)\s*\]""")


class BadTargets(ValueError):
    """Everything that is wrong with the targets' file, a line each."""


Kind = Folder | Sftp | GeoIntegrasjon | Fiks | Soap | Smtp | Sms | NoticeFolder
TABLES: TypeAdapter[Kind] = TypeAdapter(Annotated[Kind, Field(discriminator="kind")])


class Targets(dict[str, Target]):
    """The configured targets by name; `limits`: how much each takes."""

    def __init__(self, made: Mapping[str, Target], limits: Mapping[str, Limits] | None = None) -> None:
        super().__init__(made)
        self.limits = dict(limits or {})

    def become(self, other: "Targets") -> None:
        """What is under way goes on with the target that it began with."""
        for mine, theirs in ((self, other), (self.limits, other.limits)):
            mine.clear()
            mine.update(theirs)  # type: ignore[arg-type]


def targets(path: Path | None) -> Targets:
    """None where no file is named. BadTargets tells every fault, by its line."""
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
    good = {name: found for name, found in made.items() if not isinstance(found, list)}
    return Targets({name: target for name, (target, _) in good.items()},
                   {name: limits for name, (_, limits) in good.items()})


def _target(name: str, table: Any) -> tuple[Target, Limits] | list[tuple[str, str]]:
    """The target of one table, or what is wrong with it: by setting."""
    try:
        settings = TABLES.validate_python(table)
        made = settings.target(name)
        if settings.previous is not None:
            made = rotating(made, TABLES.validate_python({**table, **settings.previous}).target(name))
        return made, settings.limits
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
