"""A plan version as the files that will stand in the folder: built once, sent the same at every attempt."""
import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from integrations.documents.arkivmelding import Codes, arkivmelding
from integrations.documents.plan import pdf
from integrations.target import PlanVersion, RecordState, Told

DOCUMENT = "plan.pdf"
FILES = (DOCUMENT, "arkivmelding.xml", "SHA256SUMS")  # in the order of the container
PLACE = re.compile(r"\d{4}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/v[1-9]\d*")


@dataclass(frozen=True)
class Package:
    """The files of one version by name, and their place: <municipality number>/<plan key>/v<version>."""
    place: str
    files: Mapping[str, bytes]


def package(version: PlanVersion, codes: Codes) -> Package:
    """The document, what the archive is told of it, and both checksums as `sha256sum -c` reads them."""
    document = pdf(version)
    files = {DOCUMENT: document, "arkivmelding.xml": arkivmelding(version, DOCUMENT, document, codes)}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return Package(f"{version.municipality_number}/{version.plan_key}/v{version.version}",
                   {**files, "SHA256SUMS": sums.encode()})


def pack(parts: Package) -> bytes:
    """One stored zip, the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as container:
        for name, content in parts.files.items():
            container.writestr(zipfile.ZipInfo(f"{parts.place}/{name}"), content)  # no clock: dated 1980
    return buffer.getvalue()


def unpack(body: bytes) -> Package:
    """What `pack` packed. ValueError where it is not that: damaged, or a place outside the folder."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as container:
            files = {PurePosixPath(name): container.read(name) for name in container.namelist()}
    except zipfile.BadZipFile as error:
        raise ValueError("not a container, or a damaged one") from error
    places = {str(path.parent) for path in files}
    if len(places) != 1 or not PLACE.fullmatch(place := places.pop()):
        raise ValueError("not the place of a plan version")
    return Package(place, {path.name: content for path, content in files.items()})


def placed(told: Told) -> str | None:
    """Where the version stands that was confirmed; None where its receipt names no place."""
    return told.reference if PLACE.fullmatch(told.reference or "") else None


def compared(told: Told, files: Mapping[str, bytes]) -> RecordState:
    """Whether the files that stand there, put together, are what was sent."""
    if not files:
        return RecordState.MISSING
    sent = Package(str(told.reference), {name: files[name] for name in FILES if name in files})
    same = hashlib.sha256(pack(sent)).hexdigest() == told.sha256
    return RecordState.SAME if same else RecordState.DIFFERENT
