"""One SFTP session that ends: the server known by its key, one deadline, its faults in our own words."""
import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import asyncssh

from integrations.network import Networks, connected
from integrations.target import DeliveryError, DeliveryFault

FAULTS = (  # the first that fits
    (asyncssh.HostKeyNotVerifiable, DeliveryFault.AUTH, "The server has another key than is configured."),
    (asyncssh.PermissionDenied, DeliveryFault.AUTH, "The server does not let us sign in."),
    (asyncssh.SFTPNoSuchFile, DeliveryFault.RETRYABLE, "The archive folder is missing."),
    (asyncssh.SFTPPermissionDenied, DeliveryFault.RETRYABLE, "The archive folder can't be written to."),
    (asyncssh.SFTPConnectionLost, DeliveryFault.RETRYABLE, "The connection broke."),
    (asyncssh.SFTPError, DeliveryFault.RETRYABLE, "The server refused a step, or has no room."),
    (asyncssh.ConnectionLost, DeliveryFault.RETRYABLE, "The connection broke."),
    (asyncssh.Error, DeliveryFault.RETRYABLE, "The server does not speak SFTP with us."),
    (TimeoutError, DeliveryFault.RETRYABLE, "The server did not answer within the time limit."),
    ((OSError, UnicodeError), DeliveryFault.RETRYABLE, "No connection to the server, or it broke."))
Told = TypeVar("Told")

logging.getLogger("asyncssh").setLevel(logging.WARNING)  # at INFO it writes out who signs in where


@dataclass(frozen=True)
class Server:
    """Where the files go, and how we sign in. ValueError: a key that is none, or nothing to sign in with."""
    host: str
    port: int
    username: str
    host_keys: Sequence[str]  # "ssh-ed25519 AAAA…", as ssh-keyscan prints them; two while one is exchanged
    timeout: float  # seconds, for a whole attempt
    key: str | None = field(default=None, repr=False)  # private, in OpenSSH's form or PKCS #8
    password: str | None = field(default=None, repr=False)
    networks: Networks = ()  # the private ones that it may be in

    def __post_init__(self) -> None:
        if self.key is None and self.password is None:
            raise ValueError("key_file: there is neither a key nor a password")
        self.trusted()
        self.own()

    def trusted(self) -> list[asyncssh.SSHKey]:
        try:
            return [asyncssh.import_public_key(key) for key in self.host_keys]
        except asyncssh.KeyImportError:
            raise ValueError("host_keys: not as ssh-keyscan prints them behind the host's name") from None

    def own(self) -> list[asyncssh.SSHKey]:
        try:
            return [] if self.key is None else [asyncssh.import_private_key(self.key)]
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            raise ValueError("key_file: not a private key that opens without a password") from None

    async def connect(self) -> asyncssh.SSHClientConnection:
        """By what is configured alone: neither the machine's settings, keys and known hosts nor its agent."""
        line = connected(self.host, self.port, self.networks, self.timeout)
        return await asyncssh.connect(
            self.host, self.port, sock=line, config=None, known_hosts=(self.trusted(), [], []),
            username=self.username, client_keys=self.own() or None, password=self.password,
            agent_path=None, gss_host=None, compression_algs=None)


def session(server: Server, act: Callable[[asyncssh.SFTPClient], Awaitable[Told]]) -> Told:
    """What `act` tells, within the server's time limit (a name look-up ends by the machine's resolver).

    DeliveryError: of any fault of the way there, by its kind."""
    async def bounded() -> Told:
        async with asyncio.timeout(server.timeout):
            connection = await server.connect()
            try:
                return await act(await connection.start_sftp_client())
            finally:
                connection.abort()  # a farewell could wait for one who has stopped reading
    try:
        return asyncio.run(bounded())
    except (OSError, UnicodeError, asyncssh.Error) as error:  # UnicodeError: a name that no host can have
        fault, message = next((fault, message) for kind, fault, message in FAULTS if isinstance(error, kind))
        raise DeliveryError(fault, message) from None
