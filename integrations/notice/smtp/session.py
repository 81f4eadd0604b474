"""One SMTP session that ends: one deadline round all of it, and every fault told by its code alone.

smtplib's own time-out starts anew at every byte that drips in, and its errors repeat what the server said,
which is often the address that it was given."""
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from smtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from threading import Timer
from time import monotonic
from typing import Literal

from integrations.network import connected
from integrations.target import DeliveryError, DeliveryFault
from integrations.wire import Line

Security = Literal["starttls", "tls", "none"]
CREDENTIALS = {530, 534, 535, 538}  # RFC 4954 §6


@dataclass(frozen=True)
class Server:
    """A mail server, how it is spoken to, and for how long: seconds for a whole session."""
    host: str
    port: int
    security: Security
    timeout: float = 20
    username: str | None = field(repr=False, default=None)
    password: str | None = field(repr=False, default=None)
    line: Line = field(repr=False, default_factory=Line)


class _Over(SMTP):
    """A session over a connection that is there already."""

    def __init__(self, line: socket.socket, host: str, greeting: str) -> None:
        self.line = line
        super().__init__(host, local_hostname=greeting)  # else the machine's own name is looked up, and told

    def _get_socket(self, *_: object) -> socket.socket:
        return self.line


@contextmanager
def session(server: Server, greeting: str) -> Iterator[SMTP]:
    """One that is secured and signed in to. DeliveryError is all that comes out of it."""
    ends = monotonic() + server.timeout
    with (_told_by_code(), connected(server.host, server.port, server.line.networks, server.timeout) as plain,
          _cut(plain, ends), _secured(server, plain) as line,
          closing(_Over(line, server.host, greeting)) as smtp):
        _signed_in(smtp, server)
        yield smtp
        with suppress(OSError):  # what was taken is taken, whatever is said at the door
            smtp.quit()


def _secured(server: Server, plain: socket.socket) -> socket.socket:
    """Where TLS comes first; with STARTTLS it is asked for in the session."""
    if server.security != "tls":
        return plain
    return server.line.tls.wrap_socket(plain, server_hostname=server.host)


def _signed_in(smtp: SMTP, server: Server) -> None:
    """Nothing is said before the line is secured, where it must be: not even the password."""
    smtp.ehlo_or_helo_if_needed()
    if server.security == "starttls":
        if not smtp.has_extn("starttls"):
            raise DeliveryError(DeliveryFault.AUTH, "the mail server offers no STARTTLS")
        smtp.starttls(context=server.line.tls)
    if server.username is not None:
        try:
            smtp.login(server.username, server.password or "")
        except SMTPResponseException:
            raise
        except SMTPException:
            raise DeliveryError(DeliveryFault.AUTH, "the mail server offers no way to sign in") from None


@contextmanager
def _cut(line: socket.socket, ends: float) -> Iterator[None]:
    """Ends the connection at the deadline: whoever reads or writes then finds it gone. By a handle of its
    own, for TLS takes the socket's away."""
    with line.dup() as handle:
        def end() -> None:
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)
        timer = Timer(max(ends - monotonic(), 0), end)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


@contextmanager
def _told_by_code() -> Iterator[None]:
    """DeliveryError, by kind, with none of the server's own words."""
    try:
        yield
    except SMTPAuthenticationError as error:
        raise DeliveryError(DeliveryFault.AUTH, f"the sign-in is refused ({error.smtp_code})") from None
    except SMTPRecipientsRefused as refused:
        ((code, _),) = refused.recipients.values()
        raise _by_code("the recipient", code) from None
    except (SMTPSenderRefused, SMTPDataError) as error:
        raise _by_code("the message", error.smtp_code) from None
    except SMTPNotSupportedError:
        raise DeliveryError(DeliveryFault.PERMANENT, "the mail server takes no such address") from None
    except (OSError, ValueError):  # ValueError: what is no SMTP, or a name that can't be a host's
        raise DeliveryError(DeliveryFault.RETRYABLE, "no mail server there, or it broke off") from None


def _by_code(what: str, code: int) -> DeliveryError:
    """RFC 5321 §4.2.1: what begins with 5 will be refused again; the rest, and what is no code, may pass.
    But 500 is smtplib's own word for a line without an end."""
    if code in CREDENTIALS:
        return DeliveryError(DeliveryFault.AUTH, f"the mail server wants another sign-in ({code})")
    lasting = 500 < code < 600
    return DeliveryError(DeliveryFault.PERMANENT if lasting else DeliveryFault.RETRYABLE,
                         f"the mail server does not take {what} ({code})")
