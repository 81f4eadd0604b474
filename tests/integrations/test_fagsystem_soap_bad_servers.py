"""Fagsystemer over SOAP that are slow, broken, hostile or wrongly set up: in either way every call ends."""
import gzip
import re
import socket
import ssl
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from integrations.fagsystem.soap.vendor.target import VendorsFagsystem
from integrations.sign_in import SignedIn, SignIn
from integrations.soap import ENVELOPES, Endpoint, SoapVersion
from integrations.target import DeliveryError, DeliveryFault, Receipt
from integrations.wire import Line
from tests.support.fagsystems import LINE, OWNER, Way, failure, own, vendors
from tests.support.tls import Ends, certificate

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
    if head.startswith(b"GET "):
        return data
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def http(status: str, body: bytes = b"", *headers: str, media: str = "text/xml") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


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


@dataclass(frozen=True)
class Hub:
    """What tells, in one of the two ways."""
    way: Way

    def told(self, url: str, timeout: float = SLACK, soap: SoapVersion = "1.1",
             tls: ssl.SSLContext | None = None) -> Receipt:
        return self.way.told(Endpoint(url, WHO, timeout, Line(tls=tls) if tls else LINE), soap)

    def failure(self, url: str, timeout: float = SLACK) -> DeliveryError:
        return failure(self.way, Endpoint(url, WHO, timeout, LINE))


@pytest.fixture(params=["HarStafettlogg", "a vendor's WSDL"], scope="module")
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Hub:
    return Hub(own() if request.param == "HarStafettlogg" else vendors(tmp_path_factory.mktemp("vendors")))


@pytest.mark.parametrize("soap", ["1.1", "1.2"])
def test_what_is_sent_is_valid_and_signed_in(hub: Hub, soap: SoapVersion) -> None:
    with serving(saying(http("200 OK", hub.way.answer()))) as server:
        receipt = hub.told(server.url, soap=soap)
    assert (receipt.confirmed, receipt.reference) == (True, "A-1")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    envelope = etree.fromstring(body)
    assert envelope.tag == f"{{{ENVELOPES[soap]}}}Envelope"
    (message,) = envelope.iter(hub.way.message)
    hub.way.schema().assertValid(message)
    assert envelope.findtext(".//{*}UsernameToken/{*}Username") == "hub"
    password = next(envelope.iter("{*}Password"))
    assert (password.text, str(password.get("Type"))[-13:]) == ("an invented password", "#PasswordText")
    assert re.search(rb"/[Rr]egistr?er", head)  # the action
    assert OWNER.encode() not in head


def test_addressing_says_once_what_is_asked_and_of_whom(hub: Hub) -> None:
    with serving(saying(http("200 OK", hub.way.answer()))) as server:
        hub.way.told(Endpoint(server.url, addressing=True))
    envelope = etree.fromstring(server.requests[0].partition(b"\r\n\r\n")[2])
    told = [(etree.QName(node).localname, node.text) for node in envelope.iter("{*}Action", "{*}To")]
    assert [name for name, _ in told] == ["Action", "To"]
    assert dict(told)["To"] == server.url


@pytest.mark.parametrize("sign_in, header", [
    (SignIn("basic", "hub", "hemmelig"), b"Authorization: Basic aHViOmhlbW1lbGln\r\n"),
    (SignIn("apikey", None, "hemmelig", "X-Key"), b"X-Key: hemmelig\r\n")])
def test_what_signs_in_by_the_head_stands_there_alone(hub: Hub, sign_in: SignIn, header: bytes) -> None:
    with serving(saying(http("200 OK", hub.way.answer()))) as server:
        hub.way.told(Endpoint(server.url, sign_in))
    assert header in server.requests[0]
    assert b"Security" not in server.requests[0]


def test_a_certificate_says_who_we_are(hub: Hub, tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(pem)
    theirs.load_verify_locations(pem)
    theirs.verify_mode = ssl.CERT_REQUIRED
    ours, nobody = SignedIn(certificate_file=pem).line().tls, SignedIn().line().tls
    for context in (ours, nobody):
        context.load_verify_locations(pem)
    with serving(saying(http("200 OK", hub.way.answer())), theirs) as server:
        assert hub.told(server.url, tls=ours).confirmed
        with pytest.raises(DeliveryError, match="no connection, or it broke"):
            hub.told(server.url, tls=nobody)


def test_nobody_at_home_is_tried_again(hub: Hub) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/"
    assert hub.failure(url).fault is DeliveryFault.RETRYABLE


@pytest.mark.parametrize("speak", [
    lambda _: lambda connection: time.sleep(2 * PATIENCE),
    lambda sound: dripping(*drops(sound)),
    lambda sound: dripping(sound[:-200], *drops(sound[-200:])),
    lambda _: dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 50),
    lambda _: dripping(*[b"HTTP/1.1 102 Processing\r\n\r\n"] * 50),
], ids=["silent", "head drips", "body drips", "chunks drip", "processing forever"])
def test_one_deadline_holds_for_the_whole_call(hub: Hub, speak: Callable[[bytes], Speech]) -> None:
    with serving(speak(http("200 OK", hub.way.answer()))) as server:
        began = time.monotonic()
        error = hub.failure(server.url, timeout=PATIENCE)
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
    saying(http("200 OK", b" " * 2_000_000)),
], ids=["endless", "endless chunks", "two megabytes"])
def test_an_answer_has_a_greatest_length(hub: Hub, speak: Speech) -> None:
    with serving(speak) as server:
        error = hub.failure(server.url)
    assert (error.fault, error.message) == (DeliveryFault.RETRYABLE, "the answer is too long")


def test_a_gzip_bomb_is_not_unpacked(hub: Hub) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    with serving(saying(http("200 OK", bomb, "Content-Encoding: gzip"))) as server:
        hub.failure(server.url)  # so that the contract is read before memory is counted
        tracemalloc.start()
        error = hub.failure(server.url)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert error.fault is DeliveryFault.RETRYABLE
    assert peak < 4_000_000


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Elsewhere", "308 For Good"])
def test_a_redirect_is_never_followed(hub: Hub, status: str) -> None:
    with (serving(saying(http("200 OK", hub.way.answer()))) as elsewhere,
          serving(saying(http(status, b"", f"Location: {elsewhere.url}"))) as server):
        assert hub.failure(server.url).fault is DeliveryFault.RETRYABLE
    assert (len(server.requests), elsewhere.requests) == (1, [])


@pytest.mark.parametrize("reply, fault", [
    (http("401 Unauthorized", b"<html>", media="text/html"), DeliveryFault.AUTH),
    (http("403 Forbidden"), DeliveryFault.AUTH),
    (http("400 Bad Request", b"<html>", media="text/html"), DeliveryFault.PERMANENT),
    (http("503 Unavailable", b"<html>Vent</html>", media="text/html"), DeliveryFault.RETRYABLE),
    (http("200 OK", b"<html>Logg inn</html>", media="text/html"), DeliveryFault.RETRYABLE),
    (http("200 OK"), DeliveryFault.RETRYABLE),
    (http("204 No Content"), DeliveryFault.RETRYABLE),
    (b"SSH-2.0-OpenSSH_9.6\r\n", DeliveryFault.RETRYABLE),
    (b"", DeliveryFault.RETRYABLE),
])
def test_a_bad_answer_has_its_class(hub: Hub, reply: bytes, fault: DeliveryFault) -> None:
    with serving(saying(reply)) as server:
        assert hub.failure(server.url).fault is fault


@pytest.mark.parametrize("broken", [
    lambda sound: http("200 OK", sound[:-9]),
    lambda sound: http("200 OK", sound)[:-30],
    lambda sound: http("200 OK", sound.replace(b"A-1", b"A-1</x>")),
    lambda sound: http("200 OK", sound.replace(b"Response", b"Respons")),
    lambda sound: http("200 OK", sound.replace(b"CONFIRMED", b"STORED").replace(b"Lagret", b"OK")),
], ids=["malformed", "cut in the middle", "a stray tag", "another element", "a word that nobody knows"])
def test_an_answer_that_does_not_keep_the_contract_is_none(
        hub: Hub, broken: Callable[[bytes], bytes]) -> None:
    with serving(saying(broken(hub.way.answer()))) as server:
        assert hub.failure(server.url).fault is DeliveryFault.RETRYABLE


@pytest.mark.parametrize("which", ["confirmed", "duplicate", "accepted"])
def test_what_the_receiver_has_kept_is_confirmed(hub: Hub, which: str) -> None:
    with serving(saying(http("200 OK", hub.way.answer(which)))) as server:
        receipt = hub.told(server.url)
    assert (receipt.confirmed, receipt.reference) == (which != "accepted", "A-1")


def test_a_reference_made_of_the_identity_number_is_left_out(hub: Hub) -> None:
    with serving(saying(http("200 OK", hub.way.answer(reference=f"P {OWNER[:6]} {OWNER[6:]}")))) as server:
        assert hub.told(server.url).reference is None


@pytest.mark.parametrize("which, fault", [
    ("unknown person", DeliveryFault.UNKNOWN_PERSON), ("temporary", DeliveryFault.RETRYABLE)])
def test_a_typed_fault_has_its_class(hub: Hub, which: str, fault: DeliveryFault) -> None:
    reply = http("500 Internal Server Error", hub.way.answer(which), "Retry-After: 120")
    with serving(saying(reply)) as server:
        error = hub.failure(server.url)
    assert error.fault is fault
    assert error.retry_after == (timedelta(minutes=2) if which == "temporary" else error.retry_after)


def test_too_many_calls_are_repeated_when_the_receiver_says(hub: Hub) -> None:
    with serving(saying(http("429 Too Many Requests", b"", "Retry-After: 120"))) as server:
        error = hub.failure(server.url)
    assert (error.fault, error.retry_after) == (DeliveryFault.RETRYABLE, timedelta(minutes=2))


def test_a_connection_that_is_reset_in_the_middle_is_tried_again(hub: Hub) -> None:
    def reset(connection: socket.socket) -> None:
        connection.sendall(http("200 OK", hub.way.answer())[:-30])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with serving(reset) as server:
        assert hub.failure(server.url).fault is DeliveryFault.RETRYABLE


def test_an_empty_202_is_heard_but_not_confirmed(hub: Hub) -> None:
    with serving(saying(http("202 Accepted"))) as server:
        assert hub.told(server.url) == Receipt(False, None, "202")


def test_entities_and_dtds_are_refused_and_nothing_is_fetched(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "reference").write_text("A-1", "utf-8")
    with serving(saying(http("200 OK", b"A-1"))) as elsewhere:
        for definition in (
                f'[<!ENTITY r SYSTEM "file://{tmp_path}/reference">]',
                f'[<!ENTITY r SYSTEM "{elsewhere.url}">]',
                f'SYSTEM "{elsewhere.url}" [<!ENTITY r "A-1">]',
                '[<!ENTITY r "A-1">]'):
            document = f"<!DOCTYPE x {definition}>".encode() + hub.way.answer(reference="&r;")
            with serving(saying(http("200 OK", document))) as server:
                assert hub.failure(server.url).fault is DeliveryFault.RETRYABLE
    assert elsewhere.requests == []


def test_tls_is_spoken_with_those_we_trust_alone(hub: Hub, ends: Ends) -> None:
    with serving(saying(http("200 OK", hub.way.answer())), ends[0]) as server:
        assert hub.told(server.url, tls=ends[1]).confirmed
        error = hub.failure(server.url)
    assert (error.fault, len(server.requests)) == (DeliveryFault.RETRYABLE, 1)


def test_an_answer_that_drips_through_tls_meets_the_same_deadline(
        hub: Hub, ends: Ends) -> None:
    with serving(dripping(*drops(http("200 OK", hub.way.answer()))), ends[0]) as server:
        began = time.monotonic()
        with pytest.raises(DeliveryError, match="no whole answer within the time limit"):
            hub.told(server.url, PATIENCE, tls=ends[1])
        assert time.monotonic() - began < SLACK


def test_a_tls_handshake_that_never_ends_meets_the_same_deadline(hub: Hub) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes the connection and says nothing
        began = time.monotonic()
        error = hub.failure(f"https://127.0.0.1:{mute.getsockname()[1]}/", timeout=PATIENCE)
    assert error.message == "no whole answer within the time limit"
    assert time.monotonic() - began < SLACK


@pytest.mark.parametrize("status, told", [
    ("200 OK", []), ("405 Method Not Allowed", []), ("500 Internal Server Error", []),
    ("401 Unauthorized", ["HTTP 401"]), ("503 Unavailable", ["HTTP 503"])])
def test_where_nothing_harmless_can_be_asked_it_is_seen_whether_somebody_is_there(
        tmp_path: Path, status: str, told: list[str]) -> None:
    with serving(saying(http(status))) as server:
        target = vendors(tmp_path).made(Endpoint(server.url, SignIn("basic", "hub", "hemmelig")), "1.1")
        assert isinstance(target, VendorsFagsystem)
        target.harmless = None
        assert target.check() == told
    assert server.requests[0].startswith(b"GET ")
    assert b"Authorization: Basic " in server.requests[0]
    assert target.check() == ["no connection, or it broke before the answer was whole"]
