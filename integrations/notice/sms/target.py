"""An SMS gateway behind one address: POST {id, to, text}, answered by JSON with the same id."""
import json
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

from integrations import wire
from integrations.network import connected
from integrations.notice.letter import number
from integrations.target import DeliveryError, DeliveryFault, Notice, Receipt, Sending

REFERENCE = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
STATUSES = {401: DeliveryFault.AUTH, 403: DeliveryFault.AUTH, 407: DeliveryFault.AUTH,
            404: DeliveryFault.RETRYABLE, 408: DeliveryFault.RETRYABLE, 425: DeliveryFault.RETRYABLE,
            429: DeliveryFault.RETRYABLE, 410: DeliveryFault.GONE}


class SmsGateway:
    """One gateway, `token` its bearer secret. ValueError: an address over which numbers may not travel."""

    def __init__(self, name: str, url: str, token: str | None = None, timeout: float = 15,
                 line: wire.Line | None = None) -> None:
        if not wire.safe(url):
            raise ValueError("url: https (http only to this machine), without user name or password")
        self.name, self.url, self.timeout, self._token = name, url, timeout, token
        self.line = line or wire.Line()

    def render(self, order: Notice) -> bytes:
        said = {"id": str(order.fact_id), "to": number(order.address), "text": order.text}
        return json.dumps(said, ensure_ascii=False).encode()

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """A repeat has the same id, by which the gateway sends it once."""
        to = json.loads(body)["to"]
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(sending.fact_id),
                   **({"Authorization": f"Bearer {self._token}"} if self._token else {})}
        return receipt(wire.post(self.url, body, headers, self.timeout, self.line), sending.fact_id, to)

    def check(self) -> list[str]:
        """Whether anybody listens: more can't be asked without sending."""
        parts = urlsplit(self.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            connected(str(parts.hostname), port, self.line.networks, self.timeout).close()
        except DeliveryError as error:
            return [error.message]
        except OSError:
            return ["no connection"]
        return []


def receipt(reply: wire.Reply, fact_id: UUID, to: str) -> Receipt:
    """Taken, where the gateway says so of this very notice; DeliveryError for every other reply."""
    if not 200 <= reply.status < 300:
        rest = DeliveryFault.PERMANENT if 400 <= reply.status < 500 else DeliveryFault.RETRYABLE
        raise DeliveryError(STATUSES.get(reply.status, rest), f"HTTP {reply.status}",
                            reply.retry_after(datetime.now(UTC)))
    said = _object(reply.content)
    if said.get("id") != str(fact_id):
        raise DeliveryError(DeliveryFault.RETRYABLE, "the answer is not the gateway's")
    known = str(said.get("reference", ""))
    fit = REFERENCE.fullmatch(known) and to.lstrip("+") not in known  # administrators read it
    return Receipt(confirmed=True, reference=known if fit else None, code=str(reply.status))


def _object(content: bytes) -> dict[str, object]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
