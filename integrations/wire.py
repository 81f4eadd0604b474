"""One HTTP call that ends: one deadline round the whole call, a cap on the answer, nothing followed.

httpcore without httpx or requests on top: those follow redirects, read proxies and passwords from the
environment, unpack gzip bombs, and their time-outs start anew at every byte that drips in."""
import logging
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from urllib.parse import urlsplit

import httpcore

from integrations.network import Networks, addresses, loopback
from integrations.target import DeliveryError, DeliveryFault

LIMIT = 1 << 20  # bytes of an answer, head included; a receipt has some hundred
LONGEST_WAIT = timedelta(days=1)  # a receiver that asks for more has its clock wrong

# At DEBUG it writes out every header of the answer, and some servers echo what they were sent.
logging.getLogger("httpcore").setLevel(logging.INFO)


@dataclass(frozen=True)
class Line:
    """How a target is come to. `networks`: the private ones that it may be in; `tls`: whom we trust, and who
    we are."""
    networks: Networks = ()
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)


@dataclass(frozen=True)
class Reply:
    """What came back: header names in lower case, content as it came. Neither shows in a trace or a log."""
    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    def retry_after(self, now: datetime) -> timedelta | None:
        """RFC 9110 §10.2.3: seconds or a date; None for anything else."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return min(timedelta(seconds=int(value[:9])), LONGEST_WAIT)
        try:
            at = parsedate_to_datetime(value)
            wait = at.replace(tzinfo=at.tzinfo or UTC) - now
        except (ValueError, OverflowError):
            return None
        return min(max(wait, timedelta()), LONGEST_WAIT)


def safe(url: str) -> bool:
    """What is personal travels over TLS, and no password stands in an address, which people are shown."""
    parts = urlsplit(url)
    return parts.username is None and bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and loopback(str(parts.hostname))))


def post(url: str, content: bytes, headers: Mapping[str, str], timeout: float, line: Line,
         limit: int = LIMIT) -> Reply:
    """One POST, answered whole within `timeout` seconds (a name look-up ends by the machine's resolver).

    DeliveryError(RETRYABLE): no connection, no answer in time, more than `limit` bytes, not HTTP, or an
    address at which the target may not be."""
    return _call("POST", url, content, headers, _Bounded(timeout, limit, line))


def put(url: str, content: bytes, headers: Mapping[str, str], timeout: float, line: Line) -> Reply:
    """One PUT, as `post`."""
    return _call("PUT", url, content, headers, _Bounded(timeout, LIMIT, line))


def get(url: str, headers: Mapping[str, str], timeout: float, line: Line, limit: int = LIMIT) -> Reply:
    """One GET, as `post`."""
    return _call("GET", url, None, headers, _Bounded(timeout, limit, line))


def _call(method: str, url: str, content: bytes | None, headers: Mapping[str, str],
          network: "_Bounded") -> Reply:
    sent = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "stafettlogg-hub", **headers}
    try:
        with httpcore.ConnectionPool(ssl_context=network.line.tls, network_backend=network) as pool:
            answer = pool.request(method, url, content=content, headers=list(sent.items()))
    except httpcore.TimeoutException:
        raise _retryable("no whole answer within the time limit") from None
    except (httpcore.NetworkError, OSError, UnicodeError):  # UnicodeError: a host name that can't be one
        raise _retryable("no connection, or it broke before the answer was whole") from None
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol):
        raise _retryable("the answer is not whole, or not HTTP") from None
    return Reply(answer.status, {name.decode("latin-1").lower(): value.decode("latin-1")
                                 for name, value in answer.headers}, answer.content)


def _retryable(message: str) -> DeliveryError:
    return DeliveryError(DeliveryFault.RETRYABLE, message)


class _Bounded(httpcore.NetworkBackend):
    """The network for one call. The clock starts with the call, and every step gets only what is left."""

    def __init__(self, timeout: float, limit: int, line: Line) -> None:
        self.deadline, self.limit, self.line = monotonic() + timeout, limit, line
        self.network = httpcore.SyncBackend()

    def left(self) -> float:
        """Seconds to the deadline, always above nothing: a socket takes 0 for "don't wait"."""
        seconds = self.deadline - monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout
        return seconds

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """The first of the host's addresses that answers; all of them together have one deadline."""
        for address in addresses(host, port, self.line.networks):
            try:
                stream = self.network.connect_tcp(address, port, self.left(), local_address)
            except httpcore.ConnectError:
                continue
            return _BoundedStream(stream, self)
        raise httpcore.ConnectError


class _BoundedStream(httpcore.NetworkStream):
    """A connection that reads at most so many bytes, and nothing after the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, call: _Bounded) -> None:
        self.stream, self.call, self.count = stream, call, 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self.stream.read(max_bytes, self.call.left())
        self.count += len(data)
        if self.count > self.call.limit:
            raise _retryable("the answer is too long")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.call.left())

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None,
                  timeout: float | None = None) -> httpcore.NetworkStream:
        secured = self.stream.start_tls(ssl_context, server_hostname, self.call.left())
        return _BoundedStream(secured, self.call)

    def close(self) -> None:
        self.stream.close()
