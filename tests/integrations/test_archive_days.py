"""On the municipality's days each plan that has changed is archived, once, whatever becomes of workers."""
import asyncio
import multiprocessing
import os
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from signal import SIGKILL
from typing import Any

import pytest

from db.engine import Writer
from db.rules.words import ArchiveTrigger, Arena, PlanType, WorkStatus
from db.seal import synthetic
from db.seeds.parts import Town, found, signed
from db.write import archive, goal, person, plan
from db.write.archive import come
from db.write.find import Who, transaction
from integrations.target import PlanVersion
from integrations.tasks import queued
from tests.support.asking import DAY, NOW, SEAL, Asking
from tests.support.busy import busy_town
from tests.support.changing import done, rows
from tests.support.embedded import Server
from tests.support.posting import Post

DECEMBER, JUNE = (  # the first of the month, in Norway
    datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2027, 5, 31, 22, tzinfo=UTC))
MANY, KILLS = 12, 2
SECOND = timedelta(seconds=1)
ORDERED = """select short_name, version, state from delivery d join plan p on p.id = d.plan_id
  where trigger = 'CAMPAIGN' order by 1, 2"""
DUE = {"B%", "IO", "KN", "UN", "ZŁ"}  # of which the archive has no version, and that were active before
LOGGED = "query($id: ID!) { plan(id: $id) { accessLog { edges { node { action person { name } } } } } }"


@pytest.fixture
async def town(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    """With plans in every state, in a municipality that has just chosen its days."""
    async with busy_town(postgres, template) as asking:
        rows(asking, "update municipality set archive_dates_since = %s returning id", NOW)
        yield asking


def ordered(town: Asking) -> list[str]:
    """The plans of which a version was ordered, as often as it was."""
    return [name for name, *_ in rows(town, ORDERED)]


async def look(town: Asking, at: datetime) -> int:
    town.now = at
    return await come(town.writer, lambda: town.now)


async def begun(town: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is due is found, and nobody seen to."""
    monkeypatch.setattr(archive, "AT_ONCE", 0)
    await look(town, DECEMBER)
    monkeypatch.undo()


async def written(town: Asking, short_name: str) -> None:
    """Something new in a plan."""
    ((key, holder),) = rows(town, "select id, stafettholder_id from plan where short_name = %s", short_name)
    who = Who(town.town.municipality, holder, town.now)
    async with transaction(town.writer, town.now) as session:
        await goal.create_goal(session, who, await found(session, who, key), {
            "title": "Nytt", "arena": Arena.HOME, "status": WorkStatus.OPEN})


async def test_what_has_changed_is_archived_on_the_day_and_on_no_other(town: Asking) -> None:
    for at in (NOW, DECEMBER - SECOND):
        await look(town, at)
        assert ordered(town) == []
    for at in (DECEMBER, DECEMBER + SECOND, DECEMBER + 30 * DAY):
        await look(town, at)
        assert set(ordered(town)) == DUE
        assert len(ordered(town)) == len(DUE)


async def test_a_worker_looks_every_minute_whether_a_day_has_come(town: Asking) -> None:
    queue = queued(Post(town).worker, town.url)
    periodic = {task.task.name: task.cron for task in queue.periodic_registry.periodic_tasks.values()}
    assert periodic["archive on days"] == "* * * * *"


async def test_the_next_day_archives_what_has_changed_since(town: Asking) -> None:
    await look(town, DECEMBER)
    town.now += DAY
    for name in ("UN", "ÅÆ"):
        await written(town, name)
    await look(town, JUNE - SECOND)
    assert Counter(ordered(town)) == Counter(DUE), "what changes after a day waits for the next"
    await look(town, JUNE)
    assert Counter(ordered(town)) == Counter([*DUE, "UN", "ÅÆ"])


async def test_a_clock_that_stood_still_over_the_day_makes_up_for_it(town: Asking) -> None:
    await look(town, DECEMBER + 90 * DAY)
    assert set(ordered(town)) == DUE


async def test_what_was_archived_by_hand_or_closed_meanwhile_is_not_archived_again(
        town: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    await begun(town, monkeypatch)
    await done(town, "stafettholder", "archivePlan", planId=f"Plan:{town.town.plan}")
    ((other,),) = rows(town, "select id from plan where short_name = 'B%%' and 1 = %s", 1)
    await done(town, "stafettholder", "closePlan", planId=f"Plan:{other}", reason="OTHER")
    await look(town, DECEMBER + SECOND)
    assert set(ordered(town)) == DUE - {"KN", "B%"}
    assert rows(town, "select count(*) from archive_due where done_at is null") == [(0,)]


async def test_many_workers_archive_each_once(town: Asking) -> None:
    town.now = DECEMBER
    writers = [Writer(town.url, size=2) for _ in range(4)]
    await asyncio.gather(*(come(writer, lambda: town.now) for writer in writers))
    for writer in writers:
        await writer.close()
    assert Counter(ordered(town)) == Counter(DUE)


async def test_a_plan_that_can_not_be_archived_stops_no_other_and_is_tried_again(
        town: Asking, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    order = archive.order_archive

    async def stumble(session: Any, who: Who, about: Any, trigger: ArchiveTrigger) -> Any:
        if about.short_name == "UN":
            raise RuntimeError("Ukjent Nabo")
        return await order(session, who, about, trigger)
    monkeypatch.setattr(archive, "order_archive", stumble)
    await look(town, DECEMBER)
    assert set(ordered(town)) == DUE - {"UN"}
    assert "RuntimeError" in caplog.text and "Nabo" not in caplog.text
    monkeypatch.undo()
    await look(town, DECEMBER + SECOND)
    assert Counter(ordered(town)) == Counter(DUE)


async def test_where_there_is_no_archive_they_wait_for_one(town: Asking) -> None:
    rows(town, "update municipality set archive = null returning id")
    await look(town, DECEMBER)
    assert ordered(town) == []
    rows(town, "update municipality set archive = 'archive' returning id")
    await look(town, DECEMBER + 3 * DAY)
    assert set(ordered(town)) == DUE


async def test_days_count_from_when_they_are_chosen_and_what_is_due_by_others_is_begun(town: Asking) -> None:
    town.now = NOW + DAY
    await done(town, "admin", "setArchiveDates", dates=["11-22", "06-01"])
    await look(town, NOW + 2 * DAY)
    assert ordered(town) == [], "a day of before"
    await done(town, "admin", "setArchiveDates", dates=["11-26", "06-01"])
    town.now = NOW + 5 * DAY
    await done(town, "admin", "setArchiveDates", dates=["12-01", "06-01"])  # no clock came to the 26th
    await look(town, NOW + 6 * DAY)
    assert set(ordered(town)) == DUE
    assert rows(town, "select due_at from archive_campaign") == [(datetime(2026, 11, 25, 23, tzinfo=UTC),)]


async def test_the_archive_is_told_that_the_municipality_did_it_and_the_family_that_nobody_else(
        town: Asking) -> None:
    await look(town, DECEMBER)
    post = Post(town)
    for _ in range(2):
        await post.go()
    versions = [order for order in post.archive.orders if isinstance(order, PlanVersion)]
    assert {(version.trigger, version.archived_by) for version in versions} == {("CAMPAIGN", "Nordmo")}
    assert {state for *_, state in rows(town, ORDERED)} == {"CONFIRMED"}
    told = await town.told("guardian1", LOGGED, id=f"Plan:{town.town.plan}", log=False)
    entries = [edge["node"] for edge in told["plan"]["accessLog"]["edges"]]
    assert {"action": "ARCHIVE", "person": None} in entries


async def many(town: Asking, number: int) -> None:
    """More plans that are due."""
    who = Who(town.town.municipality, town.town.persons["stafettholder"], NOW)
    guardian = town.town.persons["guardian1"]
    for n in range(number):
        born = date(2015, 1, 1) + n * DAY
        async with transaction(town.writer, NOW) as session:
            owner = await person.found_or_registered(
                session, who, SEAL, person.PersonDraft(synthetic(born, 0), f"Barn {n}", born))
            made = await plan.create(session, who, plan.PlanDraft(
                PlanType.STAFETTLOGG, town.town.units["Nordmo skole"], owner.id, f"N{n}", (guardian,),
                who.person, 1, NOW.date()))
        await signed(town.writer, who, made.id, frozenset({guardian}), (), NOW + 300 * DAY)


def working(url: str) -> None:
    async def work() -> None:
        writer = Writer(url, size=2)
        await come(writer, lambda: DECEMBER)
    asyncio.run(work())


def left(town: Asking) -> int:
    ((waiting,),) = rows(town, "select count(*) from archive_due where done_at is null")
    return int(waiting)


async def test_a_worker_that_is_killed_in_the_middle_leaves_the_rest_to_the_next(
        town: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    await many(town, MANY)
    await begun(town, monkeypatch)
    for _ in range(KILLS):
        before = left(town)
        process = multiprocessing.get_context("spawn").Process(target=working, args=(town.url,))
        process.start()
        while left(town) == before:
            await asyncio.sleep(0.002)
        assert process.pid
        os.kill(process.pid, SIGKILL)
        process.join()
    assert 0 < left(town) <= MANY + len(DUE) - KILLS
    await look(town, DECEMBER + SECOND)
    assert Counter(ordered(town)) == Counter([*DUE, *(f"N{n}" for n in range(MANY))])
