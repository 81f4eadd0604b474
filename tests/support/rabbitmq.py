"""A real RabbitMQ for tests of Fiks IO: over TLS, on free ports, in folders of its own, gone afterwards."""
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest

# Debian's own command hands over to another user, who may not read the test's folders.
SERVER = next(filter(os.path.exists, ("/usr/lib/rabbitmq/bin/rabbitmq-server",
                                      shutil.which("rabbitmq-server") or "")), None)
MISSING = "RabbitMQ is not on this machine: as root, apt-get install rabbitmq-server"
IDLE = "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"  # Erlang waits busily, and on every core
CONFIGURATION = """
listeners.tcp = none
listeners.ssl.1 = 127.0.0.1:{port}
ssl_options.certfile = {pem}
ssl_options.keyfile = {pem}
auth_backends.1 = http
auth_http.http_method = post
auth_http.user_path = {auth}/user
auth_http.vhost_path = {auth}/vhost
auth_http.resource_path = {auth}/resource
auth_http.topic_path = {auth}/topic
log.console = true
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@dataclass(frozen=True)
class Broker:
    """One that runs, and the environment that its own tools find it by."""
    port: int
    environment: dict[str, str]

    def control(self, *command: str) -> None:
        subprocess.run([Path(str(SERVER)).with_name("rabbitmqctl"), "-q", *command], env=self.environment,
                       capture_output=True, check=True)


@contextmanager
def broker(folder: Path, pem: Path, auth: str) -> Iterator[Broker]:
    """One that asks `auth` who may sign in; `pem`: its key and certificate."""
    if SERVER is None:
        pytest.skip(MISSING)
    port, names = free_port(), free_port()
    (folder / "rabbitmq.conf").write_text(CONFIGURATION.format(port=port, pem=pem, auth=auth), "utf-8")
    (folder / "plugins").write_text("[rabbitmq_auth_backend_http].", "utf-8")
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(names), "RABBITMQ_NODENAME": f"hub{port}@localhost",
        "RABBITMQ_DIST_PORT": str(free_port()), "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"), "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": IDLE,
        "RABBITMQ_MNESIA_BASE": str(folder / "data"), "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_PID_FILE": str(folder / "pid"), "RABBITMQ_LOGS": "-"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([SERVER], env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(server, port, folder / "log")
        yield Broker(port, environment)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
        subprocess.run(["epmd", "-kill"], env=environment, capture_output=True, check=False)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = monotonic() + 90
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert server.poll() is None and monotonic() < deadline, log.read_text("utf-8")
            sleep(0.1)
