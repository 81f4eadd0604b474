"""What an HTTP reply that is no answer means, and whose it is; of the reply's own words nothing is kept."""
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from integrations.target import DeliveryError, DeliveryFault
from integrations.wire import Reply

FAULTS = {401: DeliveryFault.AUTH, 403: DeliveryFault.AUTH, 407: DeliveryFault.AUTH,
          410: DeliveryFault.GONE,
          404: DeliveryFault.RETRYABLE,  # what a gateway says while the service behind it starts
          408: DeliveryFault.RETRYABLE, 425: DeliveryFault.RETRYABLE, 429: DeliveryFault.RETRYABLE}

PLAIN = frozenset(FAULTS) - {404}  # no body changes what these say


@contextmanager
def asking(who: str) -> Iterator[None]:
    """Every DeliveryError of what is asked begins with whom it was asked of."""
    try:
        yield
    except DeliveryError as error:
        raise DeliveryError(error.fault, f"{who}: {error.message}", error.retry_after) from None


def faulty(reply: Reply, now: datetime) -> DeliveryError:
    rest = DeliveryFault.PERMANENT if 400 <= reply.status < 500 else DeliveryFault.RETRYABLE
    return DeliveryError(FAULTS.get(reply.status, rest), f"HTTP {reply.status}",
                         reply.retry_after(now))
