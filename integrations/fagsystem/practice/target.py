"""A fagsystem that is a folder, to see what becomes of what is told to it: it keeps, fails, or breaks off."""
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from integrations.fagsystem.fact import canonical, elements, fact_of
from integrations.fagsystem.records import Fact, Records, Refused
from integrations.target import DeliveryError, DeliveryFault, PlanFact, Receipt, RecordState, Sending, Told

Does = Literal["keeps", "fails", "breaks"]
BUSY = "practice: busy, as it always is"
MISSING = "practice: the folder is missing"
UNWRITTEN = "practice: the folder can't be written to"
REAL = "practice: not about a synthetic person, by the identity number"
BROKEN = "practice: it broke off, and whether the fact was kept nobody knows"
SEVERAL = "practice: it has several records, and a person must look"


@dataclass
class PracticeFagsystem:
    """Keeps by the rules of HarStafettlogg v1: in order, and what comes again once."""
    name: str
    folder: Path
    does: Does
    records: Records = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.records = Records(self.folder)

    def render(self, order: PlanFact) -> bytes:
        """The fact as canonical JSON in the contract's names."""
        return canonical(elements(order))

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """Confirmed when it is on disk. DeliveryError: of a real person nothing is written."""
        fact = fact_of(body, sending.fact_id)
        if not synthetic(fact["person"]["value"]):
            raise DeliveryError(DeliveryFault.PERMANENT, REAL)
        if self.does == "fails":
            raise DeliveryError(DeliveryFault.RETRYABLE, BUSY)
        receipt = self._kept(fact)
        if self.does == "breaks":
            _break_off(receipt.code, fact, sending)
        return receipt

    def check(self) -> list[str]:
        if self.does == "fails":
            return [BUSY]
        return [] if self.folder.is_dir() else [MISSING]

    def compare(self, told: Told) -> RecordState:
        """Whether the last fact that it has of the plan is the one that was told."""
        if faults := self.check():
            raise DeliveryError(DeliveryFault.RETRYABLE, faults[0])
        facts = self.records.plans.get(str(told.plan_ref))
        if not facts:
            return RecordState.MISSING
        same = (facts[-1]["seq"], facts[-1]["hasPlan"]) == (told.seq, told.has_plan)
        return RecordState.SAME if same else RecordState.DIFFERENT

    def _kept(self, fact: Fact) -> Receipt:
        try:
            code, reference = self.records.take(fact)
        except Refused as refused:
            if refused.reason is None:
                raise DeliveryError(DeliveryFault.RETRYABLE, UNWRITTEN) from None
            raise DeliveryError(DeliveryFault.PERMANENT, f"practice: refused, {refused.reason}") from None
        return Receipt(confirmed=True, reference=reference, code=code)


def synthetic(number: str) -> bool:
    """Whether it is of a test series: these add 40 (Nav), 65 or 80 (Skatteetaten) to the month of birth."""
    return int(number[2:4]) > 40


def _break_off(code: str | None, fact: Fact, sending: Sending) -> None:
    """When a fact is new, and kept; told again it is known. Of an end it says then that it has found several,
    until a person has looked: the hub drops the steps of what it has them look at."""
    if code == "CONFIRMED":
        sending.save(broke="off")
        raise DeliveryError(DeliveryFault.RETRYABLE, BROKEN)
    if "broke" in sending.steps and not fact["hasPlan"]:
        raise DeliveryError(DeliveryFault.AMBIGUOUS, SEVERAL)
