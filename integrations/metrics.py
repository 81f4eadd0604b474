"""What a worker counts for those who run it, as Prometheus reads it: targets by name, nobody and no plan."""
from asyncio import timeout
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from db.engine import BUSY, Reader, Writer
from db.read.target import Standing, standings
from db.write.attempt import Outcome

ATTEMPTS = Counter("hub_delivery_attempts", "Attempts at deliveries, by what came of them.",
                   ("target", "outcome"))
SECONDS = Histogram("hub_delivery_attempt_seconds", "How long an attempt takes, with what is packed for it.",
                    ("target",), buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60))
UNDER_WAY = Gauge("hub_deliveries_under_way", "Attempts that this worker makes now.", ("target",))
LISTENING = Gauge("hub_listener_up", "Whether this worker hears a target's receipts.", ("target",))
POLLS = Counter("hub_queue_polls", "How often this worker has asked the queue for a job.")
CONNECTIONS = Gauge("hub_database_connections", "Connections to the database in use, by what for.", ("use",))
DATABASE = Gauge("hub_database_up", "Whether the database answers; what is told of targets is its word.")
WITHIN = 2  # seconds for the database


@contextmanager
def attempting(target: str) -> Iterator[None]:
    with UNDER_WAY.labels(target).track_inprogress(), SECONDS.labels(target).time():
        yield


def attempted(target: str, outcome: Outcome) -> None:
    """confirmed, accepted (heard, no more), cancelled, or the kind of fault."""
    if outcome.confirmed:
        came = "confirmed"
    elif outcome.fault is not None:
        came = outcome.fault.lower()
    else:
        came = "accepted" if outcome.then else "cancelled"
    ATTEMPTS.labels(target, came).inc()


async def exposed(reader: Reader, writer: Writer, now: datetime) -> bytes:
    """All that this process counts, and how it is with the targets, as Prometheus reads it."""
    CONNECTIONS.labels("reading").set(reader.in_use)
    CONNECTIONS.labels("writing").set(writer.in_use)
    try:
        async with timeout(WITHIN):
            found = await standings(reader, now)
    except (TimeoutError, *BUSY):
        found = []
        DATABASE.set(0)
    else:
        DATABASE.set(1)
    return generate_latest(REGISTRY) + generate_latest(of_targets(found))


def of_targets(found: Iterable[Standing]) -> CollectorRegistry:
    """Made anew each time: a target that is no more leaves nothing behind."""
    registry, of = CollectorRegistry(), ("municipality", "target")
    waiting = Gauge("hub_target_waiting", "Deliveries that are not done.", of, registry=registry)
    oldest = Gauge("hub_target_oldest_unconfirmed_seconds", "How long the first of them has waited.", of,
                   registry=registry)
    paused = Gauge("hub_target_paused", "Whether it waits for somebody to resume it.", of, registry=registry)
    resting = Gauge("hub_target_resting", "Whether its circuit breaker is open.", of, registry=registry)
    for one in found:
        for gauge, value in ((waiting, one.waiting), (oldest, one.oldest), (paused, one.paused),
                             (resting, one.resting)):
            gauge.labels(one.municipality, one.target).set(value)
    return registry
