"""Each night: what a target has confirmed, beside what it holds by its own word (interfaces.md §1).

A receipt is a promise; this sees whether it is kept."""
import asyncio
import logging
from uuid import UUID

from db.rules.delivery import ENDING, RecordState
from db.tables.delivery import Delivery
from db.tables.reconciliation import Reconciliation
from db.write import reconciliation
from db.write.find import transaction
from integrations.pack import pairwise
from integrations.target import Comparing, DeliveryError, Told
from integrations.worker import Worker

IN_A_ROW = 5  # questions without an answer, after which the target is left alone until the next night
log = logging.getLogger(__name__)


async def reconcile(worker: Worker) -> None:
    """All targets that can be asked, one after the other. One that breaks off stops no other."""
    for name, target in worker.targets.items():
        if not isinstance(target, Comparing):
            continue
        try:
            async with transaction(worker.writer, worker.clock()) as session:
                begun = await reconciliation.begin(session, name, worker.clock())
            for each in begun:
                await _compared(worker, name, target, each)
        except Exception as error:  # noqa: BLE001  its text may hold what a server said
            log.error("Comparing with %s: %s", name, type(error).__qualname__)


async def _compared(worker: Worker, name: str, target: Comparing, begun: Reconciliation) -> None:
    after, silent = UUID(int=0), 0
    while silent < IN_A_ROW:
        async with transaction(worker.writer, worker.clock()) as session:
            batch = await reconciliation.told(session, begun.municipality_id, name, after, worker.clock())
        if not batch:
            async with transaction(worker.writer, worker.clock()) as session:
                await reconciliation.end(session, begun, worker.clock())
            return
        answers = dict[UUID, RecordState | None]()
        for delivery in batch:
            answers[delivery.id] = await _asked(worker, target, delivery)
            silent = 0 if answers[delivery.id] else silent + 1
            if silent == IN_A_ROW:
                break
        async with transaction(worker.writer, worker.clock()) as session:
            await reconciliation.note(session, begun, answers, worker.clock())
        after = batch[-1].id


async def _asked(worker: Worker, target: Comparing, delivery: Delivery) -> RecordState | None:
    if delivery.plan_id is None:
        raise LookupError("a fact of no plan")  # as asked for, none is
    told = Told(
        plan_ref=pairwise(worker.seal, delivery, delivery.plan_id), plan_key=delivery.plan_id,
        seq=delivery.seq, has_plan=delivery.kind not in ENDING, version=delivery.version,
        sha256=delivery.sha256, reference=delivery.reference)
    try:
        return await asyncio.to_thread(target.compare, told)
    except DeliveryError:
        return None
