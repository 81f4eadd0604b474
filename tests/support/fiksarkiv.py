"""An archive at the edge that speaks Fiks Arkiv V1, by openssl and the official schemas."""
import io
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

from lxml import etree

from tests.support import openssl
from tests.support.fiksio import OWN, Account, FiksIO
from tests.support.official import fiks_arkiv, schema
from tests.support.organisation import Holder
from tests.support.receipts import entry, folder, receipt

OPPRETT = "no.ks.fiks.arkiv.v1.arkivering.arkivmelding.opprett"
XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
MANIFEST = """<ASiCManifest xmlns="http://uri.etsi.org/2918/v1.2.1#" xmlns:ds="{ds}">
  <SigReference URI="META-INF/{signature}" MimeType="application/x-pkcs7-signature"/>{files}</ASiCManifest>"""
REFERENCE = """<DataObjectReference URI="{name}" MimeType="application/xml">
  <ds:DigestMethod Algorithm="{ds}sha256"/><ds:DigestValue>{digest}</ds:DigestValue></DataObjectReference>"""
Headers = Mapping[str, Any]


@dataclass
class Archive:
    """Keeps each klientMeldingId once. `says`: what it does with the next messages, instead of its duty."""
    fiks: FiksIO
    account: Account
    hub: Account
    signer: Holder
    kept: dict[str, dict[str, bytes]] = field(default_factory=dict)
    says: list[Callable[["Archive", Headers], None]] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)

    def take(self, headers: Headers, body: bytes) -> None:
        """A message, found valid in every respect, kept, and answered."""
        assert headers["type"] == OPPRETT
        files = checked(unpacked(openssl.decrypted(body, self.account.holder), self.hub.organisation))
        key = headers[f"{OWN}klientMeldingId"]
        known = key in self.kept
        assert self.kept.setdefault(key, files) == files, "the same id is the same content"
        if self.says:
            return self.says.pop(0)(self, headers)
        return self.confirm(headers, "Eksisterende" if known else "Opprettet")

    def confirm(self, headers: Headers, code: str = "Opprettet") -> None:
        self.answer(headers, f"{OPPRETT}.mottatt")
        self.answer(headers, f"{OPPRETT}.kvittering", receipt(folder(code), entry(code)))

    def answer(self, headers: Headers, kind: str, told: bytes | None = None, to: Holder | None = None,
               **own: str) -> UUID:
        """As KS' clients make one: klientKorrelasjonsId copied, lengths indefinite."""
        content = b"" if told is None else openssl.encrypted(
            packed({"arkivmelding-kvittering.xml": told}, self.signer), to or self.hub.holder, "-stream")
        correlation = own or {"klientKorrelasjonsId": headers[f"{OWN}klientKorrelasjonsId"]}
        return self.fiks.publish(self.hub, kind, self.account.id, content, UUID(headers["melding-id"]),
                                 **correlation)

    @contextmanager
    def open(self) -> Iterator[None]:
        """At work, in a thread of its own."""
        stop = Event()
        thread = Thread(target=self._work, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        assert self.faults == []

    def _work(self, stop: Event) -> None:
        with self.fiks.channel() as channel:
            for method, properties, body in channel.consume(self.account.queue, inactivity_timeout=0.05):
                if stop.is_set():
                    return
                if method is not None:
                    try:
                        self.take(properties.headers, body)
                    except BaseException as error:  # noqa: BLE001  told by the test's own thread
                        self.faults.append(error)
                    channel.basic_ack(method.delivery_tag)


def unpacked(container: bytes, by: Holder) -> dict[str, bytes]:
    """The files of an ASiC-E with CAdES, which the holder must have signed as they are."""
    with zipfile.ZipFile(io.BytesIO(container)) as whole:
        first = whole.infolist()[0]
        assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")
        assert whole.read(first) == b"application/vnd.etsi.asic-e+zip"
        files = {name: whole.read(name) for name in whole.namelist()}
    content = files["META-INF/asicmanifest.xml"]
    manifest = etree.fromstring(content)
    schema("asic/ts_102918v010201").assertValid(manifest)
    (reference,) = manifest.iterfind("{*}SigReference")
    openssl.verified(content, files[reference.get("URI", "")], by)
    told = {one.get("URI", ""): b64decode(one.findtext(f"{{{XMLDSIG}}}DigestValue") or "")
            for one in manifest.iterfind("{*}DataObjectReference")}
    named = {name: files[name] for name in told}
    assert {name: sha256(content).digest() for name, content in named.items()} == told
    assert len(files) == len(named) + 3, "nothing else lies in it"
    return named


def checked(files: dict[str, bytes]) -> dict[str, bytes]:
    """An arkivmelding that is valid, and the document that it tells of."""
    assert list(files) == ["arkivmelding.xml", "plan.pdf"]
    told = etree.fromstring(files["arkivmelding.xml"])
    fiks_arkiv(OPPRETT).assertValid(told)
    assert told.findtext(".//{*}referanseDokumentfil") == "plan.pdf"
    assert told.findtext(".//{*}sjekksum") == sha256(files["plan.pdf"]).hexdigest()
    return files


def packed(files: Mapping[str, bytes], by: Holder) -> bytes:
    """As KS' .NET client packs: its own name for SHA-256, and a signature of indefinite length."""
    signature, buffer = f"signature-{uuid4()}.p7s", io.BytesIO()
    manifest = MANIFEST.format(ds=XMLDSIG, signature=signature, files="".join(
        REFERENCE.format(name=name, ds=XMLDSIG, digest=b64encode(sha256(content).digest()).decode())
        for name, content in files.items())).encode()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("mimetype", "application/vnd.etsi.asic-e+zip", zipfile.ZIP_STORED)
        for name, content in files.items():
            whole.writestr(name, content)
        whole.writestr("META-INF/asicmanifest.xml", manifest)
        whole.writestr(f"META-INF/{signature}", openssl.signed(manifest, by, "-stream"))
    return buffer.getvalue()
