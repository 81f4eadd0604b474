"""What the vendor's answers and faults mean, by the settings; pure."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from lxml import etree
from lxml.etree import _Element as Node

from integrations.fagsystem.fact import line
from integrations.fagsystem.soap.vendor.paths import steps, texts
from integrations.soap import Breach, by_codes, codes, is_fault, spoken, unkept
from integrations.target import DeliveryError, DeliveryFault, Receipt
from integrations.wire import Reply

ANYTHING: Final = "*"
DETAIL: Final = "detail"  # what holds the typed parts of a fault
FAULTCODE: Final = "faultcode"  # stands beside it, and may be all that there is
FAULTS: Final = {
    "unknown_person": "the receiver does not know the person", "ambiguous": "the receiver finds several",
    "permanent": "refused", "auth": "the credentials are refused",
    "retryable": "the receiver can't take it now"}
OUTCOMES: Final = (*FAULTS, "accepted", "confirmed")  # the first that fits is what counts


@dataclass(frozen=True)
class Sign:
    """What to look for in a message: that an element holds something, or just this; no path: any message.
    Of a fault its name may be enough."""
    path: str | None
    value: str | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        if text == ANYTHING:
            return cls(None)
        path, equals, value = text.partition("=")
        return cls(path.strip(), value.strip() if equals else None)

    def bare(self) -> bool:
        """Whether it is a name alone."""
        return self.value is None and len(steps(self.path or "")) == 1

    def fits(self, message: Node) -> bool:
        if self.path is None:
            return True
        if message.tag == DETAIL and self.bare():
            return message.find(f"{{*}}{self.path}") is not None
        found = texts(message, self.path)
        return bool(found) if self.value is None else self.value in found


@dataclass(frozen=True)
class Meaning:
    """Which signs mean which outcome; `reference`: where the vendor's own identifier of the record stands."""
    signs: Mapping[str, tuple[Sign, ...]]
    reference: str | None = None

    def of(self, message: Node) -> Receipt | DeliveryError | None:
        """None: it says none of what the settings know."""
        for outcome in OUTCOMES:
            for sign in self.signs.get(outcome, ()):
                if sign.fits(message):
                    return self._outcome(outcome, sign.value, message)
        return None

    def _outcome(self, outcome: str, code: str | None, message: Node) -> Receipt | DeliveryError:
        """The code stands in the settings too, so it is fit to be shown."""
        if outcome in FAULTS:
            told = f"{FAULTS[outcome]}: {code}" if code else FAULTS[outcome]
            return DeliveryError(DeliveryFault(outcome.upper()), told)
        found = texts(message, self.reference) if self.reference else []
        return Receipt(outcome == "confirmed", line(found[0], 100) if found else None, code)


@dataclass(frozen=True)
class Answers:
    """How one operation is answered. `tag`: of the answer; `fault`: what faults mean, by the paths of their
    typed details, the name of the detail first, or by `faultcode`."""
    tag: str
    answer: Meaning
    fault: Meaning
    breach: Breach

    def receipt(self, reply: Reply, now: datetime) -> Receipt:
        """DeliveryError for whatever is no receipt, in our own words."""
        if reply.status == 202 and not reply.content.strip():
            return Receipt(confirmed=False, code="202")
        message, said = spoken(reply, now), None
        if is_fault(message):
            said = self._by_fault(message, reply, now)
        elif message.tag != self.tag or self.breach(message):
            raise unkept()
        else:
            said = self.answer.of(message)
        if said is None:
            raise DeliveryError(DeliveryFault.RETRYABLE, "the answer says nothing that the settings know")
        if isinstance(said, DeliveryError):
            raise said
        return said

    def _by_fault(self, message: Node, reply: Reply, now: datetime) -> Receipt | DeliveryError:
        """By the details that keep the contract and by the code; where the settings know neither, by what
        codes and status mean to everybody."""
        typed = etree.Element(DETAIL)
        for code in codes(message):
            etree.SubElement(typed, FAULTCODE).text = code
        for path in ("detail/*", "{*}Detail/*"):  # SOAP 1.1 and 1.2
            typed.extend([node for node in message.findall(path) if not self.breach(node)])
        said = self.fault.of(typed)
        if isinstance(said, DeliveryError):
            said.retry_after = reply.retry_after(now)
        return said or by_codes(message, reply, now)
