"""Reminders, by moving the clock: each comes once, late where nobody looked, and none of no use."""
import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from db.rules.words import CloseReason, PlanStatus
from db.seeds.parts import signed
from db.tables.consent import Consent
from db.tables.delivery import Delivery
from db.tables.municipality import Municipality
from db.write import plan
from db.write.clock import tick
from db.write.find import Who, lock, transaction
from tests.support.asking import DAY, NOW, Asking

MORNING = NOW.replace(hour=12)  # each day's, some hours after reminders are due


class Years:
    """The town, and a clock that looks when it is told to."""

    def __init__(self, town: Asking) -> None:
        self.town, self.holder = town, town.town.persons["stafettholder"]

    async def come(self, *days: float) -> None:
        """The clock looks on these days after now."""
        for day in days:
            await tick(self.town.writer, MORNING + day * DAY)

    async def told(self) -> list[tuple[str | None, int]]:
        """What was told to whom the holder is, and on which day."""
        return [(about, day) for about, person, day in await self.everybody() if person == self.holder]

    async def everybody(self) -> list[tuple[str | None, object, int]]:
        async with self.town.writer(NOW) as session:
            rows = await session.scalars(select(Delivery).where(
                Delivery.recipient_id.is_not(None)).order_by(Delivery.seq))
            return [(row.notice, row.recipient_id, (row.ordered_at - NOW).days) for row in rows]

    async def change(self, noun: type[Consent | Municipality], **values: object) -> None:
        async with transaction(self.town.writer, NOW) as session:
            for row in await session.scalars(select(noun)):
                for name, value in values.items():
                    setattr(row, name, value)

    async def renewed(self, until: datetime) -> None:
        who = Who(1, self.holder, NOW + DAY)
        guardians = frozenset(self.town.town.persons[part] for part in ("guardian1", "guardian2"))
        await signed(self.town.writer, who, self.town.town.plan, guardians, (), until)


@pytest.fixture
async def years(own_town: Asking) -> Years:
    made = Years(own_town)
    await made.change(Municipality, sms="sms")
    return made


async def test_the_holder_is_reminded_three_times_and_each_time_once(years: Years) -> None:
    await years.come(*range(1, 70))
    await years.come(*range(60, 70))
    assert await years.told() == [("CONSENT_EXPIRES", 5), ("CONSENT_EXPIRES", 35), ("CONSENT_EXPIRES", 58)]


async def test_what_a_clock_that_stood_still_has_missed_is_told_late_and_once(years: Years) -> None:
    await years.come(40, 40.1, 41)
    assert await years.told() == [("CONSENT_EXPIRES", 40)]
    await years.come(64, 64.5)
    assert await years.told() == [("CONSENT_EXPIRES", 40), ("CONSENT_EXPIRES", 64)]


async def test_one_that_stood_still_over_the_end_tells_nothing_that_is_over(years: Years) -> None:
    await years.come(90)
    assert await years.told() == []


async def test_many_workers_remind_once(years: Years) -> None:
    await asyncio.gather(*(tick(years.town.writer, MORNING + 6 * DAY) for _ in range(4)))
    assert await years.told() == [("CONSENT_EXPIRES", 6)]


async def test_a_renewal_that_all_have_signed_ends_the_reminders(years: Years) -> None:
    await years.come(6)
    await years.renewed(NOW + 300 * DAY)
    await years.come(*range(30, 70, 5), 239, 240, 241)
    assert await years.told() == [("CONSENT_EXPIRES", 6), ("CONSENT_EXPIRES", 240)]


async def test_a_closed_plan_reminds_nobody(years: Years) -> None:
    async with transaction(years.town.writer, NOW + DAY) as session:
        who = Who(1, years.holder, NOW + DAY)
        plan.set_status(session, who, await lock(session, who, years.town.town.plan), PlanStatus.CLOSED,
                        CloseReason.OTHER)
    await years.come(*range(2, 70, 4))
    assert await years.told() == []


async def test_a_period_that_has_changed_reminds_by_its_new_end(years: Years) -> None:
    await years.come(6)
    await years.change(Consent, valid_until=NOW + 80 * DAY)
    await years.come(*range(7, 82))
    assert [day for _, day in await years.told()] == [6, 20, 50, 73]


async def test_the_municipality_says_how_long_before(years: Years) -> None:
    await years.change(Municipality, reminder_days=[14, 1])
    await years.come(*range(1, 70))
    assert [day for _, day in await years.told()] == [51, 64]


async def test_before_a_birthday_that_changes_the_law_those_concerned_are_told(years: Years) -> None:
    fifteen, adult = datetime(2033, 3, 6, tzinfo=NOW.tzinfo), datetime(2036, 3, 6, tzinfo=NOW.tzinfo)
    for birthday in (fifteen, adult):
        await years.come(*((birthday - MORNING) / DAY + n for n in (0, 1, 30)))
    owner, holder = years.town.town.persons["owner"], years.holder
    first, last = [(day - NOW) // timedelta(days=1) for day in (fifteen, adult)]
    assert sorted(await years.everybody(), key=str) == sorted([
        ("SIGNERS_CHANGE", holder, first), ("SIGNERS_CHANGE", holder, last),
        ("SIGNERS_CHANGE", owner, last)], key=str)
