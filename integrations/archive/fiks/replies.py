"""What an HTTP reply that is no answer means; of the reply's own words nothing is kept."""
from datetime import UTC, datetime

from integrations.target import DeliveryError, DeliveryFault
from integrations.wire import Reply

FAULTS = {401: DeliveryFault.AUTH, 403: DeliveryFault.AUTH, 407: DeliveryFault.AUTH,
          404: DeliveryFault.RETRYABLE,  # what a gateway says while the service behind it starts
          408: DeliveryFault.RETRYABLE, 425: DeliveryFault.RETRYABLE, 429: DeliveryFault.RETRYABLE}


def faulty(who: str, reply: Reply) -> DeliveryError:
    rest = DeliveryFault.PERMANENT if 400 <= reply.status < 500 else DeliveryFault.RETRYABLE
    return DeliveryError(FAULTS.get(reply.status, rest), f"{who}: HTTP {reply.status}.",
                         reply.retry_after(datetime.now(UTC)))
