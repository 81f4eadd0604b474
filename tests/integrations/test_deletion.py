"""Whoever asked for a deletion is told that it is done, though nobody of the plan may be known any more."""
from datetime import timedelta

from sqlalchemy import select

from db.rules.delivery import DeliveryFault
from db.tables.municipality import Municipality
from db.write.due import due
from db.write.find import transaction
from integrations.target import DeliveryError, Notice
from integrations.worker import Worker
from tests.support.asking import NOW, SEAL, Asking
from tests.support.changing import rows
from tests.support.receiver import Receiver
from tests.support.tombstones import delete, ready

WAITING = "select recipient_id, state, body_sealed is null from delivery where notice = 'DELETION_DONE'"


async def test_the_last_notice_reaches_one_who_is_gone_and_leaves_nothing(own_town: Asking) -> None:
    async with transaction(own_town.writer, NOW) as session:
        (await session.scalars(select(Municipality))).one().sms = "sms"
    await ready(own_town)
    await delete(own_town)
    gone = own_town.town.persons["guardian2"]
    assert rows(own_town, "select 1 from person where id = %s", gone) == []
    assert rows(own_town, WAITING) == [(None, "ORDERED", False)]
    sms = Receiver("sms")
    worker = Worker(own_town.reader, own_town.writer, SEAL, {"sms": sms}, lambda: own_town.now,
                    "https://hub.example", timedelta(seconds=60))
    sms.says = [DeliveryError(DeliveryFault.RETRYABLE, "busy", timedelta(minutes=5))]
    for _ in range(2):
        async with own_town.writer(own_town.now) as session:
            keys = await due(session, own_town.now)
        for key in keys:
            await worker.work(key)
        own_town.now += timedelta(minutes=10)
    (told, again) = sms.orders
    assert isinstance(told, Notice)
    assert told == again
    assert (told.address, told.text.partition("\n")[0]) == (
        "+4740000002", "Det du ba om å få slettet, er slettet.")
    assert "https" not in told.text, "there is nothing to sign in to"
    assert rows(own_town, WAITING) == [(None, "CONFIRMED", True)]
