"""Who is told that there is something to note: when it comes, soon is due, is overdue; once, and no names."""
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from db.write.clock import tick
from db.write.delivery import Key
from db.write.find import transaction
from db.write.target import measure
from integrations.target import Notice
from tests.support.asking import DAY, Asking
from tests.support.changing import done, rows
from tests.support.receiver import Receiver
from tests.support.tasks import Desk

NOTICES = """select id, recipient_id, notice, state, reason, plan_id, target from delivery
  where notice ~ '^TASK' order by id"""
BOTH = ("nurse", "stranger")


class Office(Desk):
    """The same, where the municipality sends e-mail."""

    def __init__(self, town: Asking) -> None:
        super().__init__(town)
        self.email = Receiver("email")
        self.take({"email": self.email})
        rows(town, "update municipality set email = 'email' returning id")

    async def came(self) -> list[tuple[str, str]]:
        """Whom notices have been ordered for by the clock, and of what; they go out."""
        before = {key for key, *_ in rows(self.town, NOTICES)}
        await tick(self.town.writer, self.town.now)
        fresh = [row for row in rows(self.town, NOTICES) if row[0] not in before]
        for _, person, *_, target in fresh:
            await self.post.worker.work(Key(1, None, target, person))
        return sorted((self.part(person), notice) for _, person, notice, *_ in fresh)

    def part(self, person: UUID) -> str:
        return next(part for part, key in self.town.town.persons.items() if key == person)


@pytest.fixture
async def office(own_town: Asking) -> Office:
    office = Office(own_town)
    await office.opened()
    return office


async def test_each_is_told_once_when_it_comes_before_it_is_due_and_when_it_is_over(office: Office) -> None:
    assert await office.came() == [(part, "TASK_WAITS") for part in BOTH]
    assert await office.came() == []
    came = {}
    while office.town.now < datetime(2026, 12, 20, tzinfo=UTC):
        office.town.now += timedelta(hours=1)
        if told := await office.came():
            came[office.town.now.isoformat()] = told
    assert came == {"2026-11-27T08:00:00+00:00": [(part, "TASK_DUE") for part in BOTH],  # at nine in Norway
                    "2026-11-30T08:00:00+00:00": [(part, "TASK_OVERDUE") for part in BOTH]}


async def test_a_notice_names_nobody_and_belongs_to_no_plan(office: Office) -> None:
    await office.came()
    sent = [order for order in office.email.orders if isinstance(order, Notice)]
    assert [order.text.partition("\n")[0] for order in sent] == [
        "Det er noe å notere i fagsystemet til enheten din."] * 2
    assert {order.address for order in sent} == {
        "nurse@arbeid.example.no", "stranger@arbeid.example.no"}
    assert {row[5] for row in rows(office.town, NOTICES)} == {None}
    told = await office.town.told("stafettholder", "{ deliveries(filter: {kind: NOTICE}) { totalCount } }")
    assert told == {"deliveries": {"totalCount": 0}}


async def test_what_is_noted_meanwhile_is_nobodys_to_be_told(office: Office) -> None:
    await tick(office.town.writer, office.town.now)
    await office.confirm("nurse")
    for part in BOTH:
        await office.post.worker.work(Key(1, None, "email", office.town.town.persons[part]))
    assert [row[3:5] for row in rows(office.town, NOTICES)] == [("CANCELLED", "NO_BUSINESS")] * 2
    office.town.now += 10 * DAY
    assert await office.came() == []


async def test_whoever_sees_an_end_no_more_is_not_told_of_it(office: Office) -> None:
    await office.came()
    office.town.now += DAY
    await done(office.town, "guardian1", "withdrawConsent", consentId=f"Consent:{office.town.town.consent}")
    await office.go()
    assert await office.came() == [("stranger", "TASK_WAITS")]


async def test_all_that_comes_together_is_one_notice(office: Office) -> None:
    await office.came()
    office.town.now += timedelta(hours=1)
    await office.confirm("nurse")
    await office.act("admin", "replaceStafettholder", planId=f"Plan:{office.town.town.plan}", reason="Syk",
                     personId=office.person("nurse"))
    assert await office.kinds("nurse") == ["HOLDER_CHANGED"]
    assert await office.came() == []  # they have been told today that there is something


async def test_administrators_are_alerted_when_it_is_overdue_and_not_before(office: Office) -> None:
    async def alerts() -> list[str]:
        office.town.now += timedelta(minutes=2)
        async with transaction(office.town.writer, office.town.now) as session:
            await measure(session, office.town.now)
        told = await office.town.told("admin", """{ targets { name waiting oldestUnconfirmedAt
            alerts { kind endedAt } } }""")
        (target,) = [one for one in told["targets"] if one["name"] == "fagsystem"]
        assert (target["waiting"], target["oldestUnconfirmedAt"] is None) == (1, False)
        return [alert["kind"] for alert in target["alerts"] if alert["endedAt"] is None]
    office.town.now += 7 * DAY
    assert await alerts() == []
    office.town.now += DAY
    assert await alerts() == ["DELIVERIES_STOPPED"]
