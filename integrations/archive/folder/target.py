"""Delivery into a folder, on this machine or mounted: a version stands there whole or not at all."""
import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from integrations.archive.folder.mapping import FILES, compared, pack, package, placed, unpack
from integrations.documents.arkivmelding import Codes
from integrations.target import DeliveryError, DeliveryFault, PlanVersion, Receipt, RecordState, Sending, Told

MISSING = "The archive folder is missing."


@dataclass
class FolderArchive:
    """Each version becomes <folder>/<municipality number>/<plan key>/v<version>/ and is never changed."""
    name: str
    folder: Path
    codes: Codes = field(default_factory=Codes)

    def render(self, order: PlanVersion) -> bytes:
        return pack(package(order, self.codes))

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """Confirmed when what is read back is what was sent; the reference is the place in the folder."""
        try:
            parts = unpack(body)
            place = self.folder / parts.place
            if not place.exists():
                self._place(place, parts.files, sending.fact_id)
            kept = _keeps(place, parts.files)
        except ValueError as error:
            raise DeliveryError(DeliveryFault.PERMANENT, f"What was to be sent is {error}.") from None
        except OSError as error:
            raise DeliveryError(DeliveryFault.RETRYABLE, f"The archive folder: {error.strerror}.") from None
        if not kept:
            raise DeliveryError(DeliveryFault.PERMANENT, f"Other content stands at {parts.place}.")
        return Receipt(confirmed=True, reference=parts.place)

    def compare(self, told: Told) -> RecordState:
        """Whether its files, put together, are what was sent."""
        if not self.folder.is_dir():
            raise DeliveryError(DeliveryFault.RETRYABLE, MISSING)
        place = placed(told)
        paths = [self.folder / place / name for name in FILES] if place else []
        try:
            return compared(told, {path.name: path.read_bytes() for path in paths if path.is_file()})
        except OSError as error:
            raise DeliveryError(DeliveryFault.RETRYABLE, f"The archive folder: {error.strerror}.") from None

    def check(self) -> list[str]:
        if not self.folder.is_dir():
            return [MISSING]
        try:
            with tempfile.TemporaryFile(dir=self.folder):
                return []
        except OSError as error:
            return [f"The archive folder can't be written to: {error.strerror}."]

    def _place(self, place: Path, files: Mapping[str, bytes], fact_id: UUID) -> None:
        """Writes aside and moves all at once: whoever watches the folder never meets half a version."""
        for above in (place.parent.parent, place.parent):
            above.mkdir(exist_ok=True)  # not the folder itself: it may be a disk that is not mounted
            _sync(above.parent)
        draft = place.parent / f".{fact_id}-{uuid4().hex}"  # an attempt thought dead may still write its own
        try:
            _write(draft, files)
            draft.replace(place)
            _sync(place.parent)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            if not place.exists():  # else another attempt was first, and what it wrote is read back
                raise
        for left in place.parent.glob(f".{fact_id}-*"):  # of attempts that broke: none can take the place now
            shutil.rmtree(left, ignore_errors=True)


def _write(draft: Path, files: Mapping[str, bytes]) -> None:
    draft.mkdir()
    for name, content in files.items():
        with (draft / name).open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    _sync(draft)


def _sync(folder: Path) -> None:
    """The names in a folder reach the disk only when the folder itself is synced."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keeps(place: Path, files: Mapping[str, bytes]) -> bool:
    """Read through the version's own folder, once it is open: a disk that comes loose before that is a disk
    that is missing, not a version that lacks its files."""
    folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return all(_holds(folder, name, content) for name, content in files.items())
    finally:
        os.close(folder)


def _holds(folder: int, name: str, content: bytes) -> bool:
    try:
        descriptor = os.open(name, os.O_RDONLY, dir_fd=folder)
    except FileNotFoundError:
        return False
    with os.fdopen(descriptor, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest() == hashlib.sha256(content).digest()
