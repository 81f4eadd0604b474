"""What the practice receiver keeps: every fact it has confirmed, one file per plan reference."""
import json
import os
from collections.abc import Collection
from pathlib import Path
from threading import Lock
from typing import Any

from integrations.fagsystem.fact import identity_system
from integrations.fagsystem.soap.mapping import OPERATIONS

Fact = dict[str, Any]


class Refused(Exception):
    """A fact that is not taken: the contract's fault, and for a ValidationFault the reason."""

    def __init__(self, fault: str, reason: str | None = None) -> None:
        super().__init__(fault)
        self.fault, self.reason = fault, reason


class Records:
    """Facts by plan reference, in the order they came; `folder` keeps them over a restart."""

    def __init__(self, folder: Path | None, unknown: Collection[str]) -> None:
        self.folder, self.unknown = folder, frozenset(unknown)
        self.plans: dict[str, list[Fact]] = {}
        self._turn = Lock()
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            self.plans = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}

    def take(self, operation: str, fact: Fact) -> tuple[str, str]:
        """The result and our reference. Refused: by the contract's rules; then nothing is kept."""
        with self._turn:
            kept = self.plans.get(fact["planRef"], [])
            reference = f"practice-{fact['planRef'][:8]}"
            if any(earlier["factId"] == fact["factId"] for earlier in kept):
                return "DUPLICATE", reference
            reason = _refusal(operation, fact, kept)
            if reason:
                raise Refused("ValidationFault", reason)
            if fact["person"]["value"] in self.unknown:
                raise Refused("UnknownPersonFault")
            self._keep(fact["planRef"], [*kept, fact])
            return "CONFIRMED", reference

    def latest(self) -> list[Fact]:
        """The state of every plan, the one that changed last first."""
        return sorted((facts[-1] for facts in list(self.plans.values())),
                      key=lambda fact: str(fact["occurredAt"]), reverse=True)

    def _keep(self, plan_ref: str, facts: list[Fact]) -> None:
        """On disk before in memory, and whole or not at all: a receipt is a promise."""
        if self.folder:
            draft = self.folder / f"{plan_ref}.tmp"
            try:
                with draft.open("w", encoding="utf-8") as file:
                    json.dump(facts, file, ensure_ascii=False, indent=1)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(draft.with_suffix(".json"))
            except OSError:
                raise Refused("TemporaryFault") from None
        self.plans[plan_ref] = facts


def _refusal(operation: str, fact: Fact, kept: list[Fact]) -> str | None:
    """Which of the contract's rules the fact breaks, beyond the schema."""
    fitting = OPERATIONS.get(fact["kind"]) == operation
    has_plan = {"register": True, "end": False}.get(operation, fact["hasPlan"])
    if not fitting or fact["hasPlan"] != has_plan:
        return "INCONSISTENT"
    if fact["person"]["system"] != identity_system(fact["person"]["value"]):
        return "INCONSISTENT"
    if not kept:
        return None if operation == "register" else "NOT_REGISTERED"
    return "OUT_OF_ORDER" if fact["seq"] <= kept[-1]["seq"] else None
