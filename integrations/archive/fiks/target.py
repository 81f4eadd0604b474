"""An archive that speaks KS Fiks Arkiv V1: sent to over Fiks IO, confirmed by the receipt that comes back."""
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate
from pika.exceptions import AMQPError

from integrations.archive.fiks import asice
from integrations.archive.fiks.answers import CARRIER, answer
from integrations.archive.fiks.carrier import Carrier
from integrations.archive.fiks.envelope import enveloped, opened
from integrations.archive.fiks.listener import Listener, Message
from integrations.archive.fiks.mapping import files, metadata
from integrations.documents.arkivmelding import Codes
from integrations.keys import Organisation, is_valid
from integrations.target import DeliveryError, DeliveryFault, PlanVersion, Receipt, Sending

LITTLE = timedelta(minutes=5)  # after a message has run out, for what was answered at the last moment
Heard = Callable[[UUID, Receipt | DeliveryError], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Accounts:
    """Whose queues: ours with the keys that open what comes to it, and the archive's with those who sign for
    it; where none is named, whoever the carrier says that the message is from."""
    ours: UUID
    archive: UUID
    keys: tuple[RSAPrivateKey, ...] = field(repr=False)
    signers: tuple[Certificate, ...] = ()


@dataclass
class FiksArchive:
    """`ttl`: how long a message may wait for the archive; then it is sent again."""
    name: str
    accounts: Accounts
    organisation: Organisation
    carrier: Carrier
    listener: Listener
    ttl: timedelta = timedelta(days=1)
    codes: Codes = field(default_factory=Codes)

    def render(self, order: PlanVersion) -> bytes:
        """The container, not signed yet."""
        return asice.contained(files(order, self.codes))

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """Never confirmed: that the carrier took it proves nothing, and the archive's receipt comes later."""
        certificate = self._public_key(self.accounts.archive)
        try:
            signed = asice.signed(body, self.organisation.key, self.organisation.certificate)
        except ValueError:
            raise DeliveryError(DeliveryFault.PERMANENT, "What was to be sent is damaged.") from None
        message = metadata(sending.fact_id, self.accounts.ours, self.accounts.archive,
                           int(self.ttl / timedelta(milliseconds=1)))
        sent = self.carrier.send(message, enveloped(signed, certificate))
        sending.save(melding_id=str(sent))  # by which KS finds it, where someone asks
        return Receipt(confirmed=False, code="sendt", again=self.ttl + LITTLE)

    def listen(self, heard: Heard, stop: Event) -> None:
        self.listener.listen(lambda message: self._take(message, heard), stop)

    def check(self) -> list[str]:
        return list(self._faults())

    def _take(self, message: Message, heard: Heard) -> None:
        """Hands on what an answer means. One that is of no use is left: as nothing is confirmed by it, its
        delivery is sent again, and answered again."""
        if message.sender != self.accounts.archive and not message.kind.startswith(CARRIER):
            return log.error("Fiks IO message %s is not from the archive", message.id)
        if message.about is None:
            return log.error("Fiks IO message %s does not say what it answers", message.id)
        said = self._read(message)
        if said is None:
            return log.error("Fiks IO message %s is of an unknown type", message.id)
        if isinstance(said, Receipt) and not said.confirmed:
            said = replace(said, again=self.ttl + LITTLE)
        return heard(message.about, said)

    def _read(self, message: Message) -> Receipt | DeliveryError | None:
        """AUTH where it can't be opened: it is a matter of keys, and so will the next one be.

        What the carrier says stands in the type alone: whoever has put something in, it is not read."""
        if message.kind.startswith(CARRIER):
            return answer(message.kind, {})
        try:
            content = opened(message.content, self.accounts.keys) if message.content else None
        except ValueError:
            return DeliveryError(DeliveryFault.AUTH, "The archive's answer is not for our account's keys.")
        try:
            told = asice.opened(content, self.accounts.signers) if content is not None else {}
        except ValueError:
            return DeliveryError(DeliveryFault.AUTH, "The archive's answer is not signed as it must be.")
        return answer(message.kind, told)

    def _public_key(self, account: UUID) -> Certificate:
        certificate = self.carrier.certificate(account)
        if not is_valid(certificate, datetime.now(UTC)):
            raise DeliveryError(DeliveryFault.RETRYABLE, "The archive's public key is not valid now.")
        return certificate

    def _faults(self) -> Iterator[str]:
        """What is wrong, in the order in which it is met."""
        if not is_valid(self.organisation.certificate, datetime.now(UTC)):
            yield "certificate_file: the certificate is not valid now."
        try:
            self._public_key(self.accounts.archive)
            yield from self._account_faults()
            self.listener.check()
        except DeliveryError as error:
            yield error.message
        except (AMQPError, OSError):
            yield "The queue of our account can't be read."

    def _account_faults(self) -> Iterator[str]:
        ours = self.carrier.certificate(self.accounts.ours).public_key()
        if ours not in [key.public_key() for key in self.accounts.keys]:
            yield "account_keys: none fits the public key that our account shows, so answers stay shut."
        if not self.carrier.status(self.accounts.ours).get("gyldigAvsender"):
            yield "Our account may not send."
        archive = self.carrier.status(self.accounts.archive)
        if not archive.get("gyldigMottaker"):
            yield "The archive's account may not receive."
        elif not archive.get("antallKonsumenter"):
            yield "Nobody listens at the archive's account now."
