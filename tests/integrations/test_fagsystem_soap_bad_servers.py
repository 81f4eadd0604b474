"""The SOAP target against servers that are slow, broken, hostile or wrongly set up: every call ends."""
import gzip
import socket
import ssl
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from lxml import etree

from integrations.fagsystem.soap.contract import NAMESPACE, WSDL
from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.sign_in import SignIn
from integrations.soap import ENVELOPES, Endpoint, SoapVersion
from integrations.target import DeliveryError, DeliveryFault, FactKind, PlanFact, Receipt, Sending
from tests.support.tls import Ends

OWNER = "15861490049"  # the synthetic series: 80 is added to the month
FACT = PlanFact(
    UUID(int=1), UUID(int=2), 1, FactKind.OPENED, datetime(2026, 3, 2, tzinfo=UTC), True, date(2026, 3, 2),
    None, OWNER, "4601", "987654321", None, "https://hub.example/1", False)
WHO = SignIn("username_token", "hub", "an invented password")
PATIENCE = 0.4  # seconds for a call to a slow server
SLACK = 3.0  # seconds until a busy machine must have noticed

Speech = Callable[[socket.socket], None]


@dataclass
class Server:
    url: str = ""
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def serving(speak: Speech, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server that reads each request whole, then speaks as it is told to."""
    server, over = Server(), threading.Event()

    def answer(plain: socket.socket) -> None:
        with suppress(OSError), (tls.wrap_socket(plain, server_side=True) if tls else plain) as connection:
            connection.settimeout(SLACK)
            server.requests.append(whole_request(connection))
            speak(connection)

    def listen() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                answer(listener.accept()[0])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        server.url = f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}/soap"
        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield server
        finally:
            over.set()
            thread.join()


def whole_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def http(status: str, body: bytes = b"", *headers: str, media: str = "text/xml") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def answer(reference: str = "A-1") -> bytes:
    return (f'<s:Envelope xmlns:s="{ENVELOPES["1.1"]}" xmlns="{NAMESPACE}"><s:Body><registerResponse><answer>'
            f"<result>CONFIRMED</result><reference>{reference}</reference></answer></registerResponse>"
            "</s:Body></s:Envelope>").encode()


def saying(reply: bytes) -> Speech:
    return lambda connection: connection.sendall(reply)


def dripping(*pieces: bytes) -> Speech:
    def speak(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.05)
    return speak


def drops(text: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in text]


def told(url: str, timeout: float = SLACK, soap: SoapVersion = "1.1",
         tls: ssl.SSLContext | None = None) -> Receipt:
    endpoint = Endpoint(url, WHO, timeout, tls or ssl.create_default_context())
    target = SoapFagsystem("fagsystem", endpoint, soap)
    return target.deliver(target.render(FACT), Sending(FACT.fact_id))


def failure(url: str, timeout: float = SLACK) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        told(url, timeout=timeout)
    return caught.value


@pytest.mark.parametrize("soap", ["1.1", "1.2"])
def test_what_is_sent_is_valid_and_signed_in(soap: SoapVersion) -> None:
    with serving(saying(http("200 OK", answer()))) as server:
        assert told(server.url, soap=soap) == Receipt(True, "A-1", "CONFIRMED")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    envelope = etree.fromstring(body)
    assert envelope.tag == f"{{{ENVELOPES[soap]}}}Envelope"
    (register,) = envelope.iter(f"{{{NAMESPACE}}}register")
    (types,) = etree.parse(str(WSDL)).getroot().iter("{http://www.w3.org/2001/XMLSchema}schema")
    etree.XMLSchema(types).assertValid(register)
    assert envelope.findtext(".//{*}UsernameToken/{*}Username") == "hub"
    password = next(envelope.iter("{*}Password"))
    assert (password.text, str(password.get("Type"))[-13:]) == ("an invented password", "#PasswordText")
    assert f"{NAMESPACE}/register".encode() in head  # the action
    assert OWNER.encode() not in head


def test_nobody_at_home_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/"
    assert failure(url).fault is DeliveryFault.RETRYABLE


@pytest.mark.parametrize("speak", [
    lambda connection: time.sleep(2 * PATIENCE),
    dripping(*drops(http("200 OK", answer()))),
    dripping(http("200 OK", answer())[:-200], *drops(http("200 OK", answer())[-200:])),
    dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 50),
    dripping(*[b"HTTP/1.1 102 Processing\r\n\r\n"] * 50),
], ids=["silent", "head drips", "body drips", "chunks drip", "processing forever"])
def test_one_deadline_holds_for_the_whole_call(speak: Speech) -> None:
    with serving(speak) as server:
        began = time.monotonic()
        error = failure(server.url, timeout=PATIENCE)
        assert time.monotonic() - began < SLACK
    assert (error.fault, error.message) == (DeliveryFault.RETRYABLE, "no whole answer within the time limit")


def endless(start: bytes, more: bytes) -> Speech:
    def speak(connection: socket.socket) -> None:
        connection.sendall(start)
        with suppress(OSError):
            while True:
                connection.sendall(more)
    return speak


@pytest.mark.parametrize("speak", [
    endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n", b"<a>" * 10_000),
    endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"2710\r\n" + b"x" * 10_000 + b"\r\n"),
    saying(http("200 OK", b" " * 2_000_000 + answer())),
], ids=["endless", "endless chunks", "two megabytes"])
def test_an_answer_has_a_greatest_length(speak: Speech) -> None:
    with serving(speak) as server:
        error = failure(server.url)
    assert (error.fault, error.message) == (DeliveryFault.RETRYABLE, "the answer is too long")


def test_a_gzip_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 100_000_000)
    with serving(saying(http("200 OK", bomb, "Content-Encoding: gzip"))) as server:
        target = SoapFagsystem("fagsystem", Endpoint(server.url))
        target.check()  # so that the contract is read before memory is counted
        tracemalloc.start()
        with pytest.raises(DeliveryError) as caught:
            target.deliver(target.render(FACT), Sending(FACT.fact_id))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert caught.value.fault is DeliveryFault.RETRYABLE
    assert peak < 4_000_000


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Elsewhere", "308 For Good"])
def test_a_redirect_is_never_followed(status: str) -> None:
    with (serving(saying(http("200 OK", answer()))) as elsewhere,
          serving(saying(http(status, b"", f"Location: {elsewhere.url}"))) as server):
        assert failure(server.url).fault is DeliveryFault.RETRYABLE
    assert (len(server.requests), elsewhere.requests) == (1, [])


@pytest.mark.parametrize("reply, fault", [
    (http("401 Unauthorized", b"<html>", media="text/html"), DeliveryFault.AUTH),
    (http("403 Forbidden"), DeliveryFault.AUTH),
    (http("400 Bad Request", b"<html>", media="text/html"), DeliveryFault.PERMANENT),
    (http("503 Unavailable", b"<html>Vent</html>", media="text/html"), DeliveryFault.RETRYABLE),
    (http("200 OK", b"<html>Logg inn</html>", media="text/html"), DeliveryFault.RETRYABLE),
    (http("200 OK", answer()[:-9]), DeliveryFault.RETRYABLE),
    (http("200 OK"), DeliveryFault.RETRYABLE),
    (http("204 No Content"), DeliveryFault.RETRYABLE),
    (http("200 OK", answer())[:-30], DeliveryFault.RETRYABLE),
    (b"SSH-2.0-OpenSSH_9.6\r\n", DeliveryFault.RETRYABLE),
    (b"", DeliveryFault.RETRYABLE),
])
def test_a_bad_answer_has_its_class(reply: bytes, fault: DeliveryFault) -> None:
    with serving(saying(reply)) as server:
        assert failure(server.url).fault is fault


def test_too_many_calls_are_repeated_when_the_receiver_says() -> None:
    with serving(saying(http("429 Too Many Requests", b"", "Retry-After: 120"))) as server:
        error = failure(server.url)
    assert (error.fault, error.retry_after) == (DeliveryFault.RETRYABLE, timedelta(minutes=2))


def test_a_connection_that_is_reset_in_the_middle_is_tried_again() -> None:
    def reset(connection: socket.socket) -> None:
        connection.sendall(http("200 OK", answer())[:-30])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with serving(reset) as server:
        assert failure(server.url).fault is DeliveryFault.RETRYABLE


def test_an_empty_202_is_heard_but_not_confirmed() -> None:
    with serving(saying(http("202 Accepted"))) as server:
        assert told(server.url) == Receipt(False, None, "202")


def test_entities_and_dtds_are_refused_and_nothing_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "reference").write_text("A-1", "utf-8")
    with serving(saying(http("200 OK", b"A-1"))) as elsewhere:
        for definition in (
                f'[<!ENTITY r SYSTEM "file://{tmp_path}/reference">]',
                f'[<!ENTITY r SYSTEM "{elsewhere.url}">]',
                f'SYSTEM "{elsewhere.url}" [<!ENTITY r "A-1">]',
                '[<!ENTITY r "A-1">]'):
            document = f"<!DOCTYPE x {definition}>".encode() + answer(reference="&r;")
            with serving(saying(http("200 OK", document))) as server:
                assert failure(server.url).fault is DeliveryFault.RETRYABLE
    assert elsewhere.requests == []


def test_tls_is_spoken_with_those_we_trust_alone(ends: Ends) -> None:
    with serving(saying(http("200 OK", answer())), ends[0]) as server:
        assert told(server.url, tls=ends[1]).confirmed
        error = failure(server.url)
    assert (error.fault, len(server.requests)) == (DeliveryFault.RETRYABLE, 1)


def test_an_answer_that_drips_through_tls_meets_the_same_deadline(
        ends: Ends) -> None:
    with serving(dripping(*drops(http("200 OK", answer()))), ends[0]) as server:
        began = time.monotonic()
        with pytest.raises(DeliveryError, match="no whole answer within the time limit"):
            told(server.url, PATIENCE, tls=ends[1])
        assert time.monotonic() - began < SLACK


def test_a_tls_handshake_that_never_ends_meets_the_same_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes the connection and says nothing
        began = time.monotonic()
        error = failure(f"https://127.0.0.1:{mute.getsockname()[1]}/", timeout=PATIENCE)
    assert error.message == "no whole answer within the time limit"
    assert time.monotonic() - began < SLACK
