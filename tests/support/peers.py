"""Fagsystemer to tell over SOAP: npm's node-soap, which nobody here wrote, and one that holds every message
against the schema. Both keep what they are told once, and ask at /text and /digest who it is that tells."""
import base64
import hashlib
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from lxml import etree

from integrations.soap import opened
from tests.support.fagsystems import Way, enveloped

NODE_SOAP = Path(__file__).parents[2] / ".venv" / "nodesoap"
MISSING = "npm's soap is not installed: make nodesoap"
UNKNOWN = "15861490200"
USERNAME, PASSWORD = "hub", "et oppdiktet passord"


@contextmanager
def node_soap(wsdl: Path) -> Iterator[str]:
    """Its address, without a path."""
    node = shutil.which("node")
    if node is None or not (NODE_SOAP / "node_modules" / "soap").is_dir():
        pytest.skip(MISSING)
    server = Path(__file__).with_name("nodesoap") / "server.js"
    with subprocess.Popen([node, server, wsdl, USERNAME, PASSWORD], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "NODE_SOAP": str(NODE_SOAP)}) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


@contextmanager
def strict(way: Way) -> Iterator[str]:
    """The same, by lxml: what it is asked and what it answers is valid, or the test fails."""
    with Strict(("127.0.0.1", 0), Handler) as server:
        server.way, server.kept, server.wrong = way, set(), []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
    assert server.wrong == []


class Strict(ThreadingHTTPServer):
    way: Way
    kept: set[str]
    wrong: list[Exception]


class Handler(BaseHTTPRequestHandler):
    server: Strict

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            status, answer = self.answered(sent)
        except Exception as error:
            self.server.wrong.append(error)
            raise
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def answered(self, sent: bytes) -> tuple[int, bytes]:
        way = self.server.way
        if self.path not in ("/open", "/text", "/digest"):
            return 404, b""
        if not signed_in(self.path, etree.fromstring(sent)):
            return 500, enveloped("<s:Fault><faultcode>w:FailedAuthentication</faultcode></s:Fault>")
        version, message = opened(sent)
        way.schema().assertValid(message)
        if other := way.others.get(etree.QName(message).localname):
            return 200, enveloped(other, version)
        which, status = "confirmed", 200
        if any(node.text == UNKNOWN for node in message.iter()):
            which, status = "unknown person", 500
        elif (fact := way.fact_id(message)) in self.server.kept:
            which = "duplicate"
        else:
            self.server.kept.add(fact)
        way.schema().assertValid(answer_in(way.answer(which)))
        return status, way.answer(which)

    def log_message(self, *_: object) -> None:
        """The tests' own output is enough."""


def answer_in(envelope: bytes) -> etree._Element:
    """What stands in the body, or in the detail of a fault."""
    message = opened(envelope)[1]
    detail = message.find("detail")
    return message if detail is None else detail[0]


def signed_in(path: str, envelope: etree._Element) -> bool:
    """WS-Security UsernameToken Profile 1.1 §3.1, by hand."""
    said = {name: envelope.findtext(f".//{{*}}UsernameToken/{{*}}{name}") or ""
            for name in ("Username", "Password", "Nonce", "Created")}
    digest = hashlib.sha1(base64.b64decode(said["Nonce"]) + (said["Created"] + PASSWORD).encode()).digest()
    right = {"/open": said["Password"], "/text": PASSWORD, "/digest": base64.b64encode(digest).decode()}
    return path == "/open" or (said["Username"], said["Password"]) == (USERNAME, right[path])
