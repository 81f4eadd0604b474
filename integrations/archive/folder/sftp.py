"""Delivery into a folder on another machine, over SFTP: a version stands there whole or not at all."""
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from uuid import UUID, uuid4

from asyncssh import SFTPClient, SFTPError, SFTPNoSuchFile, SFTPOpUnsupported

from integrations.archive.folder.mapping import FILES, Package, compared, pack, package, placed, unpack
from integrations.archive.folder.session import Server, session
from integrations.documents.arkivmelding import Codes
from integrations.target import DeliveryError, DeliveryFault, PlanVersion, Receipt, RecordState, Sending, Told


@dataclass
class SftpArchive:
    """The same files at the same places as `FolderArchive`, <folder> being the server's; never changed."""
    name: str
    server: Server
    folder: PurePosixPath
    codes: Codes = field(default_factory=Codes)

    def render(self, order: PlanVersion) -> bytes:
        return pack(package(order, self.codes))

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """Confirmed when what is read back is what was sent; the reference is the place in the folder."""
        try:
            parts = unpack(body)
        except ValueError as error:
            raise DeliveryError(DeliveryFault.PERMANENT, f"What was to be sent is {error}.") from None

        async def kept(sftp: SFTPClient) -> bool:
            place = self.folder / parts.place
            if not await sftp.exists(place):
                await _placed(sftp, place, parts, sending.fact_id)
            return await _keeps(sftp, place, parts.files)
        if not session(self.server, kept):
            raise DeliveryError(DeliveryFault.PERMANENT, f"Other content stands at {parts.place}.")
        return Receipt(confirmed=True, reference=parts.place)

    def compare(self, told: Told) -> RecordState:
        """Whether its files, put together, are what was sent."""
        async def read(sftp: SFTPClient) -> dict[str, bytes]:
            await sftp.stat(self.folder)  # not mounted there, it is missing, and not the version
            place, found = placed(told), dict[str, bytes]()
            for path in [self.folder / place / name for name in FILES] if place else []:
                with suppress(SFTPNoSuchFile):
                    async with sftp.open(path, "rb") as file:
                        content: object = await file.read()  # typed as if every file were text
                        found |= {path.name: content} if isinstance(content, bytes) else {}
            return found
        return compared(told, session(self.server, read))

    def check(self) -> list[str]:
        async def tried(sftp: SFTPClient) -> None:
            trial = self.folder / f".{uuid4().hex}"
            await sftp.mkdir(trial)
            await sftp.rmdir(trial)
        try:
            session(self.server, tried)
        except DeliveryError as error:
            return [error.message]
        return []


async def _placed(sftp: SFTPClient, place: PurePosixPath, parts: Package, fact_id: UUID) -> None:
    """Writes aside and moves all at once: whoever watches the folder never meets half a version."""
    for above in (place.parent.parent, place.parent):  # not the folder itself: it may not be mounted there
        await _made(sftp, above)
    draft = place.parent / f".{fact_id}-{uuid4().hex}"  # an attempt thought dead may still write its own
    try:
        await _write(sftp, draft, parts.files)
        await sftp.rename(draft, place)
    except SFTPError:
        await sftp.rmtree(draft, ignore_errors=True)
        if not await sftp.exists(place):  # else another attempt was first, and what it wrote is read back
            raise
    for left in await sftp.listdir(place.parent):  # of attempts that broke: none can take the place now
        if left.startswith(f".{fact_id}-"):
            await sftp.rmtree(place.parent / left, ignore_errors=True)


async def _made(sftp: SFTPClient, folder: PurePosixPath) -> None:
    """SFTP (version 3) says of a folder that is there already only that it failed."""
    try:
        await sftp.mkdir(folder)
    except SFTPError:
        if not await sftp.isdir(folder):
            raise


async def _write(sftp: SFTPClient, draft: PurePosixPath, files: Mapping[str, bytes]) -> None:
    await sftp.mkdir(draft)
    for name, content in files.items():
        async with sftp.open(draft / name, "xb") as file:
            await file.write(content)
            with suppress(SFTPOpUnsupported):  # fsync@openssh.com; of folders no server offers it
                await file.fsync()


async def _keeps(sftp: SFTPClient, place: PurePosixPath, files: Mapping[str, bytes]) -> bool:
    """By one listing: a disk that comes loose before it or after it is missing, and not a version that lacks
    its files."""
    kept = {*await sftp.listdir(place)}
    return files.keys() <= kept and all(
        [await _holds(sftp, place / name, content) for name, content in files.items()])


async def _holds(sftp: SFTPClient, path: PurePosixPath, content: bytes) -> bool:
    async with sftp.open(path, "rb") as file:
        read: object = await file.read(len(content) + 1)  # typed as if every file were text
        return read == content
