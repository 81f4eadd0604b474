"""A worker that runs: on the queues it is given, begun anew when the database was away, ended in peace."""
import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field

from procrastinate import App

from integrations.listening import listening
from integrations.tasks import CLOCK, DELIVERIES, QUEUES, introduce, look_after, queued, sweep
from integrations.worker import Worker

PAUSE = 5  # seconds, before it starts again
GRACE = 20  # seconds for what is under way when it is told to stop; then another goes on, by its lease
POLLING = 2  # seconds: the database tells of a new job at once, but for one that becomes due
log = logging.getLogger(__name__)


@dataclass
class Running:
    """`at_once`: jobs under way. Who takes no deliveries hears no receipts either, and who does not mind the
    clock sweeps nothing up: somebody must do each."""
    worker: Worker
    url: str
    queues: Collection[str] = QUEUES
    at_once: int = 4
    begun: asyncio.Task[None] | None = field(default=None, init=False)
    ending: bool = field(default=False, init=False)

    def check(self) -> None:
        """RuntimeError where it is not to be counted on."""
        if not self.worker.pulse.well:
            raise RuntimeError("The worker is about to stop, or has shown no life lately.")

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """At work for as long as this is open; then what has begun is finished, and nothing more is taken."""
        task = asyncio.ensure_future(self._work())
        try:
            yield
        finally:
            self.ending = True
            self.worker.pulse.stopping = True
            task.cancel()
            await asyncio.wait([task])

    def restart(self) -> None:
        """With the targets that there are now: what is under way is finished first."""
        if self.begun is not None:
            self.worker.pulse.stopping = True
            self.begun.cancel()

    async def _work(self) -> None:
        queue = queued(self.worker, self.url)
        while True:
            self.worker.pulse.stopping = False
            self.begun = asyncio.ensure_future(self._once(queue))
            try:
                await self.begun
                log.error("The worker stopped by itself, and starts again.")  # as if it had been asked to
            except asyncio.CancelledError:
                if self.ending:
                    raise
                continue  # restarted
            except Exception as error:  # noqa: BLE001  the database was away: it comes back, and so do we
                log.error("The worker stopped, and starts again: %s", type(error).__qualname__)
            await asyncio.sleep(PAUSE)

    async def _once(self, queue: App) -> None:
        hearing = listening(self.worker) if DELIVERIES in self.queues else nullcontext()
        async with queue.open_async(), hearing, asyncio.TaskGroup() as beside:
            if CLOCK in self.queues:
                await introduce(self.worker)
                await sweep(self.worker, queue)
                beside.create_task(look_after(self.worker))  # may take its time
            await queue.run_worker_async(
                queues=list(self.queues), concurrency=self.at_once, install_signal_handlers=False,
                delete_jobs="always", shutdown_graceful_timeout=GRACE, fetch_job_polling_interval=POLLING)
