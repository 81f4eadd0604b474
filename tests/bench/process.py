"""A server as a process of its own: asked over HTTP, its CPU and memory read from /proc."""
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import psycopg

from schema.demo_issuer import DemoIssuer
from tests.bench.askers import Call
from tests.bench.database import AUDIENCE, KEPT, ROOT
from tests.bench.questions import Question

STARTS_WITHIN = 30  # seconds


@dataclass
class Server:
    """`name` is also what its database connections are called, which is how their backends are found."""
    name: str
    process: subprocess.Popen[bytes]
    connection: http.client.HTTPConnection
    database: psycopg.Connection

    def __post_init__(self) -> None:
        self.issuer, self.tokens = DemoIssuer(AUDIENCE, KEPT), dict[str, str]()

    def ask(self, question: Question, call: Call) -> bytes:
        """The answer's body."""
        if self.name == "hand":
            head = {"x-viewer": call.person, "content-type": "application/json"}
            return self.post(f"/{question.name}", orjson.dumps({"variables": call.variables}), head)
        return self.post_document(question.document, call)

    def post_document(self, document: str, call: Call) -> bytes:
        if call.number not in self.tokens:
            self.tokens[call.number] = self.issuer.token(pid=call.number)
        head = {"authorization": f"Bearer {self.tokens[call.number]}", "content-type": "application/json"}
        return self.post("/graphql", orjson.dumps({"query": document, "variables": call.variables}), head)

    def post(self, path: str, body: bytes, head: dict[str, str]) -> bytes:
        self.connection.request("POST", path, body, head)
        return self.connection.getresponse().read()

    def cpu(self) -> float:
        """Milliseconds, of all its threads."""
        return cpu(self.process.pid)

    def postgres(self) -> float:
        """Milliseconds, of the database backends that serve it now."""
        rows = self.database.execute(
            "select pid from pg_stat_activity where application_name = %s", [self.name])
        return sum(cpu(pid) for (pid,) in rows)

    def memory(self) -> float:
        """Resident, in megabytes."""
        return memory(self.process.pid)


def cpu(pid: int) -> float:
    """Milliseconds, of all the process' threads."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text("ascii").split()[0]) for task in tasks) / 1e6


def memory(pid: int) -> float:
    """Resident, in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(name: str, url: str) -> Iterator[Server]:
    """Starts it, waits until it answers, and ends it."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.serve", name, str(port)], cwd=ROOT,
                               env=os.environ | {"DATABASE_URL": url, "PGAPPNAME": name})
    try:
        with psycopg.connect(url, autocommit=True) as database:
            yield Server(name, process, connected(process, port), database)
    finally:
        process.terminate()
        process.wait()


def connected(process: subprocess.Popen[bytes], port: int) -> http.client.HTTPConnection:
    """TimeoutError where it does not answer in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(STARTS_WITHIN * 10):
        try:
            connection.connect()
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return connection
    raise TimeoutError("the server did not start")
