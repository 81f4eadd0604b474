"""Fiks IO at the edge: Maskinporten, the send API, the register of accounts, and who may read which queue.

Each checks what it is sent as the real one would; the queues are a real RabbitMQ's."""
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jose import jwt
from pika import BasicProperties, BlockingConnection, ConnectionParameters, PlainCredentials, SSLOptions

from tests.support.organisation import Holder

OWN = "egendefinert-header."
CARRIER = "carrier"  # may do all with every queue
SPECIFIED = {"avsenderKontoId", "mottakerKontoId", "meldingType", "svarPaMelding", "ttl", "headere"}
Answer = tuple[int, bytes]


@dataclass
class Account:
    """An account, the integration that reads and sends for it, and the key that it shows."""
    holder: Holder
    organisation: Holder
    id: UUID = field(default_factory=uuid4)
    integration: UUID = field(default_factory=uuid4)
    password: str = "integration-password"
    status: dict[str, Any] = field(default_factory=lambda: {
        "gyldigAvsender": True, "gyldigMottaker": True, "antallKonsumenter": 1})

    @property
    def queue(self) -> str:
        return f"fiksio.konto.{self.id}"


@dataclass
class FiksIO:
    """`says`: what it answers to the next calls of a path that ends so, instead of doing what it is asked."""
    url: str
    pem: Path
    port: int = 0
    accounts: dict[UUID, Account] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    lasts: float = 119  # seconds, as Maskinporten's
    says: dict[str, list[Answer]] = field(default_factory=dict)
    sent: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def opened(self, holder: Holder, organisation: Holder) -> Account:
        """A new account with its queue, from which a message goes away that was delivered three times."""
        account = Account(holder, organisation)
        self.accounts[account.id] = account
        with self.channel() as channel:
            channel.queue_declare(account.queue, durable=True, arguments={
                "x-queue-type": "quorum", "x-delivery-limit": 3})
        return account

    def publish(self, to: Account, kind: str, sender: UUID, content: bytes = b"",
                about: UUID | None = None, **own: str) -> UUID:
        """As the carrier puts a message in a queue: `own` headers with its mark before them."""
        number = uuid4()
        headers = {"melding-id": str(number), "type": kind, "avsender-id": str(sender),
                   **({"svar-til": str(about)} if about else {}),
                   **{OWN + name: value for name, value in own.items()}}
        with self.channel() as channel:
            channel.confirm_delivery()
            channel.basic_publish("", to.queue, content, BasicProperties(headers=headers, delivery_mode=2))
        return number

    def waiting(self, account: Account) -> int:
        """Messages in its queue that nobody has taken."""
        with self.channel() as channel:
            count: int = channel.queue_declare(account.queue, passive=True).method.message_count
            return count

    @contextmanager
    def channel(self) -> Iterator[Any]:
        trust = ssl.create_default_context(cafile=str(self.pem))
        connection = BlockingConnection(ConnectionParameters(
            "127.0.0.1", self.port, credentials=PlainCredentials(CARRIER, CARRIER),
            ssl_options=SSLOptions(trust, "127.0.0.1")))
        try:
            yield connection.channel()
        finally:
            connection.close()

    def answer(self, path: str, headers: Message, body: bytes) -> Answer:
        said = next((answers for end, answers in self.says.items() if answers and path.endswith(end)), None)
        if said:
            return said.pop(0)
        match path.strip("/").split("/"):
            case ["token"]:
                return self._token(body)
            case ["auth", what]:
                return 200, b"allow" if self._allowed(what, _form(body)) else b"deny"
            case ["fiks-io", "api", "v1", "send"]:
                return self._send(headers, body) if self._signed_in(headers) else (401, b"")
            case ["fiks-io", "katalog", "api", "v1", "kontoer", account, what]:
                return self._account(UUID(account), what) if self._signed_in(headers) else (401, b"")
            case _:
                return 404, b""

    def _token(self, body: bytes) -> Answer:
        """RFC 7523, as Maskinporten asks for it."""
        form = _form(body)
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        (given,) = jwt.get_unverified_header(form["assertion"])["x5c"]
        (owner,) = {one.organisation.certificate for one in self.accounts.values()
                    if one.organisation.pem.replace("\n", "").find(given) > 0}
        public = owner.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        claims = jwt.decode(form["assertion"], public, "RS256", audience=self.url + "/", issuer="client-id")
        assert claims["scope"] == "ks:fiks" and claims["jti"] and claims["exp"] - claims["iat"] <= 120
        self.tokens.append(uuid4().hex)
        return 200, json.dumps({"access_token": self.tokens[-1], "expires_in": self.lasts}).encode()

    def _allowed(self, what: str, asked: Mapping[str, str]) -> bool:
        """An integration may read its own queue, and nothing else."""
        name = asked["username"]
        if name == CARRIER:
            return True
        (own,) = [one for one in self.accounts.values() if str(one.integration) == name]
        if what == "user":
            password, _, token = asked["password"].partition(" ")
            return password == own.password and token in self.tokens
        return what == "vhost" or (asked["resource"], asked["name"], asked["permission"]) == (
            "queue", own.queue, "read")

    def _signed_in(self, headers: Message) -> bool:
        known = {(str(one.integration), one.password) for one in self.accounts.values()}
        return (headers["IntegrasjonId"], headers["IntegrasjonPassord"]) in known and (
            headers["Authorization"].removeprefix("Bearer ") in self.tokens)

    def _account(self, account: UUID, what: str) -> Answer:
        one = self.accounts[account]
        told = {"offentligNokkel": {"nokkel": one.holder.pem}, "status": one.status}[what]
        return 200, json.dumps(told).encode()

    def _send(self, headers: Message, body: bytes) -> Answer:
        whole = message_from_bytes(f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + body)
        parts = {str(part.get_param("name", header="content-disposition")): part
                 for part in whole.walk() if not part.is_multipart()}
        assert list(parts) == ["metadata", "data"]
        assert parts["metadata"].get_content_type() == "application/json"
        told = json.loads(_bytes(parts["metadata"]))
        assert told.keys() <= SPECIFIED and timedelta(milliseconds=told["ttl"]) >= timedelta(seconds=1)
        self.sent.append(told)
        self.bodies.append(_bytes(parts["data"]))
        to, sender = self.accounts[UUID(told["mottakerKontoId"])], UUID(told["avsenderKontoId"])
        number = self.publish(to, told["meldingType"], sender, self.bodies[-1], **told["headere"])
        return 200, json.dumps({**told, "meldingId": str(number)}).encode()


@contextmanager
def carrier(pem: Path) -> Iterator[FiksIO]:
    """Served on this machine; it wants the port of its RabbitMQ before it can carry anything."""
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, content = fiks.answer(self.path, self.headers, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            """Nothing: pytest shows what fails."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fiks = FiksIO(f"http://127.0.0.1:{server.server_address[1]}", pem)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield fiks
    server.shutdown()
    thread.join()
    server.server_close()


def _form(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content
