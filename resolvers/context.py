"""Who asks, when, in which language, and through which doors to the database."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from db.engine import Reader, Writing
from db.rules.signing import SignIn
from db.seal import Seal
from db.write.find import Through
from integrations.target import Target


@dataclass(frozen=True)
class Client:
    """A system that has signed in: in whose name, by whom, and for which of the two that systems may do."""
    organisation: str
    supplier: str | None = None  # where another organisation asks for them, as Maskinporten lets it
    asks: bool = False
    creates: bool = False


@dataclass(frozen=True)
class Viewer:
    """Who has signed in. A system client is no person: it sees what is open to all in the municipality."""
    municipality: int
    person: UUID | None
    language: str
    sign_in: SignIn | None = None  # of a person whose token tells when they signed in
    client: Client | None = None  # of a system
    through: Through | None = None  # what a system does for a person, it does as them


@dataclass(frozen=True)
class Hub:
    """What every request shares."""
    reader: Reader
    writer: Callable[[datetime], Writing]
    seal: Seal
    clock: Callable[[], datetime]
    demo: bool = False
    log: bool = True  # the access log; only the benchmark turns it off
    spend: Callable[[object, int], None] | None = None  # of a client, for a new question: schema/budget
    targets: Mapping[str, Target] = field(default_factory=dict)
    url: str = ""  # what people are told to open


@dataclass(frozen=True)
class Context:
    """One request: `now` is the same moment for all that it reads and writes."""
    hub: Hub
    viewer: Viewer
    now: datetime
    language: str
    idempotency_key: str | None = None
    request_hash: bytes = b""
    field: str = ""  # the response key of the change at hand: each is a transaction of its own
