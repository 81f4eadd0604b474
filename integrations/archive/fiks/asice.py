"""The container of a message: ASiC-E with CAdES (ETSI TS 102 918 §6.2), as KS' clients write and read it."""
import io
import zipfile
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import PurePosixPath

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate
from lxml.etree import Element, SubElement, XMLParser, XMLSyntaxError, _Element as Node, fromstring, tostring

from integrations.archive.fiks.signature import signature, verify

MIMETYPE = b"application/vnd.etsi.asic-e+zip"
MANIFEST = "META-INF/asicmanifest.xml"
SIGNATURE = "META-INF/signature-1.p7s"
TYPES = {".xml": "application/xml", ".pdf": "application/pdf"}
ASIC = "http://uri.etsi.org/2918/v1.2.1#"
XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA256_AS_KS = XMLDSIG + "sha256"  # which is no standard's, but what KS' .NET client writes
LIMIT = 16 << 20  # bytes of an answer, unpacked; a receipt has some thousand
SAFE = XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def contained(files: Mapping[str, bytes]) -> bytes:
    """The files in their order, not signed yet; the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as container:
        for name, content in {"mimetype": MIMETYPE, **files}.items():  # the mark comes first: §6.2.1
            container.writestr(zipfile.ZipInfo(name), content)  # no clock: dated 1980
    return buffer.getvalue()


def signed(container: bytes, key: RSAPrivateKey, certificate: Certificate) -> bytes:
    """With a manifest of its files, and the signature on that. ValueError: it is no container."""
    manifest = _manifest(_unpacked(container))
    buffer = io.BytesIO(container)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as whole:
        whole.writestr(zipfile.ZipInfo(MANIFEST), manifest)
        whole.writestr(zipfile.ZipInfo(SIGNATURE), signature(manifest, key, certificate))
    return buffer.getvalue()


def opened(container: bytes, trusted: Sequence[Certificate]) -> dict[str, bytes]:
    """The files, each as the signed manifest says it is. ValueError: not so, or no container."""
    entries = _unpacked(container, LIMIT)
    manifest = next((content for name, content in entries.items() if name.lower() == MANIFEST.lower()), None)
    if manifest is None:
        raise ValueError("no manifest")
    try:
        told = fromstring(manifest, SAFE)
    except XMLSyntaxError as error:
        raise ValueError("no manifest that can be read") from error
    place = told.find("{*}SigReference")
    verify(manifest, entries.get("" if place is None else place.get("URI", ""), b""), trusted)
    files = _files(entries)
    if dict(_digest(one) for one in told.iterfind("{*}DataObjectReference")) != _digests(files):
        raise ValueError("not the files that were signed")
    return files


def _unpacked(container: bytes, limit: int | None = None) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(container)) as whole:
            if limit is not None and sum(entry.file_size for entry in whole.infolist()) > limit:
                raise ValueError("too much")  # zipfile reads no more of an entry than it says it is
            return {entry.filename: whole.read(entry) for entry in whole.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ValueError("no container, or a damaged or locked one") from error


def _files(entries: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in entries.items()
            if name != "mimetype" and not name.upper().startswith("META-INF/")}


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: b64encode(sha256(content).digest()).decode() for name, content in files.items()}


def _digest(reference: Node) -> tuple[str, str]:
    method = reference.find(f"{{{XMLDSIG}}}DigestMethod")
    if method is None or method.get("Algorithm") not in (SHA256, SHA256_AS_KS):
        raise ValueError("not by SHA-256")
    value = reference.findtext(f"{{{XMLDSIG}}}DigestValue") or ""
    return reference.get("URI", ""), "".join(value.split())


def _manifest(entries: Mapping[str, bytes]) -> bytes:
    manifest = Element(f"{{{ASIC}}}ASiCManifest", nsmap={"asic": ASIC, "ds": XMLDSIG})
    SubElement(manifest, f"{{{ASIC}}}SigReference", URI=SIGNATURE, MimeType="application/x-pkcs7-signature")
    for name, digest in _digests(_files(entries)).items():
        kind = TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
        reference = SubElement(manifest, f"{{{ASIC}}}DataObjectReference", URI=name, MimeType=kind)
        SubElement(reference, f"{{{XMLDSIG}}}DigestMethod", Algorithm=SHA256)
        SubElement(reference, f"{{{XMLDSIG}}}DigestValue").text = digest
    return tostring(manifest, xml_declaration=True, encoding="UTF-8", standalone=True)
