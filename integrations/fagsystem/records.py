"""What the practice fagsystemer keep: every fact that they have confirmed, one file per plan reference."""
import json
import os
from collections.abc import Collection, Iterator, MutableMapping
from pathlib import Path
from threading import Lock
from typing import Any

from integrations.fagsystem.fact import identity_system
from integrations.target import FactKind

Fact = dict[str, Any]


class Refused(Exception):
    """A fact that is not taken: the contract's fault, and for a ValidationFault the reason."""

    def __init__(self, fault: str, reason: str | None = None) -> None:
        super().__init__(fault)
        self.fault, self.reason = fault, reason


class Files(MutableMapping[str, list[Fact]]):
    """Facts by plan reference, in a folder that others may write to, too. OSError: it can't be used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, plan_ref: str) -> list[Fact]:
        try:
            facts: list[Fact] = json.loads(self._file(plan_ref).read_text("utf-8"))
        except FileNotFoundError:
            raise KeyError(plan_ref) from None
        return facts

    def __setitem__(self, plan_ref: str, facts: list[Fact]) -> None:
        """Whole or not at all."""
        draft = self.folder / f"{plan_ref}.tmp"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(facts, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._file(plan_ref))

    def __delitem__(self, plan_ref: str) -> None:
        self._file(plan_ref).unlink()

    def __iter__(self) -> Iterator[str]:
        return (path.stem for path in self.folder.glob("*.json"))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _file(self, plan_ref: str) -> Path:
        return self.folder / f"{plan_ref}.json"


class Records:
    """Facts by plan reference, in the order they came; `folder` keeps them over a restart."""

    def __init__(self, folder: Path | None, unknown: Collection[str] = ()) -> None:
        self.unknown = frozenset(unknown)
        self.plans: MutableMapping[str, list[Fact]] = Files(folder) if folder else {}
        self._turn = Lock()

    def take(self, fact: Fact) -> tuple[str, str]:
        """The result and our reference, for what is kept by then: a receipt is a promise. Refused: by the
        contract's rules, or for want of a disk; then nothing is kept."""
        with self._turn:
            try:
                return self._taken(fact), f"practice-{fact['planRef'][:8]}"
            except OSError:
                raise Refused("TemporaryFault") from None

    def latest(self) -> list[Fact]:
        """The state of every plan, the one that changed last first."""
        return sorted((facts[-1] for facts in list(self.plans.values())),
                      key=lambda fact: str(fact["occurredAt"]), reverse=True)

    def _taken(self, fact: Fact) -> str:
        kept = self.plans.get(fact["planRef"], [])
        if any(earlier["factId"] == fact["factId"] for earlier in kept):
            return "DUPLICATE"
        reason = _refusal(fact, kept)
        if reason:
            raise Refused("ValidationFault", reason)
        if fact["person"]["value"] in self.unknown:
            raise Refused("UnknownPersonFault")
        self.plans[fact["planRef"]] = [*kept, fact]
        return "CONFIRMED"


def _refusal(fact: Fact, kept: list[Fact]) -> str | None:
    """Which of the contract's rules the fact breaks, beyond the schema."""
    means = {FactKind.OPENED: True, FactKind.CLOSED: False, FactKind.WITHDRAWN: False}
    if fact["hasPlan"] != means.get(fact["kind"], fact["hasPlan"]):
        return "INCONSISTENT"
    if fact["person"]["system"] != identity_system(fact["person"]["value"]):
        return "INCONSISTENT"
    if not kept:
        return None if fact["kind"] == FactKind.OPENED else "NOT_REGISTERED"
    return "OUT_OF_ORDER" if fact["seq"] <= kept[-1]["seq"] else None
