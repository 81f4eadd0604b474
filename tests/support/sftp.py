"""SFTP servers that nobody here wrote: OpenSSH's own, and AsyncSSH's, which breaks off where it is told."""
import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import asyncssh
import pytest

from integrations.archive.folder.session import Server

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
PASSWORD = "practice"
STEPS = ("mkdir", "open", "write", "fsync", "rename", "read")  # of a delivery


@contextmanager
def openssh(folder: Path) -> Iterator[Server]:
    """A real sshd that shows `folder` to the holder of one key. Skips where the machine has none."""
    if SSHD is None:
        pytest.skip("there is no sshd on this machine: apt-get install openssh-server")
    host, own = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    host.write_private_key(folder / "host")
    (folder / "host").chmod(0o600)  # sshd reads no other
    own.write_public_key(folder / "own.pub")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # else it does not start as root; a service makes it at boot
    port = free_port()
    (folder / "config").write_text(f"""
        ListenAddress 127.0.0.1
        Port {port}
        HostKey {folder}/host
        AuthorizedKeysFile {folder}/own.pub
        StrictModes no
        UsePAM no
        PidFile none
        Subsystem sftp internal-sftp
        ForceCommand internal-sftp
        """)
    process = subprocess.Popen([SSHD, "-D", "-f", folder / "config", "-E", folder / "log"])
    try:
        answering(port)
        yield Server("127.0.0.1", port, pwd.getpwuid(os.geteuid()).pw_name, [exported(host)], 20,
                     key=own.export_private_key().decode())
    finally:
        process.terminate()
        process.wait()


def exported(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answering(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("the SFTP server did not start")


@dataclass
class Break:
    """The step at which the connection breaks: before it is taken, or unanswered when it has been."""
    step: str | None = None
    taken: bool = False


class Breaking(asyncssh.SFTPServer):
    """AsyncSSH's own server, but for the one break."""

    def __init__(self, channel: Any, root: Path, at: Break) -> None:
        super().__init__(channel, chroot=str(root).encode())
        self.at = at

    def broken(self) -> NoReturn:
        self.channel.get_connection().abort()
        raise asyncssh.SFTPFailure("broken off")


def breaking(step: str) -> Callable[..., Any]:
    usual = getattr(asyncssh.SFTPServer, step)

    def take(server: Breaking, *given: Any) -> Any:
        if server.at.step == step and not server.at.taken:
            server.broken()
        told = usual(server, *given)
        if server.at.step == step:
            if step == "open":
                told.close()
            server.broken()
        return told
    return take


for _step in STEPS:
    setattr(Breaking, _step, breaking(_step))


class Doorkeeper(asyncssh.SSHServer):
    """Lets in whoever has the password."""

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == PASSWORD


@contextmanager
def library(root: Path, at: Break) -> Iterator[Server]:
    """AsyncSSH's server over `root`, in a thread of its own."""
    host, loop = asyncssh.generate_private_key("ssh-ed25519"), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def done(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[host], server_factory=Doorkeeper,
            sftp_factory=lambda channel: Breaking(channel, root, at))
    listening = done(listen())
    try:
        yield Server("127.0.0.1", listening.get_port(), "hub", [exported(host)], 20, password=PASSWORD)
    finally:
        listening.close()
        done(listening.wait_closed())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
