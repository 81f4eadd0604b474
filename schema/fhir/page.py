"""The address of a page of what was found: sealed, for whoever searched alone, and soon of no use."""
import base64
import binascii
from datetime import datetime, timedelta

import orjson

from db.seal import Seal, SealBroken
from schema.fhir.search import Search
from schema.parameters import Refusal

LASTS = timedelta(minutes=10)


def sealed(seal: Seal, search: Search, start: int, asker: str, now: datetime) -> str:
    """What GET takes to show the page that begins with the Flag number `start`. The same is never sealed
    alike, so that two of them do not tell whether they are about the same person."""
    until = int((now + LASTS).timestamp())
    text = orjson.dumps([search.number, search.filters, search.count, start, until])
    return base64.urlsafe_b64encode(seal.close(text, _context(asker))).rstrip(b"=").decode()


def opened(seal: Seal, text: str, asker: str, now: datetime) -> tuple[Search, int]:
    """The search, and where the page begins. Refusal: too old, another's, or none."""
    try:
        whole = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        number, filters, count, start, until = orjson.loads(seal.open(whole, _context(asker)))
    except (binascii.Error, ValueError, SealBroken):
        raise Refusal(404, "FHIR_PAGE") from None
    if now.timestamp() > until:
        raise Refusal(404, "FHIR_PAGE")
    kept = tuple((name, tuple((system, code) for system, code in tokens)) for name, tokens in filters)
    return Search(number, kept, count), start


def _context(asker: str) -> str:
    return f"fhir.page {asker}"
