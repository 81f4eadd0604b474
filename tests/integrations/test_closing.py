"""Closing archives first, then tells: by the archive's own receipt, whatever happens between."""
from asyncio import create_task, sleep
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from db.engine import plain
from db.rules.delivery import DeliveryFault
from db.write.attempt import Claim, Outcome, claim
from db.write.clock import tick
from db.write.delivery import Key
from db.write.find import transaction
from db.write.receipt import finish
from integrations.archive.folder.target import FolderArchive
from integrations.target import DeliveryError, PlanVersion, Receipt
from tests.support.asking import DAY, NOW, Asking
from tests.support.changing import done, refused, rows
from tests.support.posting import Post
from tests.support.printed import text_of

BEFORE = 4  # facts that the town begins with
TOLD = f"select kind from delivery where unit_id is not null order by seq offset {BEFORE}"
OVERVIEW = "query($id: ID!) { plan(id: $id) { overview { version } } }"
REFUSED = {"a\x07b": "BAD_CHARACTER", "\x00": "BAD_CHARACTER", "\ufdd0": "BAD_CHARACTER",
           "W" * 100_000: "TOO_LONG"}
KEPT = {
    "presentation": "👩‍👩‍👧‍👦 👍🏽 نوافق على 漢字 ትግርኛ", "initiative": "\ue000 \ufeff \u202e \u200d \u0301",
    "strengths": "x" + "\u0301" * 19_000, "challenges": "W" * 2_000,
    "ownVoice": "#set page(width: 1cm) $x^2$ *b* \\ = h <l> @ref [a] {b} // /* `"}
CONFIRMED = Outcome(1, None, confirmed=True, reference="2026/7")


@pytest.fixture
async def post(own_town: Asking) -> Post:
    """Both services have been told that the child has a plan."""
    made = Post(own_town)
    await made.go()
    return made


async def act(post: Post, change: str, by: str = "stafettholder", **given: str | None) -> None:
    await done(post.town, by, change, planId=f"Plan:{post.town.town.plan}", **given)


def told(post: Post) -> list[str]:
    return [kind for (kind,) in rows(post.town, TOLD)]


async def under_way(post: Post) -> Claim:
    """The closing version, claimed by a worker that is then not heard of."""
    key = Key(post.town.town.municipality, post.town.town.plan, "archive")
    async with transaction(post.town.writer, post.town.now) as session:
        held = await claim(session, key, timedelta(seconds=60))
    assert isinstance(held, Claim)
    return held


async def receipt(post: Post, held: Claim) -> None:
    async with transaction(post.town.writer, post.town.now) as session:
        await finish(session, held, CONFIRMED, post.town.now)


async def test_rights_close_at_once_and_the_services_hear_of_it_when_the_archive_has_it(post: Post) -> None:
    await act(post, "closePlan", reason="GOALS_REACHED")
    ask = "query($id: ID!) { plan(id: $id) { status endDate goals { id } } }"
    plan = f"Plan:{post.town.town.plan}"
    assert await post.town.told("nurse", ask, id=plan) == {"plan": None}
    assert (await post.town.told("stafettholder", ask, id=plan))["plan"] == {
        "status": "CLOSED", "endDate": NOW.date().isoformat(), "goals": None}
    post.archive.says = [DeliveryError(DeliveryFault.RETRYABLE, "busy"), Receipt(confirmed=False)]
    for _ in post.archive.says.copy():
        await post.go()
        assert told(post) == [], "busy, or only heard"
        post.town.now += DAY
    await post.go()
    await post.go()
    assert told(post) == ["CLOSED", "CLOSED"]
    assert {d["state"] for d in (await post.said())[-2:]} == {"CONFIRMED"}
    assert [fact.has_plan for fact in post.facts()] == [True, True, False, False]
    version = next(order for order in post.archive.orders if isinstance(order, PlanVersion))
    assert (version.trigger, version.plan["status"]) == ("CLOSING", "CLOSED") and version.plan["goals"]


async def test_what_is_typed_is_refused_by_its_field_or_closes_with_the_plan(
        post: Post, tmp_path: Path) -> None:
    """A real archive: what any of the texts did to the document would keep the services from being told."""
    plan = f"Plan:{post.town.town.plan}"
    said = await post.town.told("guardian1", OVERVIEW, id=plan)
    entry = {"planId": plan, "version": said["plan"]["overview"]["version"]}
    for typed, fault in REFUSED.items():
        told_of = await refused(post.town, "guardian1", "updateOverview", **entry, strengths=typed)
        assert told_of == [(fault, "strengths")]
    await done(post.town, "guardian1", "updateOverview", **entry, **KEPT)
    archive = FolderArchive("archive", tmp_path)
    post.worker = replace(post.worker, targets={**post.worker.targets, "archive": archive})
    await act(post, "closePlan", reason="OTHER")
    await post.go()
    assert told(post) == ["CLOSED", "CLOSED"]
    ((place,),) = rows(post.town, "select reference from delivery where kind = 'ARCHIVED'")
    assert "#set page" in text_of((tmp_path / place / "plan.pdf").read_bytes())


async def test_a_version_that_was_ordered_before_the_closing_is_not_the_closing_one(post: Post) -> None:
    await act(post, "archivePlan", elements=None)
    before = await under_way(post)
    post.town.now += timedelta(seconds=1)
    await act(post, "closePlan", reason="OTHER")
    await receipt(post, before)
    assert told(post) == []
    await receipt(post, await under_way(post))
    assert told(post) == ["CLOSED", "CLOSED"]


async def test_a_plan_that_is_open_again_is_not_told_to_be_closed(post: Post) -> None:
    await act(post, "closePlan", reason="OTHER")
    held = await under_way(post)
    post.town.now += timedelta(seconds=1)
    await act(post, "reopenPlan")
    await receipt(post, held)
    assert told(post) == []


async def test_a_plan_that_is_closed_again_waits_for_its_own_version(post: Post) -> None:
    await act(post, "closePlan", reason="OTHER")
    held = await under_way(post)
    for change, given in (("reopenPlan", {}), ("closePlan", {"reason": "OTHER"})):
        post.town.now += timedelta(seconds=1)
        await act(post, change, **given)
    await receipt(post, held)
    assert told(post) == []
    await receipt(post, await under_way(post))
    assert told(post) == ["CLOSED", "CLOSED"]


async def test_a_withdrawal_waits_for_no_archive_and_is_all_that_is_told(post: Post) -> None:
    await act(post, "closePlan", reason="OTHER")
    held = await under_way(post)
    await done(post.town, "guardian1", "withdrawConsent", consentId=f"Consent:{post.town.town.consent}")
    assert told(post) == ["WITHDRAWN", "WITHDRAWN"]
    await receipt(post, held)
    assert told(post) == ["WITHDRAWN", "WITHDRAWN"]


async def test_the_clock_tells_of_no_closing_before_its_time_but_of_a_consent_that_has_run_out(
        post: Post) -> None:
    await act(post, "closePlan", reason="OTHER")
    rows(post.town, "update plan set next_change_at = changed_at where id = %s returning id",
         post.town.town.plan)
    await tick(post.town.writer, post.town.now + timedelta(hours=1))
    assert told(post) == []
    await tick(post.town.writer, NOW + 66 * DAY)
    assert told(post) == ["WITHDRAWN", "WITHDRAWN"]


async def test_where_the_version_is_given_up_another_one_will_do_if_it_is_whole(post: Post) -> None:
    await act(post, "closePlan", reason="OTHER")
    (key,) = rows(post.town, "select id from delivery where trigger = 'CLOSING'")[0]
    await done(post.town, "leader", "cancelDelivery", deliveryId=f"Delivery:{key}")
    for elements, kinds in ((["GOALS"], []), (None, ["CLOSED", "CLOSED"])):
        await done(post.town, "stafettholder", "archivePlan", planId=f"Plan:{post.town.town.plan}",
                   elements=elements)
        await receipt(post, await under_way(post))
        assert told(post) == kinds


async def test_neither_the_receipt_nor_the_order_is_written_down_alone(post: Post) -> None:
    """The worker dies after the archive has taken the version, and before it has told anybody."""
    await act(post, "closePlan", reason="OTHER")
    held = await under_way(post)
    async with post.town.writer(post.town.now) as session:
        session.info["clock"] = lambda: post.town.now
        await finish(session, held, CONFIRMED, post.town.now)
        await session.flush()
        await session.rollback()
    assert told(post) == []
    post.town.now += timedelta(minutes=2)
    await post.go()
    assert told(post) == ["CLOSED", "CLOSED"]


async def test_a_receipt_waits_for_the_plan_before_it_takes_the_delivery(post: Post) -> None:
    await act(post, "closePlan", reason="OTHER")
    held = await under_way(post)
    with psycopg.connect(plain(post.town.url)) as connection:
        connection.execute("select from plan for no key update")
        writing = create_task(receipt(post, held))
        await sleep(0.3)
        connection.execute("select from delivery for update nowait")  # it holds none
        assert not writing.done()
    await writing
    assert told(post) == ["CLOSED", "CLOSED"]
