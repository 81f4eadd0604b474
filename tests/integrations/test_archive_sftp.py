"""The archive as a folder on another machine: whole, once and unchanged, wherever a connection breaks."""
import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import Any
from uuid import UUID

import asyncssh
import pytest

from integrations.archive.folder import sftp
from integrations.archive.folder.mapping import Package, pack
from integrations.archive.folder.session import Server
from integrations.archive.folder.sftp import SftpArchive
from integrations.target import DeliveryError, DeliveryFault, Sending, Target
from tests.support.sftp import STEPS, Break, exported, library, openssh

FACT = UUID("0192f0c1-0000-7000-8000-000000000001")
PLACE = "9999/0192f0c1-2b3c-7d4e-8f50-123456789abc/v3"
FILES = {"plan.pdf": b"%PDF-1.7 " + bytes(300_000), "arkivmelding.xml": b"<a/>", "SHA256SUMS": b"0  plan.pdf"}
BODY = pack(Package(PLACE, FILES))
OTHER = pack(Package(PLACE, {**FILES, "plan.pdf": b"%PDF-1.7 other"}))


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with openssh(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def archive(sshd: Server, tmp_path: Path) -> SftpArchive:
    return SftpArchive("archive", sshd, PurePosixPath(tmp_path))


def deliver(archive: SftpArchive, body: bytes = BODY) -> str | None:
    target: Target = archive
    receipt = target.deliver(body, Sending(FACT))
    assert receipt.confirmed
    return receipt.reference


def refused(archive: SftpArchive, body: bytes = BODY) -> tuple[DeliveryFault, str]:
    with pytest.raises(DeliveryError) as refusal:
        archive.deliver(body, Sending(FACT))
    return refusal.value.fault, refusal.value.message


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


WHOLE = {f"{PLACE}/{name}": content for name, content in FILES.items()}


def test_a_version_stands_whole_on_a_real_server_and_is_not_written_again(
        archive: SftpArchive, tmp_path: Path) -> None:
    assert deliver(archive) == PLACE
    assert tree(tmp_path) == WHOLE
    written = [path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))]
    assert deliver(archive) == PLACE
    assert [path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))] == written


def test_other_content_is_not_written_over(archive: SftpArchive, tmp_path: Path) -> None:
    deliver(archive)
    assert refused(archive, OTHER) == (DeliveryFault.PERMANENT, f"Other content stands at {PLACE}.")
    (tmp_path / PLACE / "plan.pdf").unlink()
    assert refused(archive)[0] is DeliveryFault.PERMANENT
    assert refused(archive, b"no zip")[0] is DeliveryFault.PERMANENT


@pytest.mark.parametrize("before", ["_keeps", "_holds"])
def test_a_disk_that_comes_loose_before_it_is_read_back_is_tried_again(
        archive: SftpArchive, tmp_path: Path, before: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read, mounted = getattr(sftp, before), tmp_path / "mounted"
    mounted.mkdir()

    async def loose(*of: Any) -> bool:
        mounted.rename(tmp_path / "away")
        return bool(await read(*of))
    monkeypatch.setattr(sftp, before, loose)
    archive = replace(archive, folder=PurePosixPath(mounted))
    assert refused(archive) == (DeliveryFault.RETRYABLE, "The archive folder is missing.")
    monkeypatch.undo()
    (tmp_path / "away").rename(mounted)
    assert deliver(archive) == PLACE


def test_what_a_power_cut_left_is_swept_away_and_attempts_at_once_make_one_version(
        archive: SftpArchive, tmp_path: Path) -> None:
    half = (tmp_path / PLACE).with_name(f".{FACT}-0")
    half.mkdir(parents=True)
    (half / "plan.pdf").write_bytes(b"%PDF-1.7 ha")
    with ThreadPoolExecutor(3) as attempts:
        said = {attempts.submit(deliver, archive) for _ in range(3)}
    told = [one.exception() for one in said if one.exception()]
    assert all(isinstance(error, DeliveryError) and error.fault is DeliveryFault.RETRYABLE for error in told)
    assert deliver(archive) == PLACE
    assert tree(tmp_path) == WHOLE
    assert [path.name for path in (tmp_path / PLACE).parent.iterdir()] == ["v3"]


def test_a_folder_that_is_not_there_is_not_made(archive: SftpArchive, tmp_path: Path) -> None:
    assert archive.check() == []
    assert list(tmp_path.iterdir()) == []
    archive.folder /= "share"
    assert refused(archive) == (DeliveryFault.RETRYABLE, "The archive folder is missing.")
    assert archive.check() == ["The archive folder is missing."]


def test_a_server_with_another_key_is_told_nothing(archive: SftpArchive, tmp_path: Path) -> None:
    stranger = exported(asyncssh.generate_private_key("ssh-ed25519"))
    archive.server = replace(archive.server, host_keys=[stranger])
    assert refused(archive) == (DeliveryFault.AUTH, "The server has another key than is configured.")
    assert tree(tmp_path) == {}


def test_one_who_is_not_let_in_is_a_matter_for_a_person(archive: SftpArchive) -> None:
    own = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    archive.server = replace(archive.server, key=own)
    assert refused(archive) == (DeliveryFault.AUTH, "The server does not let us sign in.")
    assert archive.check() == ["The server does not let us sign in."]


@pytest.mark.parametrize("taken", [False, True], ids=["before", "unanswered"])
@pytest.mark.parametrize("step", STEPS)
def test_a_connection_that_breaks_at_any_step_leaves_one_version_in_the_end(
        tmp_path: Path, step: str, taken: bool) -> None:
    at = Break(step, taken)
    with library(tmp_path, at) as server:
        archive = SftpArchive("archive", server, PurePosixPath("/"))
        assert refused(archive) == (DeliveryFault.RETRYABLE, "The connection broke.")
        assert set(tree(tmp_path)) <= set(WHOLE) or not (tmp_path / PLACE).exists()
        at.step = None
        assert deliver(archive) == PLACE
    assert tree(tmp_path) == WHOLE
    assert [path.name for path in (tmp_path / PLACE).parent.iterdir()] == ["v3"]


def test_nothing_stands_in_a_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with library(tmp_path, Break()) as server:
        deliver(SftpArchive("archive", server, PurePosixPath("/")))
        assert "practice" not in repr(server)
    assert [record.name for record in caplog.records if record.name.startswith("asyncssh")] == []


def test_a_server_that_says_nothing_is_given_up_in_time(sshd: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = replace(sshd, port=silent.getsockname()[1], timeout=0.3)
        began = monotonic()
        assert refused(SftpArchive("archive", server, PurePosixPath("/")))[0] is DeliveryFault.RETRYABLE
    assert monotonic() - began < 3
    assert refused(SftpArchive("archive", server, PurePosixPath("/"))) == (
        DeliveryFault.RETRYABLE, "No connection to the server, or it broke.")


def test_one_that_speaks_something_else_is_tried_again(sshd: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        def answer() -> None:
            with other.accept()[0] as connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 100)
        thread = threading.Thread(target=answer)
        thread.start()
        server = replace(sshd, port=other.getsockname()[1])
        assert refused(SftpArchive("archive", server, PurePosixPath("/")))[0] is DeliveryFault.RETRYABLE
        thread.join()
