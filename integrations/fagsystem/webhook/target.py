"""A fagsystem that takes signed webhooks and answers by HarStafettlogg v1."""
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from standardwebhooks import Webhook

from integrations import wire
from integrations.credentials import Credentials
from integrations.fagsystem.fact import canonical, unnamed
from integrations.fagsystem.webhook import answer, mapping
from integrations.fagsystem.webhook.answer import Confirms
from integrations.fagsystem.webhook.contract import breach
from integrations.fagsystem.webhook.signature import signed
from integrations.target import (
    Conclusion,
    DeliveryError,
    DeliveryFault,
    PlanFact,
    Receipt,
    RecordState,
    Sending,
    Told,
)
from integrations.wire import Line


@dataclass
class WebhookFagsystem:
    """One fagsystem at `url`. `keys`: the one that signs, and the one before it while it is changed;
    `credentials`: for a gateway before it; `timeout`: seconds for a whole call;
    `conclusions`: whether it takes those of meetings, too.

    ValueError: an address over which identity numbers may not travel."""
    name: str
    url: str
    keys: Sequence[Webhook] = field(repr=False)
    confirms: Confirms = "answer"
    credentials: Credentials = field(default_factory=Credentials)
    timeout: float = 15
    line: Line = field(default_factory=Line, repr=False)
    conclusions: bool = False

    def __post_init__(self) -> None:
        if not wire.safe(self.url):
            raise ValueError("url: https (http only to this machine), without user name or password")

    def render(self, order: PlanFact | Conclusion) -> bytes:
        """The event as canonical JSON. DeliveryError: it would break the contract."""
        event = mapping.conclusion(order) if isinstance(order, Conclusion) else mapping.event(order)
        wrong = breach(event)
        if wrong:
            raise DeliveryError(DeliveryFault.PERMANENT, f"not sent, for it breaks the contract: {wrong}")
        return canonical(event)

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """One attempt. DeliveryError says in our own words what went wrong, never in the receiver's."""
        event = json.loads(body)
        if event["id"] != str(sending.fact_id):
            raise DeliveryError(DeliveryFault.PERMANENT, "the body belongs to another delivery")
        now = datetime.now(UTC)
        receipt = answer.receipt(self._post(sending.fact_id, body, now), self.confirms, now)
        return unnamed(receipt, event["data"]["person"]["value"])

    def check(self) -> list[str]:
        """What is wrong with address, secret or receiver, asked by an event that tells of nobody."""
        now = datetime.now(UTC)
        try:
            well = answer.ready(self._ask(None, now), self.confirms, now)
        except DeliveryError as error:
            return [error.message]
        return [] if well else ["the receiver does not answer that it is ready"]

    def compare(self, told: Told) -> RecordState:
        """Whether the receiver keeps what it was told of a plan."""
        now = datetime.now(UTC)
        return answer.held(self._ask(told.plan_ref, now), told, now)

    def _ask(self, plan_ref: UUID | None, now: datetime) -> wire.Reply:
        number = uuid4()
        return self._post(number, canonical(mapping.status(number, now, plan_ref)), now)

    def _post(self, number: UUID, body: bytes, now: datetime) -> wire.Reply:
        own = {"Content-Type": "application/cloudevents+json", **signed(self.keys, number, body, now)}
        return self.credentials.call(
            lambda headers, seconds: wire.post(self.url, body, {**headers, **own}, seconds, self.line),
            self.timeout)
