"""A fagsystem that speaks FHIR R4: each fact is one conditional update of the plan's record."""
import json
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime

from integrations import wire
from integrations.credentials import Credentials
from integrations.fagsystem.fact import canonical
from integrations.fagsystem.fhir import answer, capability, mapping
from integrations.fagsystem.fhir.codes import Kept
from integrations.replies import faulty
from integrations.target import DeliveryError, DeliveryFault, PlanFact, Receipt, Sending

MEDIA = "application/fhir+json"
LARGEST = 16 << 20  # bytes of a CapabilityStatement: HAPI's has over a million


@dataclass
class FhirFagsystem:
    """One server, `url` its base without a slash at the end; `kept`: as what it keeps a plan's record;
    `language` of what people read there; `timeout`: seconds for a whole call.

    ValueError: an address over which identity numbers may not travel."""
    name: str
    url: str
    kept: Kept = Kept.FLAG
    language: str = "nb"
    credentials: Credentials = field(default_factory=Credentials)
    timeout: float = 15
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def __post_init__(self) -> None:
        if not wire.safe(self.url):
            raise ValueError("url: https (http only to this machine), without user name or password")

    def render(self, order: PlanFact) -> bytes:
        """The resource as canonical JSON."""
        return canonical(mapping.resource(order, self.kept, self.language))

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """One attempt. DeliveryError says in our own words what went wrong, never in the server's."""
        made = json.loads(body)
        if not made["meta"]["source"].endswith(f"#{sending.fact_id}"):
            raise DeliveryError(DeliveryFault.PERMANENT, "the body belongs to another delivery")
        url = f"{self.url}/{made['resourceType']}?{mapping.condition(made)}"
        own = {"Content-Type": MEDIA, "Accept": MEDIA, "Prefer": "return=representation"}
        reply = self.credentials.call(
            lambda headers, seconds: wire.put(url, body, {**headers, **own}, seconds, self.tls), self.timeout)
        return answer.receipt(reply, made, datetime.now(UTC))

    def check(self) -> list[str]:
        """What is wrong with address, credentials or server, by what it says of itself."""
        try:
            reply = self.credentials.call(
                lambda headers, seconds: wire.get(
                    f"{self.url}/metadata", {**headers, "Accept": MEDIA}, seconds, self.tls, LARGEST),
                self.timeout)
            if reply.status != 200:
                raise faulty(reply, datetime.now(UTC))
        except DeliveryError as error:
            return [error.message]
        return list(capability.faults(answer.resource(reply), self.kept))
