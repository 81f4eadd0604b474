"""An archive's two services of GeoIntegrasjon 1.1, built from the official WSDL: every request and
every answer is valid by the official schemas, or the test fails."""
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from lxml import etree
from lxml.etree import _Element as Node

from integrations import wsdl as read
from integrations.archive.geointegrasjon import contract
from tests.support.noark import DOKUMENT, KJERNE, KODE, Archive, Fault, own

OFFICIAL = Path(__file__).parents[2] / "../shared/schemas/geointegrasjon-1.1"
SERVICES = {"oppdatering": "giArkivOppdatering20120131.wsdl", "innsyn": "giArkivInnsyn20120131.wsdl"}
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"
TEKNISK = "http://rep.geointegrasjon.no/Felles/Teknisk/xml.schema/2012.01.31"
OPERATIONS: dict[str, Callable[[Archive, Node], Node | list[Node] | None]] = {
    "FinnSaksmapperGittNoekkel": Archive.cases_with,
    "NySaksmappe": Archive.new_case,
    "OppdaterMappeStatus": Archive.case_status,
    "FinnJournalposterGittNoekkel": Archive.entries_with,
    "NyJournalpost": Archive.new_entry,
    "OppdaterJournalpostStatus": Archive.entry_status,
    "FinnDokumenterGittJournalpostnoekkel": Archive.documents_in,
    "NyDokument": Archive.new_document,
    "HentFil": Archive.file,
    "HentKodeliste": Archive.code_list,
}
MEMBERS = {"HentKodeliste": KODE, "FinnDokumenterGittJournalpostnoekkel": DOKUMENT}  # whose they are


class Wsdl:
    """One service: its operations by SOAPAction, and whether a message is valid."""

    def __init__(self, path: Path) -> None:
        root = etree.parse(str(path)).getroot()
        self.namespace = str(root.get("targetNamespace"))
        self.actions = {str(node[0].get("soapAction")): str(node.get("name"))
                        for node in root.iterfind("{*}binding/{*}operation")}
        self.schema = read.Wsdl(path).schema


def described(official: bool) -> dict[str, Wsdl]:
    """Both services by path: as the official files have them, or the project's own."""
    return {f"/{name}": Wsdl(OFFICIAL / file if official else contract.FOLDER / f"{name}.wsdl")
            for name, file in SERVICES.items()}


class Server(ThreadingHTTPServer):
    """Both services of one archive, one call at a time. `wrong`: what the test must hear of."""

    def __init__(self, archive: Archive, services: dict[str, Wsdl]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.archive, self.services = archive, services
        self.turn, self.wrong = threading.Lock(), list[Exception]()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        sent, server = self.rfile.read(int(self.headers["Content-Length"])), self.server
        try:
            with server.turn:
                said = answered(server.archive, server.services[self.path], dict(self.headers), sent)
        except Exception as error:  # noqa: BLE001
            server.wrong.append(error)
            return
        if said is not None:
            self.send_response(said[0])
            self.send_header("Content-Length", str(len(said[1])))
            self.end_headers()
            with suppress(ConnectionError):  # the hub may have heard enough
                self.wfile.write(said[1])

    def log_message(self, *_: object) -> None:
        """The tests' own output is enough."""


@contextmanager
def serving(archive: Archive, services: dict[str, Wsdl]) -> Iterator[Archive]:
    """The archive on this machine, until the test is over."""
    with Server(archive, services) as server:
        archive.urls = {name: f"http://127.0.0.1:{server.server_port}/{name}" for name in SERVICES}
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield archive
        finally:
            server.shutdown()
            thread.join()
    if server.wrong:
        raise server.wrong[0]


def answered(archive: Archive, wsdl: Wsdl, head: dict[str, str], sent: bytes) -> tuple[int, bytes] | None:
    """Status and envelope; None: the answer is lost on its way."""
    operation = wsdl.actions[head["SOAPAction"].strip('"')]
    archive.log.append(operation)
    archive.heads.append(head)
    archive.requests.append(sent)
    envelope = etree.fromstring(sent, etree.XMLParser(huge_tree=True, resolve_entities=False))
    (asked,) = envelope.find(f"{{{SOAP}}}Body")  # type: ignore[misc]
    assert asked.tag == f"{{{wsdl.namespace}}}{operation}"
    wsdl.schema.assertValid(asked)
    wrong = archive.fails.get(operation)
    if isinstance(wrong, int):
        return wrong, b"<html>Nei</html>"
    if wrong:
        return 500, enveloped(_fault(wsdl, wrong))
    try:
        answer = _answer(wsdl, operation, OPERATIONS[operation](archive, asked))
    except Fault as fault:
        return 500, enveloped(_fault(wsdl, str(fault)))
    return None if len(archive.log) in archive.lost else (200, enveloped(answer))


def _answer(wsdl: Wsdl, operation: str, value: Node | list[Node] | None) -> Node:
    answer = etree.Element(f"{{{wsdl.namespace}}}{operation}Response")
    if value is not None:
        returned = etree.SubElement(answer, f"{{{wsdl.namespace}}}return")
        if isinstance(value, list):
            for one in value:
                _fill(etree.SubElement(returned, f"{{{MEMBERS.get(operation, KJERNE)}}}liste"), one)
        else:
            _fill(returned, value)
    wsdl.schema.assertValid(answer)
    return answer


def _fill(element: Node, value: Node) -> None:
    """The children of a value, and its type where it has one of its own."""
    if XSI in value.attrib:
        prefix, _, name = str(value.get(XSI)).rpartition(":")
        element.set(XSI, etree.QName(value.nsmap[prefix or None], name))  # type: ignore[arg-type]  # lxml writes a prefix
    element.extend(own(child) for child in value)


def _fault(wsdl: Wsdl, name: str) -> Node:
    detail = etree.Element(f"{{{TEKNISK}}}{name}")
    etree.SubElement(detail, f"{{{TEKNISK}}}feilKode").text = "4711"
    etree.SubElement(detail, f"{{{TEKNISK}}}feilBeskrivelse").text = "Feil om 15861490049"
    wsdl.schema.assertValid(detail)
    fault = etree.Element(f"{{{SOAP}}}Fault", nsmap={"s": SOAP})
    etree.SubElement(fault, "faultcode").text = "s:Server"
    etree.SubElement(fault, "faultstring").text = "Feil om 15861490049"
    etree.SubElement(fault, "detail").append(detail)
    return fault


def enveloped(message: Node) -> bytes:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"s": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(message)
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
