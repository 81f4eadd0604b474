"""A server at the edge of a test: it answers each call as the test tells it to, or breaks off."""
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Call:
    """What somebody has asked; header names in lower case."""
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Said:
    """`whole`: else the connection is cut in the middle of the body. `wait`: seconds before it is said."""
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True
    wait: float = 0


def told(status: int, content: Any, **headers: str) -> Said:
    """JSON; `headers` with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Said(status, json.dumps(content).encode(), {"Content-Type": "application/json", **named})


@contextmanager
def edge(answer: Callable[[Call], Said]) -> Iterator[str]:
    """The address of the server, without a slash at its end."""
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = answer(Call(self.command, self.path, headers, body))
            time.sleep(said.wait)
            with suppress(OSError):  # whom we kept waiting is gone
                self.say(said)

        do_GET = do_POST = do_PUT = answer  # noqa: N815  as http.server calls them

        def say(self, said: Said) -> None:
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body if said.whole else said.body[:len(said.body) // 2])

        def log_message(self, *_: Any) -> None:
            """Nothing: pytest shows what fails."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
