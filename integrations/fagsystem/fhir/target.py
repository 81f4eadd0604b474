"""A fagsystem that speaks FHIR R4: each fact is one conditional update of the plan's record."""
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from integrations import wire
from integrations.credentials import Credentials
from integrations.fagsystem.fact import canonical, unnamed
from integrations.fagsystem.fhir import answer, capability, mapping
from integrations.fagsystem.fhir.codes import Kept
from integrations.fagsystem.fhir.mapping import Resource
from integrations.replies import faulty
from integrations.target import DeliveryError, DeliveryFault, PlanFact, Receipt, RecordState, Sending, Told
from integrations.wire import Line

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
    line: Line = field(default_factory=Line, repr=False)

    def __post_init__(self) -> None:
        if not wire.safe(self.url):
            raise ValueError("url: https (http only to this machine), without user name or password")
        if {"?", "#"} & set(self.url):
            raise ValueError("url: the base alone, with nothing to ask for")

    def render(self, order: PlanFact) -> bytes:
        """The resource as canonical JSON."""
        return canonical(mapping.resource(order, self.kept, self.language))

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """One attempt. DeliveryError says in our own words what went wrong, never in the server's."""
        made = json.loads(body)
        if not made["meta"]["source"].endswith(f"#{sending.fact_id}"):
            raise DeliveryError(DeliveryFault.PERMANENT, "the body belongs to another delivery")
        url = f"{self.url}/{made['resourceType']}?{mapping.condition(made['identifier'][0])}"
        own = {"Content-Type": MEDIA, "Accept": MEDIA, "Prefer": "return=representation"}
        reply = self.credentials.call(
            lambda headers, seconds: wire.put(url, body, {**headers, **own}, seconds, self.line),
            self.timeout)
        person = made.get("subject") or made["patient"]
        return unnamed(answer.receipt(reply, made, datetime.now(UTC)), person["identifier"]["value"])

    def compare(self, told: Told) -> RecordState:
        """Whether the plan's record stands as it was told. Strictly, or a server that does not know the
        condition would show others' records; and without what names a person."""
        own = mapping.identifier(told.plan_ref)
        bundle = self._read(f"{self.kept}?{mapping.condition(own)}&_elements=identifier,status",
                            {"Prefer": "handling=strict"})
        return answer.held(bundle, own, self.kept, mapping.status(self.kept, has_plan=told.has_plan))

    def check(self) -> list[str]:
        """What is wrong with address, credentials or server, by what it says of itself."""
        try:
            return list(capability.faults(self._read("metadata", {}), self.kept))
        except DeliveryError as error:
            return [error.message]

    def _read(self, what: str, headers: Mapping[str, str]) -> Resource:
        """DeliveryError: any answer but 200."""
        own = {"Accept": MEDIA, **headers}
        reply = self.credentials.call(
            lambda shown, seconds: wire.get(
                f"{self.url}/{what}", {**shown, **own}, seconds, self.line, LARGEST),
            self.timeout)
        if reply.status != 200:
            raise faulty(reply, datetime.now(UTC))
        return answer.resource(reply)
