"""The queue's tasks: deliver what a change ordered, and by the clock, sweep up and look after the targets."""
import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from procrastinate import App, BaseConnector, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from db.engine import WRITER, options, plain
from db.write import archive
from db.write.clock import tick
from db.write.connection import connect
from db.write.delivery import DELIVER, Key
from db.write.due import due, expire
from db.write.find import transaction
from db.write.target import checked, due_for_check, measure
from integrations.metrics import POLLS
from integrations.pulse import Pulse
from integrations.reconcile import reconcile
from integrations.target import UNKNOWN, Target
from integrations.worker import Worker

DELIVERIES, CLOCK = QUEUES = ("deliveries", "clock")
log = logging.getLogger(__name__)


class Watched(JobManager):
    """Lets the worker be seen to ask for work."""

    def __init__(self, connector: BaseConnector, pulse: Pulse) -> None:
        super().__init__(connector)
        self.pulse = pulse

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        self.pulse.beat()
        POLLS.inc()
        return await super().fetch_job(queues, worker_id)


def queued(worker: Worker, url: str) -> App:
    """The queue with a worker's tasks; it opens its own connections."""
    queue = App(connector=PsycopgConnector(
        conninfo=plain(url), min_size=1, max_size=4, kwargs={"options": options(WRITER, 60_000)}))
    queue.job_manager = Watched(queue.connector, worker.pulse)

    @queue.task(name=DELIVER, queue=DELIVERIES)
    async def deliver(municipality: int, plan: str | None, target: str, recipient: str | None = None) -> None:
        key = Key(municipality, UUID(plan) if plan else None, target, UUID(recipient) if recipient else None)
        again = await worker.work(key)
        if again is not None:
            await wake(queue, key, again)

    by_clock(queue, "sweep", "* * * * * */15", partial(sweep, worker, queue))
    by_clock(queue, "look after", "* * * * *", partial(look_after, worker))
    by_clock(queue, "reconcile", "10 3 * * *", partial(reconcile, worker))
    by_clock(queue, "archive on days", "* * * * *", partial(archive.come, worker.writer, worker.clock))
    return queue


def by_clock(queue: App, name: str, cron: str, act: Callable[[], Awaitable[object]]) -> None:
    """What one worker does at each time, however many there are; it waits behind no deliveries, nor more than
    once where nobody minds the clock."""
    @queue.periodic(cron=cron)
    @queue.task(name=name, queue=CLOCK, queueing_lock=name, priority=1)
    async def each_time(timestamp: int) -> None:  # noqa: ARG001  procrastinate says when it was due
        await act()


async def introduce(worker: Worker) -> None:
    """Each municipality and unit to the targets that the file says are theirs, before anything is sent."""
    unknown = await connect(worker.writer, worker.clock(), worker.serves)
    if unknown:
        log.warning("The targets' file names who is not here: %s", ", ".join(sorted(unknown)))


async def sweep(worker: Worker, queue: App) -> None:
    """What a job was lost for, or its worker died with; and plans whose consent ran out."""
    for job in await queue.job_manager.get_stalled_jobs():
        await queue.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
    async with transaction(worker.writer, worker.clock()) as session:
        await expire(session, worker.clock())
        keys = await due(session, worker.clock(), worker.limits)
    for key in keys:
        await wake(queue, key)
    await tick(worker.writer, worker.clock())


async def look_after(worker: Worker) -> None:
    """How it is with the targets, for those who answer for them: measured, and asked themselves."""
    async with transaction(worker.writer, worker.clock()) as session:
        await measure(session, worker.clock())
        names = await due_for_check(session, worker.clock())
    for name in sorted(names):
        faults = await _asked(worker.targets.get(name))
        async with transaction(worker.writer, worker.clock()) as session:
            await checked(session, name, faults, worker.clock())


async def _asked(target: Target | None) -> list[str]:
    """A check that breaks off is a fault of its target, and no reason for the worker to stop."""
    if target is None:
        return [UNKNOWN]
    try:
        return await asyncio.to_thread(target.check)
    except Exception as error:  # noqa: BLE001  its text may hold what a server said
        log.error("The check of %s: %s", target.name, type(error).__qualname__)
        return [f"The check broke off: {type(error).__qualname__}"]


async def wake(queue: App, key: Key, at: datetime | None = None) -> None:
    """A job for the key, unless one waits already."""
    lock = f"{key.plan} {key.target} {key.recipient}" + (" later" if at else "")
    job = queue.configure_task(DELIVER, queue=DELIVERIES, queueing_lock=lock, schedule_at=at)
    try:
        await job.defer_async(**key.arguments)
    except AlreadyEnqueued:
        return
