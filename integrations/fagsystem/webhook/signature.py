"""Standard Webhooks: the headers that let a receiver know that the hub has sent this, and when."""
import binascii
from base64 import b64decode
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from standardwebhooks import Webhook

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64  # bytes, by the specification


def key(secret: str) -> Webhook:
    """The key of a secret as receivers are given it: base64, with whsec_ in front or not. ValueError.

    The library's own reading drops in silence what is no base64."""
    try:
        content = b64decode(secret.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        content = b""
    if not SHORTEST <= len(content) <= LONGEST:
        raise ValueError(f"whsec_ and {SHORTEST} to {LONGEST} bytes in base64")
    return Webhook(content)


def signed(keys: Sequence[Webhook], number: UUID, body: bytes, now: datetime) -> dict[str, str]:
    """The three headers, signed by every key: while a secret is changed the receiver knows one of two.

    `now` in UTC: the library takes every time for that."""
    text = body.decode()
    return {"webhook-id": str(number), "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(key.sign(str(number), now, text) for key in keys)}
