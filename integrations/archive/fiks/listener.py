"""What comes to our account: AMQP 0-9-1 from the carrier's queue, acknowledged when it is dealt with."""
import logging
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from pika import BlockingConnection, ConnectionParameters, PlainCredentials, SSLOptions
from pika.exceptions import AMQPError

from integrations.archive.fiks.carrier import Carrier
from integrations.network import addresses
from integrations.target import DeliveryError
from integrations.wire import Line

PREFETCH = 10
TICK = 1  # seconds between looks at whether to stop
PAUSES = 1, 2, 5, 15, 60, 300  # seconds before connecting again
HELD = 1, 2, *(5,) * 276  # seconds between tries to write one down: 23 minutes, for the broker waits 30
OWN = "egendefinert-header."
log = logging.getLogger(__name__)
logging.getLogger("pika").setLevel(logging.CRITICAL)  # it writes out what the broker says, and its addresses


@dataclass(frozen=True)
class Message:
    """One message of the queue; `about`: the delivery that it says it answers."""
    id: UUID | None
    kind: str
    sender: UUID | None
    about: UUID | None
    content: bytes = field(repr=False)


def message(headers: Mapping[str, Any], content: bytes) -> Message:
    """By its headers. klientKorrelasjonsId is what KS' clients copy into every answer; klientMeldingId is by
    the specification the answer's own, but some copy that, and the carrier may give back both."""
    one, sender, *about = (_uuid(headers.get(name)) for name in (
        "melding-id", "avsender-id", f"{OWN}klientKorrelasjonsId", f"{OWN}klientMeldingId"))
    return Message(one, str(headers.get("type")), sender, next(filter(None, about), None), content)


@dataclass(frozen=True)
class Listener:
    """The queue of one account, at `url`: amqps://host:port."""
    url: str
    account: UUID
    carrier: Carrier
    line: Line = field(default_factory=Line, repr=False)

    def listen(self, take: Callable[[Message], None], stop: Event) -> None:
        """Hands on each message until told to stop, connecting anew whenever it must. `take` returns when the
        message is dealt with; raises, and the message is held, and handed on again."""
        failures = 0
        while not stop.is_set():
            try:
                for _ in self._ticks(take, stop):
                    failures = 0
            except (AMQPError, OSError, DeliveryError) as error:
                known = error.message if isinstance(error, DeliveryError) else type(error).__name__
                log.warning("The connection to Fiks IO: %s", known)
            pause = PAUSES[min(failures, len(PAUSES) - 1)]
            failures += 1
            stop.wait(pause * random.uniform(0.5, 1))  # noqa: S311  no secret

    def check(self) -> None:
        """That we are let in, and the queue is there. AMQPError, OSError or DeliveryError where not."""
        connection = self._connection()
        try:
            connection.channel().queue_declare(self.queue, passive=True)
        finally:
            connection.close()

    @property
    def queue(self) -> str:
        return f"fiksio.konto.{self.account}"

    def _ticks(self, take: Callable[[Message], None], stop: Event) -> Iterator[None]:
        """A tick for each message and each second, until `stop` is set or the connection ends."""
        connection = self._connection()
        try:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=PREFETCH)
            for method, properties, body in channel.consume(self.queue, inactivity_timeout=TICK):
                if method is not None:
                    if not _dealt_with(connection, take, message(properties.headers or {}, body), stop):
                        return
                    channel.basic_ack(method.delivery_tag)
                yield
                if stop.is_set():
                    return
        finally:
            if connection.is_open:
                connection.close()

    def _connection(self) -> BlockingConnection:
        """Signed in with a token that is fresh: it is looked at when the connection is made."""
        where, integration = urlsplit(self.url), self.carrier.integration
        host, port = str(where.hostname), where.port or 5671
        password = f"{integration.password} {self.carrier.token()}"
        return BlockingConnection([ConnectionParameters(
            address, port, credentials=PlainCredentials(str(integration.id), password),
            ssl_options=SSLOptions(self.line.tls, host), heartbeat=60, socket_timeout=self.carrier.timeout,
            stack_timeout=self.carrier.timeout, blocked_connection_timeout=self.carrier.timeout,
            client_properties={"connection_name": "stafettlogg-hub"})
            for address in addresses(host, port, self.line.networks)])


def _dealt_with(connection: BlockingConnection, take: Callable[[Message], None], told: Message,
                stop: Event) -> bool:
    """Whether it could be written down in the end. It is not given back meanwhile: the carrier counts three
    deliveries, and then takes the message away."""
    for seconds in HELD:
        try:
            take(told)
        except Exception as error:  # noqa: BLE001  whatever it was, the message stays in the queue
            log.warning("Fiks IO message %s is not written down yet: %s", told.id, type(error).__name__)
        else:
            return True
        connection.sleep(seconds)  # while heartbeats go on
        if stop.is_set():
            break
    return False


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
