"""A mail server that takes notices, spoken to by smtplib."""
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import SMTP

from integrations.network import loopback
from integrations.notice.letter import addressed, letter
from integrations.notice.smtp.session import Server, session
from integrations.target import DeliveryError, DeliveryFault, Notice, Receipt, Sending


class SmtpNotices:
    """Sends as `sender`, "Name <address>". ValueError: no sender, or an unsecured line to another machine."""

    def __init__(self, name: str, sender: str, server: Server) -> None:
        if server.security == "none" and not loopback(server.host):
            raise ValueError("security: starttls or tls (none only to this machine)")
        self.name, self.sender, self.domain, self.server = name, sender, _domain(sender), server

    def render(self, order: Notice) -> bytes:
        return letter(order, self.sender).as_bytes()

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """Confirmed when the server has taken it upon itself (RFC 5321 §4.2.5)."""
        made = message_from_bytes(body, policy=SMTP)
        (to,) = made["To"].addresses
        if made["Message-ID"] != f"<{sending.fact_id}@{self.domain}>":
            raise DeliveryError(DeliveryFault.PERMANENT, "the body belongs to another delivery")
        with session(self.server, self.domain) as smtp:
            smtp.send_message(made, made["From"].addresses[0].addr_spec, [to.addr_spec])
        return Receipt(confirmed=True, code="250")

    def check(self) -> list[str]:
        """Whether the server is there and we may sign in."""
        try:
            with session(self.server, self.domain) as smtp:
                smtp.noop()
        except DeliveryError as error:
            return [error.message]
        return []


def _domain(sender: str) -> str:
    """Of the sender, whose address must be one."""
    address = sender.rpartition("<")[2].removesuffix(">")
    try:
        made: Address = addressed(address)
    except DeliveryError:
        raise ValueError("sender: an address, or a name with an address in <>") from None
    return made.domain
