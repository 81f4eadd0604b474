"""What those who run the hub ask: whether it can work, and what it counts, which names nobody."""
import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from app import metrics
from db.engine import Reader
from db.rules.delivery import DeliveryFault
from integrations.target import DeliveryError
from integrations.tasks import look_after
from schema import health
from schema.beside import beside
from schema.metrics import counted
from tests.support.asking import Asking
from tests.support.browser import SECRET, Hub, get
from tests.support.posting import Post


async def well() -> None:
    pass


async def failing() -> None:
    raise OSError(SECRET)


async def got(app: Starlette, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client:
        return await client.get(path)


@pytest.mark.parametrize(("ready", "status"), [(well, 200), (failing, 503), (lambda: asyncio.sleep(60), 503)])
async def test_whoever_can_not_work_says_so_and_lives(
        ready: Callable[[], Awaitable[None]], status: int, monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(health, "READY_WITHIN", 0.05)
    app = health.operations(ready, lambda: asyncio.sleep(0, b""))
    assert [(await got(app, path)).status_code for path in ("/health", "/health/ready", "/health/live")] == [
        status, status, 200]
    assert SECRET not in caplog.text


async def test_what_is_counted_tells_of_targets_and_of_nobody(own_town: Asking) -> None:
    post = Post(own_town)
    post.fagsystem.says = [DeliveryError(DeliveryFault.RETRYABLE, SECRET)]
    await post.go()
    own_town.now += timedelta(hours=1)
    await look_after(post.worker)
    await counted(own_town.answer("admin", "{ nonsense }"))
    app = health.operations(well, lambda: metrics(own_town.reader, own_town.writer))
    told = await got(app, "/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=")
    lines = dict(line.rsplit(" ", 1) for line in told.text.splitlines() if not line.startswith("#"))
    assert float(lines['hub_delivery_attempts_total{outcome="retryable",target="fagsystem"}']) >= 1
    assert float(lines['hub_delivery_attempt_seconds_count{target="fagsystem"}']) >= 1
    assert float(lines['hub_deliveries_under_way{target="fagsystem"}']) == 0
    assert float(lines['hub_answer_errors_total{code="GRAPHQL_VALIDATION_FAILED"}']) >= 1
    assert lines["hub_database_up"] == "1.0"
    (waiting,) = [value for name, value in lines.items()
                  if name.startswith("hub_target_waiting{") and 'target="fagsystem"' in name]
    (told_of,) = await own_town.reader.rows("select waiting from target where name = 'fagsystem'", [])
    assert float(waiting) == told_of[0] > 0
    assert SECRET not in told.text and str(own_town.town.plan) not in told.text
    for name in await own_town.reader.rows("select name from person", []):
        assert name[0] not in told.text


async def test_without_its_database_it_tells_what_it_counts_itself(own_town: Asking) -> None:
    gone = Reader("postgresql://127.0.0.1:1/none", 1)
    gone.pool.timeout = 0.1
    await gone.open()
    told = (await metrics(gone, own_town.writer)).decode()
    assert "hub_database_up 0.0" in told and "hub_target_waiting{" not in told
    await gone.close()


async def test_what_is_counted_is_not_for_those_who_ask_questions() -> None:
    assert (await get(Hub(), "/metrics")).status_code == 404


async def test_it_is_served_beside_and_leaves_the_signals_alone() -> None:
    kept, place = signal.getsignal(signal.SIGTERM), socket.create_server(("127.0.0.1", 0))
    app = health.operations(well, lambda: asyncio.sleep(0, b"x 1\n"))
    async with beside(app, place), httpx.AsyncClient() as client:
        told = await client.get(f"http://127.0.0.1:{place.getsockname()[1]}/metrics")
        assert told.text == "x 1\n"
        assert signal.getsignal(signal.SIGTERM) == kept
    async with beside(app, None):
        pass
