"""Notices by e-mail, to a real mail server and to bad ones: what arrives, what faults mean."""
import asyncio
import logging
import socket
import threading
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP as LETTERS
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from hypothesis import given, strategies as st

from integrations.notice.letter import letter
from integrations.notice.smtp.session import Server
from integrations.notice.smtp.target import SmtpNotices
from integrations.target import Channel, DeliveryError, DeliveryFault, Notice, Receipt, Sending
from integrations.wire import Line
from tests.support.tls import Ends

SENDER = "Nordmo kommune <hub@nordmo.example.no>"
PLANTED, PASSWORD = "ada.planted@example.no", "planted-secret"
NOTICE = Notice(UUID(int=7), Channel.EMAIL, PLANTED, "nb", datetime(2026, 3, 2, 9, tzinfo=UTC),
                "Noe nytt å se", "Et samtykke venter på underskriften din.\n\nhttps://hub.example/")
PATIENCE, SLACK = 0.4, 3.0  # seconds


@dataclass
class Mailbox:
    """A mail server's handler: says what the test tells it to say, and keeps what it takes."""
    rcpt: str = "250 OK"
    data: str = "250 OK"
    taken: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  the library's name
            self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.data.startswith("250"):
            self.taken.append(envelope)
        return self.data


def knows(server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
    return AuthResult(success=login.password == PASSWORD.encode(), handled=False)


@asynccontextmanager
async def mail_server(mailbox: Mailbox, ends: Ends | None = None) -> AsyncIterator[int]:
    """Its port; with TLS it takes nothing before STARTTLS and sign-in."""
    def made() -> SMTP:
        if ends is None:
            return SMTP(mailbox, enable_SMTPUTF8=False)
        return SMTP(mailbox, tls_context=ends[0], require_starttls=True, auth_required=True,
                    authenticator=knows)
    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def target(port: int, **settings: Any) -> SmtpNotices:
    return SmtpNotices("email", SENDER, Server("127.0.0.1", port, **{"security": "none", "timeout": SLACK,
                                                                    **settings}))


def told(port: int, notice: Notice = NOTICE, **settings: Any) -> Receipt:
    made = target(port, **settings)
    return made.deliver(made.render(notice), Sending(notice.fact_id))


async def failure(port: int, **settings: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await asyncio.to_thread(told, port, **settings)
    for secret in (PLANTED, PASSWORD):
        assert secret not in "".join(traceback.format_exception(caught.value))
    return caught.value


async def test_a_notice_arrives_and_a_repeat_is_known_by_its_id() -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as port:
        for _ in range(2):
            assert (await asyncio.to_thread(told, port)).confirmed
    first, again = mailbox.taken
    assert (first.mail_from, first.rcpt_tos) == ("hub@nordmo.example.no", [PLANTED])
    assert first.content == again.content
    made = message_from_bytes(first.content or b"", policy=LETTERS)  # type: ignore[arg-type]
    assert made["Message-ID"] == f"<{NOTICE.fact_id}@nordmo.example.no>"
    assert (made["Subject"], made["Auto-Submitted"]) == ("Noe nytt å se", "auto-generated")
    assert made.get_content().strip().splitlines() == NOTICE.text.splitlines()


async def test_nothing_is_said_before_the_line_is_secured(ends: Ends) -> None:
    mailbox = Mailbox()
    signed_in: dict[str, Any] = {
        "security": "starttls", "username": "hub", "password": PASSWORD, "line": Line(tls=ends[1])}
    async with mail_server(mailbox, ends) as port:
        assert (await asyncio.to_thread(told, port, **signed_in)).confirmed
        assert await asyncio.to_thread(target(port, **signed_in).check) == []
        wrong = await failure(port, **{**signed_in, "password": "x"})
        assert (wrong.fault, "535" in wrong.message) == (DeliveryFault.AUTH, True)
        assert (await failure(port, **{**signed_in, "username": None})).fault is DeliveryFault.AUTH
        stranger = {name: value for name, value in signed_in.items() if name != "line"}
        assert (await failure(port, **stranger)).fault is DeliveryFault.RETRYABLE, "nobody knows that key"
    async with mail_server(mailbox) as port:
        refused = await failure(port, **signed_in)
        assert (refused.fault, refused.message) == (DeliveryFault.AUTH, "the mail server offers no STARTTLS")
        none = await failure(port, username="hub", password=PASSWORD)
        assert none.message == "the mail server offers no way to sign in"
    assert len(mailbox.taken) == 1


@pytest.mark.parametrize("mailbox, fault", [
    (Mailbox(rcpt=f"550 {PLANTED} is unknown"), DeliveryFault.PERMANENT),
    (Mailbox(rcpt=f"450 {PLANTED} is greylisted"), DeliveryFault.RETRYABLE),
    (Mailbox(data=f"554 no {PLANTED}"), DeliveryFault.PERMANENT),
    (Mailbox(data="451 later"), DeliveryFault.RETRYABLE),
    (Mailbox(rcpt="530 sign in"), DeliveryFault.AUTH)])
async def test_a_refusal_is_told_by_its_code_alone(
        mailbox: Mailbox, fault: DeliveryFault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "integrations")
    async with mail_server(mailbox) as port:
        assert (await failure(port)).fault is fault
    assert PLANTED not in caplog.text


@contextmanager
def speaking(*pieces: bytes, pause: float = 0.0) -> Iterator[int]:
    """A port where somebody speaks without listening."""
    def speak() -> None:
        with suppress(OSError), listener.accept()[0] as line:
            for piece in pieces:
                line.sendall(piece)
                time.sleep(pause)
            while line.recv(65536):
                pass
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=speak)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@pytest.mark.parametrize("pieces", [
    [b"SSH-2.0-OpenSSH_9.9\r\n"], [b"\x00\xff" * 5000], [b"HTTP/1.1 200 OK\r\n\r\n"], [b"554 go away\r\n"],
    [b"220 hi\r\n", b"\xff\xfe\r\n"], [b"220 hi\r\n250-a\r\n", b"x" * 9000]])
async def test_what_is_no_mail_server_is_tried_again(pieces: list[bytes]) -> None:
    with speaking(*pieces) as port:
        assert (await failure(port)).fault is DeliveryFault.RETRYABLE


@pytest.mark.parametrize("pieces", [
    [], [b"220 hi\r\n"], [b"220 hi\r\n"[n:n + 1] for n in range(8)] * 99,
    [b"220 hi\r\n", *[b"250-x\r\n"] * 99]])
@pytest.mark.parametrize("security", ["none", "tls"])
async def test_one_who_is_slow_or_drips_meets_one_deadline(pieces: list[bytes], security: str) -> None:
    began = time.monotonic()
    with speaking(*pieces, pause=0.05) as port:
        assert (await failure(port, timeout=PATIENCE, security=security)).fault is DeliveryFault.RETRYABLE
        assert time.monotonic() - began < SLACK


async def test_nobody_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert (await failure(port)).fault is DeliveryFault.RETRYABLE
    assert target(port).check() == ["no mail server there, or it broke off"]


@pytest.mark.parametrize("address", [
    "", "ada", "a@b.no, c@d.no", "a@b.no\r\nBcc: c@d.no", "a@b.no\nX: y", "Ada <a@b.no>", "a@", "@b.no",
    "a@b.no\0", "a b@c.no", "a@b.no;c@d.no"])
def test_an_address_that_is_none_is_not_sent_to(address: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        letter(replace(NOTICE, address=address), SENDER)
    assert caught.value.fault is DeliveryFault.PERMANENT
    assert not address or address not in "".join(traceback.format_exception(caught.value))


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_address_breaks_out_of_its_header(before: str, after: str) -> None:
    with suppress(DeliveryError):
        made = message_from_bytes(
            letter(replace(NOTICE, address=f"{before}a@b.no{after}"), SENDER).as_bytes(), policy=LETTERS)
        assert sorted(made.keys()) == sorted((
            "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
            "Content-Type", "Content-Transfer-Encoding", "MIME-Version"))
        assert len(made["To"].addresses) == 1


@pytest.mark.parametrize("sender, host, security", [
    ("hub", "127.0.0.1", "none"), ("a@b.no\r\nBcc: c@d.no", "127.0.0.1", "none"),
    (SENDER, "mail.example.no", "none")])
def test_settings_that_would_not_be_safe_are_refused(sender: str, host: str, security: Any) -> None:
    with pytest.raises(ValueError, match=r"^(sender|security): "):
        SmtpNotices("email", sender, Server(host, 25, security))
