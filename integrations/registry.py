"""Settings → targets by name: a TOML file with a table per target, secrets from the environment."""
import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from integrations.archive.folder.target import FolderArchive
from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.target import Target

Settings = Mapping[str, Any]


class BadTargets(ValueError):
    """Everything that is wrong with the targets' file, a line each."""


def _folder(name: str, settings: Settings) -> Target:
    return FolderArchive(name, Path(settings["folder"]))


def _soap(name: str, settings: Settings) -> Target:
    password = settings.get("password_env")
    return SoapFagsystem(name, settings["url"], settings.get("username"),
                         os.environ[password] if password else None,
                         timeout=float(settings.get("timeout", 15)))


KINDS: dict[str, tuple[Callable[[str, Settings], Target], frozenset[str]]] = {
    "archive/folder": (_folder, frozenset({"folder"})),
    "fagsystem/soap": (_soap, frozenset({"url", "username", "password_env", "timeout"}))}


def targets(path: Path | None) -> dict[str, Target]:
    """The configured targets; none where no file is named. BadTargets tells every fault at once."""
    tables = {} if path is None else tomllib.loads(path.read_text("utf-8"))
    made = {name: _target(name, settings) for name, settings in tables.items()}
    faults = [fault for found in made.values() if isinstance(found, list) for fault in found]
    if faults:
        raise BadTargets("\n".join(faults))
    return {name: target for name, target in made.items() if not isinstance(target, list)}


def _target(name: str, settings: Settings) -> Target | list[str]:
    """The target of one table, or what is wrong with it."""
    kind = settings.get("kind")
    if kind not in KINDS:
        return [f"[{name}] kind: one of {', '.join(KINDS)}"]
    make, known = KINDS[kind]
    if unknown := settings.keys() - known - {"kind"}:
        return [f"[{name}] {key}: not known to {kind}" for key in sorted(unknown)]
    try:
        return make(name, settings)
    except KeyError as missing:
        return [f"[{name}] {missing.args[0]}: missing"]
    except ValueError as wrong:
        return [f"[{name}] {wrong}"]
