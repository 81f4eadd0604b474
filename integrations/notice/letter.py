"""A notice as an e-mail, and a telephone number as a gateway takes it; pure."""
import re
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from integrations.target import DeliveryError, DeliveryFault, Notice

BETWEEN = re.compile(r"[\s()./-]")  # what people put between digits
NORWEGIAN = re.compile(r"[2-9][0-9]{7}")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def letter(notice: Notice, sender: str) -> EmailMessage:
    """The same at every attempt, with an id by which a repeat is known. DeliveryError: the address is none.

    `Auto-Submitted` keeps absent people's answering machines quiet (RFC 3834)."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = addressed(notice.address)
    made["Subject"] = notice.subject
    made["Date"] = notice.ordered_at
    made["Message-ID"] = f"<{notice.fact_id}@{made['From'].addresses[0].domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(notice.text, cte="quoted-printable")
    made["Content-Language"] = notice.language  # last: content comes with its own headers
    return made


def addressed(typed: str) -> Address:
    """One e-mail address and nothing else. DeliveryError: it is none, it is several, or it would break out of
    its header."""
    try:
        return Address(addr_spec=typed.strip() if typed.isprintable() else "")
    except (ValueError, IndexError, MessageError):  # whose words hold the address
        raise DeliveryError(DeliveryFault.PERMANENT, "what is kept as e-mail address is none") from None


def number(typed: str) -> str:
    """In E.164; a number without a country is Norwegian. DeliveryError: it is none."""
    digits = re.sub("^00", "+", BETWEEN.sub("", typed))
    digits = f"+47{digits}" if NORWEGIAN.fullmatch(digits) else digits
    if not E164.fullmatch(digits):
        raise DeliveryError(DeliveryFault.PERMANENT, "what is kept as telephone number is none")
    return digits
