"""Hears what targets say by themselves: a thread for each that listens, for as long as the worker works."""
import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from threading import Event
from uuid import UUID

from integrations.metrics import LISTENING
from integrations.target import DeliveryError, Listening, Receipt
from integrations.worker import Worker

PAUSE = 5  # seconds before one that broke off listens again
log = logging.getLogger(__name__)


@asynccontextmanager
async def listening(worker: Worker) -> AsyncIterator[None]:
    """With threads of their own: the loop's are for deliveries, and one that listens never gives its back."""
    listeners = {name: target for name, target in worker.targets.items() if isinstance(target, Listening)}
    stop, loop = Event(), asyncio.get_running_loop()
    with ThreadPoolExecutor(max(1, len(listeners)), "listen") as threads:
        tasks = [asyncio.create_task(_listen(name, target, threads, _hearing(worker, name, loop), stop))
                 for name, target in listeners.items()]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)


async def _listen(name: str, target: Listening, threads: ThreadPoolExecutor,
                  heard: Callable[[UUID, Receipt | DeliveryError], None], stop: Event) -> None:
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        try:
            with LISTENING.labels(name).track_inprogress():
                await loop.run_in_executor(threads, target.listen, heard, stop)
        except Exception as error:  # noqa: BLE001  what was not written down comes again
            log.error("%s: listening broke off, and begins again: %s", name, type(error).__qualname__)
            await loop.run_in_executor(threads, stop.wait, PAUSE)


def _hearing(worker: Worker, name: str,
             loop: asyncio.AbstractEventLoop) -> Callable[[UUID, Receipt | DeliveryError], None]:
    """From the listener's thread into the worker's loop; returns when it is written down."""
    def heard(fact_id: UUID, said: Receipt | DeliveryError) -> None:
        asyncio.run_coroutine_threadsafe(worker.heard(name, fact_id, said), loop).result()
    return heard
