"""The demo's own parts: who can sign in, and two servers that stop together when they are told to."""
import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from db.seeds.parts import PARTS, organisation
from schema.demo import SIGNING_IN, SYSTEM, WHO, Demo
from schema.login import Login
from tests.support.tokens import Town


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    for port in count(20_000 + os.getpid() % 10_000, 2):  # below those that the system itself gives away
        with suppress(OSError):
            made = Demo(tmp_path, port=port)
            for taken in made.ports():
                taken.close()
            return made
    raise AssertionError


@pytest.fixture
async def serving(demo: Demo) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(demo.serve(Starlette(), demo.ports()))
    while not demo.runs():
        await asyncio.sleep(0.01)
    yield task
    task.cancel()


def test_all_of_the_cast_are_presented_by_their_first_name() -> None:
    assert SIGNING_IN.keys() == {*PARTS, "grandmother"}
    assert WHO.keys() == {*SIGNING_IN, SYSTEM}
    assert [part for part, given in SIGNING_IN.items() if given.name.partition(" ")[0] not in WHO[part]] == []


async def test_whoever_is_presented_gets_a_token_of_an_issuer_that_the_hub_trusts(demo: Demo) -> None:
    login = Login(demo.issuer.issuers(), Town().find)
    numbers = [(await login.identity(demo.token(part, 1)))[0].number for part in WHO]
    parts = [part for part in WHO if part != SYSTEM]
    assert numbers == [*(SIGNING_IN[part].identity_number for part in parts), organisation(1, 0)]
    assert f"{demo.port}/graphql" in demo.welcome()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_stops_both_servers_in_peace(
        demo: Demo, serving: asyncio.Task[None], number: signal.Signals) -> None:
    async with httpx.AsyncClient() as browser:
        assert (await browser.get(f"http://127.0.0.1:{demo.port + 1}/")).status_code == 200
    os.kill(os.getpid(), number)
    await asyncio.wait_for(serving, 5)
    assert not demo.runs()


async def test_a_taken_port_is_told_before_anything_is_begun(demo: Demo) -> None:
    with socket.create_server(("127.0.0.1", demo.port + 1)), pytest.raises(OSError, match="in use"):
        demo.ports()
