"""What a request says: the question in its body or address, and the headers that bear on the answer."""
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from schema.errors import BAD_REQUEST, TOO_LARGE

BODY_MAX = 262_144  # bytes; a question has 32,000 characters at most, and long texts come in variables
GRAPHQL, JSON = "application/graphql-response+json", "application/json"
ACCEPTED = {GRAPHQL: GRAPHQL, JSON: JSON, "application/*": JSON, "*/*": JSON}  # an old client takes anything
LANGUAGES = {"nb": "nb", "no": "nb", "nn": "nn", "en": "en"}
HEARD = 300  # characters of a header that is remembered: a browser's are about 130
KEY, MUNICIPALITY = re.compile(rb"[ -~]{1,200}"), re.compile(rb"\d{4}")


class Refusal(Exception):
    """A request that is no question: the status, our code, and `http.<key>` of the words with its values."""

    def __init__(self, status: int, key: str, code: str = BAD_REQUEST, **values: Any) -> None:
        super().__init__(key)
        self.status, self.key, self.code, self.values = status, key, code, values


@dataclass(frozen=True)
class Parameters:
    """The question itself."""
    query: str
    operation_name: str | None
    variables: dict[str, Any]


def by_name(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers; one that is there twice is joined with a comma, so that two tokens are none."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        found[name] = value if name not in found else found[name] + b"," + value
    return found


def from_address(query_string: bytes) -> Parameters:
    """GET: the specification's URL parameters, `variables` as JSON."""
    try:
        asked: dict[str, Any] = dict(parse_qsl(query_string.decode(), errors="strict"))
        for name in asked.keys() & {"variables", "extensions"}:
            asked[name] = orjson.loads(asked[name])
    except ValueError:
        raise Refusal(400, "PARAMETERS") from None
    return checked(asked)


async def from_body(receive: Receive, head: Mapping[bytes, bytes]) -> Parameters:
    """POST: one JSON object."""
    text = await body(receive, head.get(b"content-length", b"0"))
    try:
        asked = orjson.loads(text)
    except ValueError:
        raise Refusal(400, "NOT_JSON") from None
    if isinstance(asked, list):
        raise Refusal(400, "BATCH")
    if not isinstance(asked, dict):
        raise Refusal(400, "NOT_JSON")
    return checked(asked)


async def body(receive: Receive, declared: bytes, most: int = BODY_MAX) -> bytes:
    """The request's body; refused by what it is said to be, or as soon as it is, too large."""
    check_size(int(declared) if declared.isdigit() else 0, most)
    size, more, parts = 0, True, list[bytes]()
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size, more = size + len(parts[-1]), message.get("more_body", False)
        check_size(size, most)
    return b"".join(parts)


def check_size(size: int, most: int) -> None:
    if size > most:
        raise Refusal(413, "BODY_TOO_LARGE", TOO_LARGE, most=most)


def checked(asked: Mapping[str, Any]) -> Parameters:
    query, name, variables = asked.get("query"), asked.get("operationName"), asked.get("variables")
    if not isinstance(query, str) or not query:
        raise Refusal(400, "NO_QUERY")
    objects = isinstance(variables, dict | None) and isinstance(asked.get("extensions"), dict | None)
    if not (objects and isinstance(name, str | None)):
        raise Refusal(400, "PARAMETERS")
    return Parameters(query, name or None, variables or {})


def authorization(head: Mapping[bytes, bytes]) -> str | None:
    return head[b"authorization"].decode("latin-1") if b"authorization" in head else None


def idempotency_key(head: Mapping[bytes, bytes]) -> str | None:
    return given(head, b"idempotency-key", KEY, "IDEMPOTENCY_KEY")


def municipality(head: Mapping[bytes, bytes]) -> str | None:
    """The register number of the municipality that is asked; a person can have business in several."""
    return given(head, b"x-municipality", MUNICIPALITY, "MUNICIPALITY")


def given(head: Mapping[bytes, bytes], name: bytes, form: re.Pattern[bytes], key: str) -> str | None:
    value = head.get(name)
    if value is not None and not form.fullmatch(value):
        raise Refusal(400, key)
    return value.decode() if value else None


def is_json(head: Mapping[bytes, bytes], otherwise: bytes = b"") -> bool:
    """Whether the body is said to be JSON in UTF-8; `otherwise` is what it is where nothing is said."""
    return _is_json(head.get(b"content-type", otherwise)[:HEARD])


def media_type(head: Mapping[bytes, bytes]) -> str | None:
    """The media type of the answer, by Accept; None where the client takes neither of ours."""
    return _media_type(head.get(b"accept", b"")[:HEARD])


def language(head: Mapping[bytes, bytes], otherwise: str) -> str:
    """The language of the answer's texts: nb, nn or en by Accept-Language, or otherwise."""
    return _language(head.get(b"accept-language", b"")[:HEARD], otherwise)


@lru_cache(256)
def _is_json(said: bytes) -> bool:
    kind, *settings = said.lower().replace(b" ", b"").replace(b'"', b"").split(b";")
    return kind == b"application/json" and set(settings) <= {b"", b"charset=utf-8"}


@lru_cache(256)
def _media_type(accept: bytes) -> str | None:
    if not accept:
        return GRAPHQL  # since 2025, says the specification
    wished = sorted(preferred(accept), key=lambda name: "*" in name)
    return next((ACCEPTED[name] for name in wished if name in ACCEPTED), None)


@lru_cache(256)
def _language(accepted: bytes, otherwise: str) -> str:
    wished = (name.partition("-")[0] for name in preferred(accepted))
    return next((LANGUAGES[name] for name in wished if name in LANGUAGES), otherwise)


def preferred(header: bytes) -> list[str]:
    """What a client takes, best first by its q values."""
    parts = [part.split(";") for part in header.decode("latin-1").replace(" ", "").lower().split(",")]
    weighed = [(quality(settings), name) for name, *settings in parts]
    return [name for q, name in sorted(weighed, key=lambda each: -each[0]) if q > 0]


def quality(settings: list[str]) -> float:
    said = next((each[2:] for each in settings if each.startswith("q=")), "1")
    return float(said) if re.fullmatch(r"[01](\.[0-9]{0,3})?", said) else 0.0
