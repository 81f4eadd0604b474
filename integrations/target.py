"""The ports between the hub and other systems: what is told, how one attempt is made, and what came of it."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from db.rules.delivery import DeliveryFault, FactKind
from db.rules.words import ArchiveTrigger, Channel


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


@dataclass(frozen=True, repr=False)  # these hold what no trace may print
class Contact:
    """The stafettholder as a service may know them."""
    name: str
    role: str
    unit: str | None
    phone: str | None


@dataclass(frozen=True, repr=False)
class PlanFact:
    """That a person has a stafettlogg, told to one unit's fagsystem (interfaces.md §6): never any content."""
    fact_id: UUID
    plan_ref: UUID  # differs per target, so that two systems can't join what they know
    seq: int  # 1, 2, … per plan and target
    kind: FactKind
    occurred_at: datetime
    has_plan: bool
    since: date
    closed_on: date | None
    identity_number: str
    municipality_number: str
    unit_organisation_number: str
    contact: Contact | None
    hub_url: str
    protected: bool  # the person has a protected address: the record must carry the mark


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


Order = PlanFact | PlanVersion | Notice


class Target(Protocol):
    """One configured receiver. Blocking; the worker runs it in a thread. Knows nothing of the database."""
    name: str

    def render(self, order: Any) -> bytes:
        """What will be sent, pure and complete. A version for the archive is kept, sealed, and sent the same
        at every attempt; a fact or a notice is put together anew. DeliveryError: it can't be sent at all."""

    def deliver(self, body: bytes, fact_id: UUID) -> Receipt:
        """One attempt within one deadline. Raises DeliveryError; anything else counts as RETRYABLE."""

    def check(self) -> list[str]:
        """What is wrong with settings, connection or contract, if anything. Sends no personal data."""
