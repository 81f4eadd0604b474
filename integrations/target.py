"""The ports between the hub and other systems: what is told, how one attempt is made, and what came of it."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Event
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from db.rules.delivery import DeliveryFault, FactKind, RecordState
from db.rules.words import ArchiveTrigger, Channel

UNKNOWN = "No target of that name is configured."


class DeliveryError(Exception):
    """One attempt failed. `message` is shown to administrators: no personal data, nothing that was sent."""

    def __init__(self, fault: DeliveryFault, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.fault, self.message, self.retry_after = fault, message, retry_after


@dataclass(frozen=True)
class Receipt:
    """What the other side answered. `confirmed`: by a business receipt; else the hub was only heard."""
    confirmed: bool
    reference: str | None = None  # the other system's own identifier, shown to administrators
    code: str | None = None
    again: timedelta | None = None  # only heard: when to send again if no receipt has come; else five minutes
    due: timedelta | None = None  # only heard: a person of the unit is to answer it, within this time


@dataclass(frozen=True, repr=False)  # these hold what no trace may print
class Contact:
    """The stafettholder as a service may know them."""
    name: str
    role: str
    unit: str | None
    phone: str | None


@dataclass(frozen=True, repr=False)
class Standing:
    """That a person has a stafettlogg, as one unit may know it (interfaces.md §6): never any content."""
    plan_ref: UUID  # differs per target, so that two systems can't join what they know
    has_plan: bool
    since: date
    closed_on: date | None
    identity_number: str
    unit_organisation_number: str
    contact: Contact | None
    hub_url: str
    protected: bool  # the person has a protected address: the record must carry the mark


@dataclass(frozen=True, repr=False)
class PlanFact(Standing):
    """How it stands, told to the unit's fagsystem when something has happened."""
    fact_id: UUID
    seq: int  # 1, 2, … per plan and target
    kind: FactKind
    occurred_at: datetime
    municipality_number: str


@dataclass(frozen=True, repr=False)
class Conclusion:
    """What a meeting came to, for the fagsystem of one who took part: that field of its minutes alone."""
    fact_id: UUID
    plan_ref: UUID  # as the unit's facts have it
    occurred_at: datetime
    held_on: date
    text: str  # as somebody typed it in
    identity_number: str
    municipality_number: str
    unit_organisation_number: str
    hub_url: str
    protected: bool


@dataclass(frozen=True, repr=False)
class PlanVersion:
    """A plan as it stands, for the archive: `plan` answers its own question, null where left out."""
    fact_id: UUID
    plan_key: UUID
    version: int  # 1, 2, … per plan
    plan: Mapping[str, Any]
    language: str  # nb, nn or en
    archived_at: datetime
    archived_by: str
    trigger: ArchiveTrigger
    identity_number: str | None  # the owner's; an archive that can't do without refuses by NO_IDENTITY_NUMBER
    municipality_number: str
    municipality_name: str
    municipality_organisation_number: str
    unit_name: str | None
    protected: bool


@dataclass(frozen=True, repr=False)
class Notice:
    """That there is something for one person in the hub, of which sort, and a link: nobody's name, nothing of
    any plan. The same at every attempt, but for an address that has changed."""
    fact_id: UUID
    channel: Channel
    address: str  # as somebody typed it in: a telephone number, or an e-mail address
    language: str  # nb, nn or en
    ordered_at: datetime
    subject: str
    text: str


@dataclass(frozen=True)
class Told:
    """What a target has confirmed of one plan, as far as it can be asked about it: a fact, or a version."""
    plan_ref: UUID  # of a fact
    plan_key: UUID  # of a version
    seq: int
    has_plan: bool
    version: int | None
    sha256: str | None  # of the body that was sent
    reference: str | None  # the receipt's


Order = PlanFact | Conclusion | PlanVersion | Notice


@dataclass
class Sending:
    """One attempt: which delivery it is of, what the attempts before it have come to, and how to keep more.

    A target that needs several calls saves after each: what is saved is there at the next attempt, and no
    other worker takes over meanwhile. `steps`: as the target names them, nothing personal."""
    fact_id: UUID
    steps: dict[str, str] = field(default_factory=dict)
    keep: Callable[[Mapping[str, str]], None] = lambda _: None  # returns when it is written down

    def save(self, **steps: str) -> None:
        self.steps |= steps
        self.keep(self.steps)


class Target(Protocol):
    """One configured receiver. Blocking; the worker runs it in a thread. Knows nothing of the database."""
    name: str

    def render(self, order: Any) -> bytes:
        """What will be sent, pure and complete. A version for the archive is kept, sealed, and sent the same
        at every attempt; a fact or a notice is put together anew. DeliveryError: it can't be sent at all."""

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """One attempt, each call of it within one deadline. Raises DeliveryError; anything else counts as
        RETRYABLE."""

    def check(self) -> list[str]:
        """What is wrong with settings, connection or contract, if anything. Sends no personal data."""


@runtime_checkable
class Listening(Protocol):
    """A target whose business receipts come by themselves, some time after what they are for was sent."""

    def listen(self, heard: Callable[[UUID, Receipt | DeliveryError], None], stop: Event) -> None:
        """Hands on every receipt as it comes, in a thread of its own, until told to stop.

        `heard` returns when the receipt is written down; only then may its message be acknowledged. It is
        safe to hand on the same twice."""


@runtime_checkable
class ByHand(Protocol):
    """A target that the unit's own people note in."""
    system: str  # what they call it


@runtime_checkable
class Comparing(Protocol):
    """A target that can be asked what it holds."""

    def compare(self, told: Told) -> RecordState:
        """Within one deadline, and without an identity number. DeliveryError: it does not say."""


@runtime_checkable
class Showing(Protocol):
    """A target that sends what it has rendered in an envelope of its own."""

    def shown(self, body: bytes) -> bytes:
        """What goes out, without what signs us in. DeliveryError: nothing can."""


@runtime_checkable
class Concluding(Protocol):
    """A target that may be able to take a `Conclusion`, too."""
    conclusions: bool  # whether it does


def concludes(target: Target | None) -> bool:
    return isinstance(target, Concluding) and target.conclusions
