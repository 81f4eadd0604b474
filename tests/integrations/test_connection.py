"""Whose a target is stands in the file: another fagsystem is told of the plans, the one before of the end."""
import asyncio
import logging
from dataclasses import replace

import pytest
from sqlalchemy import select

from db.rules.target import Serves, Use
from db.seeds.parts import UNITS, organisation
from db.tables.unit import Unit
from db.write.clock import tick
from db.write.connection import connect
from db.write.find import hold, transaction
from integrations.pulse import Pulse
from integrations.running import Running
from integrations.target import PlanFact
from integrations.tasks import CLOCK
from tests.support.asking import Asking
from tests.support.changing import done, rows
from tests.support.posting import Post
from tests.support.receiver import Receiver

SCHOOL, CLINIC = (organisation(1, [*UNITS].index(unit)) for unit in ("Nordmo skole", "Nordmo helsestasjon"))
HOLDS = "select fagsystem from unit where organisation_number = %s"


@pytest.fixture
async def post(own_town: Asking) -> Post:
    """What there was to tell has been told; `other` is a second fagsystem."""
    made = Post(own_town)
    made.worker = replace(made.worker, targets={**made.worker.targets, "other": Receiver("other")})
    await made.go()
    return made


def units(**numbers: set[str]) -> dict[str, Serves]:
    return {name: Serves(frozenset({Use.FAGSYSTEM}), frozenset(of)) for name, of in numbers.items()}


async def connected(post: Post, serves: dict[str, Serves]) -> set[str]:
    unknown = await connect(post.town.writer, post.town.now, serves)
    await tick(post.town.writer, post.town.now)
    await post.go()
    return unknown


def kept(post: Post, target: str) -> dict[str, list[bool]]:
    """What a system has been told of each plan: whether there is one, in order."""
    told = dict[str, list[bool]]()
    for order in post.worker.targets[target].orders:  # type: ignore[attr-defined]
        assert isinstance(order, PlanFact)
        told.setdefault(str(order.plan_ref), []).append(order.has_plan)
    return told


async def test_the_old_one_is_told_of_the_end_and_the_new_one_of_the_plan(post: Post) -> None:
    assert [*kept(post, "fagsystem").values()] == [[True], [True]]
    assert await connected(post, units(fagsystem={CLINIC}, other={SCHOOL})) == set()
    assert sorted(kept(post, "fagsystem").values()) == [[True], [True, False]]
    assert [*kept(post, "other").values()] == [[True]]
    assert kept(post, "other").keys().isdisjoint(kept(post, "fagsystem")), "by another reference"
    before = rows(post.town, "select count(*) from delivery")
    await connected(post, units(fagsystem={CLINIC}, other={SCHOOL}))
    assert rows(post.town, "select count(*) from delivery") == before, "once"


async def test_who_is_taken_out_of_the_file_has_none_and_who_was_never_in_it_keeps_theirs(post: Post) -> None:
    assert await connected(post, units(other={SCHOOL})) == set()
    assert rows(post.town, HOLDS, CLINIC) == [("fagsystem",)]
    await connected(post, units(other=set()))
    assert (rows(post.town, HOLDS, SCHOOL), rows(post.town, HOLDS, CLINIC)) == ([(None,)], [("fagsystem",)])
    assert [*kept(post, "other").values()] == [[True, False]]


async def test_what_a_change_leaves_due_outlasts_whatever_is_done_to_the_plan_before_the_clock_comes(
        post: Post) -> None:
    await connect(post.town.writer, post.town.now, units(other={SCHOOL}))
    ((nurse,),) = rows(post.town, "select id from participant where person_id = %s and until is null",
                       post.town.town.persons["nurse"])
    await done(post.town, "stafettholder", "endParticipant", participantId=f"Participant:{nurse}")
    await tick(post.town.writer, post.town.now)
    await post.go()
    assert [*kept(post, "other").values()] == [[True]]


async def test_who_adds_somebody_of_the_unit_to_a_plan_meanwhile_never_waits_for_it(post: Post) -> None:
    """They have locked the plan, which it waits for, and need the unit's key."""
    async with transaction(post.town.writer, post.town.now) as session:
        await hold(session, 1, post.town.town.plan)
        coming = asyncio.create_task(connect(post.town.writer, post.town.now, units(other={SCHOOL})))
        while not rows(post.town, "select from pg_locks where not granted"):
            await asyncio.sleep(0.02)
        await session.execute(select(Unit.id).with_for_update(read=True, key_share=True, nowait=True))
        assert rows(post.town, HOLDS, SCHOOL) == [("fagsystem",)], "not yet"
    assert await coming == set()


async def test_an_archive_and_what_carries_notices_are_a_municipality_s(post: Post) -> None:
    ((number,),) = rows(post.town, "select number from municipality")
    serves = {"noark": Serves(frozenset({Use.ARCHIVE}), frozenset({number, "0000"})),
              "paper": Serves(frozenset({Use.SMS, Use.EMAIL}), frozenset({number}))}
    assert await connect(post.town.writer, post.town.now, serves) == {"0000"}
    told = "select archive, sms, email from municipality"
    assert rows(post.town, told) == [("noark", "paper", "paper")]
    mail = {"mail": Serves(frozenset({Use.EMAIL}), frozenset({number}))}
    await connect(post.town.writer, post.town.now, {**mail, "noark": replace(
        serves["noark"], numbers=frozenset())})
    assert rows(post.town, told) == [(None, "paper", "mail")]


async def test_a_worker_that_minds_the_clock_begins_with_it(
        post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    worker = replace(post.worker, pulse=Pulse(), serves=units(other={SCHOOL, "999999999"}))
    async with asyncio.timeout(20), Running(worker, post.town.url, [CLOCK]).working():
        while "who is not here: 999999999" not in caplog.text:
            await asyncio.sleep(0.02)
    assert rows(post.town, HOLDS, SCHOOL) == [("other",)]
