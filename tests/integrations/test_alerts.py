"""Local administrators hear once that a target fails, and once that it is well; and old news is none."""
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db.rules.delivery import NEWS, DeliveryFault
from db.rules.target import IN_A_ROW
from db.rules.words import NoticeKind, Post as Posts
from db.tables.delivery import Delivery
from db.tables.person import Assignment, Person
from db.write.due import due, expire
from db.write.find import NOBODY, Who, transaction
from db.write.person import assign
from integrations.target import DeliveryError, Notice
from integrations.tasks import look_after
from tests.integrations.test_notices import Office, carried
from tests.support.asking import DAY, NOW, Asking
from tests.support.posting import Post
from tests.support.receiver import Receiver

ALERTS = "{ targets { name blocked alerts { kind startedAt endedAt } } }"
BUSY = DeliveryError(DeliveryFault.RETRYABLE, "busy")
MINUTE = timedelta(minutes=1)


class Desk:
    """A town, its receivers, and the e-mail of its local administrators."""

    def __init__(self, post: Post) -> None:
        self.post, self.mail = post, Receiver("email")
        post.worker.targets["email"] = self.mail  # type: ignore[index]

    async def minutes(self, count: int = 1) -> None:
        """What the clock does, as often as it does it; then all that is due goes out."""
        for _ in range(count):
            self.post.town.now += MINUTE
            await look_after(self.post.worker)
            await self.post.go()

    async def alerts(self, part: str = "admin") -> list[tuple[str, str, bool]]:
        targets = (await self.post.town.told(part, ALERTS))["targets"]
        return [(target["name"], alert["kind"], alert["endedAt"] is not None)
                for target in targets for alert in target["alerts"]]

    def told(self) -> list[str]:
        return [order.text.partition("\n")[0] for order in self.mail.orders if isinstance(order, Notice)]

    async def notices(self) -> list[tuple[str | None, str, str | None]]:
        async with transaction(self.post.town.writer, self.post.town.now) as session:
            rows = await session.scalars(select(Delivery).where(Delivery.alert_id.is_not(None)).order_by(
                Delivery.recipient_id, Delivery.seq))
            return [(row.notice, row.state, row.reason) for row in rows]


@pytest.fixture
async def desk(own_town: Asking) -> AsyncIterator[Desk]:
    async with carried(own_town, None, "email"):
        async with transaction(own_town.writer, NOW) as session:
            await session.execute(update(Delivery).values(ordered_at=NOW))
        yield Desk(Post(own_town))


async def failing(desk: Desk) -> None:
    """Until its target rests."""
    desk.post.fagsystem.says = [BUSY] * IN_A_ROW
    for n in range(IN_A_ROW):
        desk.post.town.now = NOW + n * timedelta(hours=2)
        await desk.post.go()


async def test_one_letter_when_it_starts_and_one_when_it_ends(desk: Desk) -> None:
    await failing(desk)
    await desk.minutes(5)
    begun = "Noe må ses til: mottakeren fagsystem tar ikke imot, eller er ikke som den skal."
    assert desk.told() == [begun], "however often it is looked at"
    assert await desk.alerts() == [("fagsystem", "TARGET_FAILS", False)]
    desk.post.town.now += timedelta(hours=5)
    await desk.post.go()
    await desk.minutes(2)
    assert desk.told() == [begun, begun.replace("Noe må ses til", "I orden igjen")]
    assert await desk.alerts() == [("fagsystem", "TARGET_FAILS", True)]
    assert {state for _, state, _ in await desk.notices()} == {"CONFIRMED"}
    await desk.minutes()
    assert len(desk.told()) == 2
    desk.post.town.now += 31 * DAY
    assert await desk.alerts() == []


async def test_each_administrator_hears_in_their_own_language_and_nobody_else_sees_it(desk: Desk) -> None:
    town = desk.post.town
    async with transaction(town.writer, NOW) as session:
        for part in ("leader", "nurse"):
            person = await session.get_one(Person, (1, town.town.persons[part]))
            person.language, person.work_email = "en", f"{part}@work.example.no"
            assign(session, Who(1, NOBODY, NOW), person.id, Posts.LOCAL_ADMINISTRATOR)
        person = await session.get_one(Person, (1, town.town.persons["nurse"]))
        person.work_email = person.email = None
    desk.post.fagsystem.says = [DeliveryError(DeliveryFault.UNKNOWN_PERSON, "unknown")]
    await desk.post.go()
    await desk.minutes()
    assert sorted(order.address for order in desk.mail.orders if isinstance(order, Notice)) == [
        "admin@arbeid.example.no", "leader@work.example.no"]
    assert ("Something needs looking after: deliveries to fagsystem stand still: some wait for a person, or "
            "have waited longer than a day.") in desk.told()
    assert [await desk.alerts(part) for part in ("guardian1", "stafettholder", "analyst")] == [[]] * 3
    seen = await town.told("admin", "{ deliveries { edges { node { notice } } } }")
    assert {"ALERT"} & {edge["node"]["notice"] for edge in seen["deliveries"]["edges"]} == set()


async def test_what_is_over_before_anybody_heard_is_told_to_nobody(desk: Desk) -> None:
    await failing(desk)
    desk.mail.says = [BUSY]
    await look_after(desk.post.worker)
    desk.post.town.now += timedelta(hours=5)
    async with desk.post.town.writer(desk.post.town.now) as session:
        keys = [key for key in await due(session, desk.post.town.now) if key.plan]
    for key in keys:
        await desk.post.worker.work(key)
    await desk.minutes()
    assert desk.told() == []
    assert await desk.notices() == [("ALERT", "CANCELLED", "NO_BUSINESS"),
                                    ("ALERT_OVER", "CANCELLED", "NEVER_TOLD")]


@pytest.mark.parametrize(("change", "reason"), [("post", "NO_BUSINESS"), ("address", "NO_ADDRESS")])
async def test_who_keeps_no_settings_any_more_is_told_nothing(
        desk: Desk, change: str, reason: str) -> None:
    await failing(desk)
    await look_after(desk.post.worker)
    async with transaction(desk.post.town.writer, NOW) as session:
        admin = desk.post.town.town.persons["admin"]
        if change == "post":
            for post in await session.scalars(select(Assignment).where(Assignment.person_id == admin)):
                post.until = NOW
        else:
            person = await session.get_one(Person, (1, admin))
            person.work_email = person.email = None
    await desk.post.go()
    assert (desk.told(), await desk.notices()) == ([], [("ALERT", "CANCELLED", reason)])


async def test_a_municipality_without_email_sees_its_alerts_all_the_same(desk: Desk) -> None:
    async with carried(desk.post.town, None, None):
        await failing(desk)
        await desk.minutes()
    assert await desk.alerts() == [("fagsystem", "TARGET_FAILS", False)]
    assert desk.told() == []


@pytest.mark.parametrize("says", [BUSY, DeliveryError(DeliveryFault.PERMANENT, "no")])
async def test_news_that_reached_nobody_for_a_week_are_told_no_more(
        own_town: Asking, says: DeliveryError) -> None:
    async with carried(own_town, "sms", "email"):
        office = Office(own_town)
        office.sms.says = [says]
        await office.tell("guardian1", about=NoticeKind.BATON_GIVEN)
        await office.go()
        for moment, state in ((NOW + NEWS - MINUTE, {"ORDERED", "REJECTED"}), (NOW + NEWS, {"EXPIRED"})):
            office.town.now = moment
            async with transaction(own_town.writer, moment) as session:
                await expire(session, moment)
            assert {d["state"] for d in await office.kept()} <= state
        await office.go()
    assert len(office.sms.bodies) == 1
