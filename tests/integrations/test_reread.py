"""The targets' file is read anew on SIGHUP: what is under way ends as it began; a fault changes nothing."""
import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from pydantic import SecretStr

from app import Parts, reread
from db.settings import Settings
from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.pulse import Pulse
from integrations.registry import Targets
from integrations.running import Running
from integrations.target import DeliveryError, Receipt
from tests.integrations.test_running import until_told
from tests.support.asking import Asking
from tests.support.hub import LOOKUP_KEY, SEAL_KEYS
from tests.support.posting import Post
from tests.support.receiver import Receiver, Slow

FILE = '[fagsystem]\nkind = "fagsystem/soap"\nurl = "https://fagsystem.example.no/"\nat_once = 3\n'


class Listener(Receiver):
    """Listens until it is told to stop."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.begun, self.ended = Event(), Event()

    def listen(self, heard: Callable[[UUID, Receipt | DeliveryError], None], stop: Event) -> None:
        self.begun.set()
        stop.wait(20)
        self.ended.set()


def parts(post: Post, file: Path, targets: Targets) -> Parts:
    file.write_text(FILE, "utf-8")
    settings = Settings(
        database_url=post.town.url, seal_keys=SecretStr(SEAL_KEYS), lookup_key=SecretStr(LOOKUP_KEY),
        audience="hub", persons_issuer="x", persons_jwks_url="https://x.invalid", targets=file)
    return Parts(settings, (), targets)


async def until(event: Event) -> None:
    assert await asyncio.to_thread(event.wait, 20)


async def test_a_faulty_file_changes_nothing(
        own_town: Asking, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = parts(Post(own_town), tmp_path / "targets.toml", Targets({"archive": Receiver("archive")}))
    (tmp_path / "targets.toml").write_text(FILE.replace("https", "http"), "utf-8")
    reread(made, None)
    assert list(made.targets) == ["archive"]
    assert "targets.toml:3: [fagsystem] url: https" in caplog.text
    (tmp_path / "targets.toml").write_text(FILE, "utf-8")
    caplog.set_level(logging.INFO)
    reread(made, None)
    assert isinstance(made.targets["fagsystem"], SoapFagsystem) and list(made.targets) == ["fagsystem"]
    assert made.targets.limits["fagsystem"].at_once == 3


async def test_what_is_under_way_ends_as_it_began_and_the_rest_goes_to_the_new_ones(
        own_town: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post(own_town)
    slow, former = Slow("fagsystem"), Listener("former")
    latter, new = Receiver("fagsystem"), Listener("new")
    made = parts(post, tmp_path / "targets.toml", Targets({"fagsystem": slow, "former": former}))
    worker = Running(replace(post.worker, pulse=Pulse(), targets=made.targets), own_town.url)
    async with worker.working():
        await until(slow.asked)
        await until(former.begun)
        monkeypatch.setattr("app.targets", lambda _: Targets({"fagsystem": latter, "new": new}))
        reread(made, worker)
        slow.may.set()
        await until_told(post)
        await until(new.begun)
        assert former.ended.is_set() and not new.ended.is_set()
    assert len(slow.bodies) == 1 and latter.bodies
    assert not {fact for _, fact in slow.bodies} & {fact for _, fact in latter.bodies}, "none is sent twice"
