"""Each night a target is asked what it holds: what it has lost is reported, and can be told again."""
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db.rules.delivery import DeliveryFault, RecordState
from db.write import reconciliation
from integrations.archive.folder.target import FolderArchive
from integrations.reconcile import IN_A_ROW, reconcile
from integrations.target import DeliveryError, Told
from integrations.tasks import look_after
from tests.support.asking import DAY, NOW, Asking
from tests.support.changing import change, done, rows
from tests.support.posting import Post
from tests.support.receiver import Receiver

REPORT = """{ targets { name alerts { kind endedAt } reconciliations {
  startedAt endedAt same missing different unanswered } } }"""
RECORDS = """{ deliveries(orderBy: ORDERED_AT) { edges { node {
  id target kind state record comparedAt confirmedAt } } } }"""
PREVIEW = "{ deliveriesPreview(filter: {record: MISSING}) { count } }"


class Forgetful(Receiver):
    """Says what it holds of each that it has confirmed, unless the test has it say otherwise."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.asked, self.holds = list[Told](), dict[int, RecordState | DeliveryError]()

    def compare(self, told: Told) -> RecordState:
        self.asked.append(told)
        said = self.holds.get(told.seq, RecordState.SAME)
        if isinstance(said, DeliveryError):
            raise said
        return said


@pytest.fixture
async def post(own_town: Asking) -> Post:
    made = Post(own_town)
    made.fagsystem = Forgetful("fagsystem")
    made.worker = replace(made.worker, targets={"fagsystem": made.fagsystem, "archive": made.archive})
    await look_after(made.worker)
    await made.go()
    return made


def holds(post: Post, *said: RecordState | DeliveryError) -> Forgetful:
    """Of the facts in the order of their numbers."""
    assert isinstance(post.fagsystem, Forgetful)
    post.fagsystem.asked.clear()
    post.fagsystem.holds = dict(enumerate(said, 1))
    return post.fagsystem


async def report(post: Post, part: str = "admin") -> list[dict[str, Any]]:
    """Of the fagsystem, the last first; without the moments."""
    shown = (await post.town.told(part, REPORT))["targets"]
    return [{name: value for name, value in each.items() if not name.endswith("At")}
            | {"ended": each["endedAt"] is not None}
            for target in shown if target["name"] == "fagsystem" for each in target["reconciliations"]][::-1]


async def records(post: Post) -> list[tuple[str, str | None]]:
    told = await post.town.told("admin", RECORDS)
    return [(edge["node"]["state"], edge["node"]["record"]) for edge in told["deliveries"]["edges"]
            if edge["node"]["target"] == "fagsystem"]


async def test_what_is_there_as_told_is_the_same(post: Post) -> None:
    known = holds(post)
    await reconcile(post.worker)
    assert len(known.asked) == len({told.plan_ref for told in known.asked}) > 1, "another for each unit"
    assert await report(post) == [
        {"same": len(known.asked), "missing": 0, "different": 0, "unanswered": 0, "ended": True}]
    facts = {fact.plan_ref: (fact.seq, fact.has_plan) for fact in post.facts()}
    assert {told.plan_ref: (told.seq, told.has_plan) for told in known.asked} == facts
    assert [record for _, record in await records(post)].count("SAME") == len(known.asked)


async def test_what_it_has_lost_is_reported_and_told_again_by_whom_it_is_asked(post: Post) -> None:
    holds(post, RecordState.MISSING, RecordState.DIFFERENT)
    await reconcile(post.worker)
    assert (await report(post))[0]["missing"] == (await report(post))[0]["different"] == 1
    assert (await post.town.told("admin", PREVIEW))["deliveriesPreview"]["count"] == 1
    post.town.now += timedelta(minutes=2)
    await look_after(post.worker)
    shown = (await post.town.told("admin", REPORT))["targets"]
    assert "RECORDS_DIFFER" in [alert["kind"] for target in shown for alert in target["alerts"]]
    sent = len(post.fagsystem.bodies)
    assert (await done(post.town, "admin", "retryDeliveries", filter={"record": "MISSING"}))["count"] == 1
    ((lost,),) = rows(post.town, "select id from delivery where record = 'DIFFERENT'")
    await done(post.town, "leader", "retryDelivery", deliveryId=f"Delivery:{lost}")
    await post.go()
    again = post.fagsystem.bodies[sent:]
    assert len(again) == 2, "the same facts"
    assert {fact for _, fact in again} <= {fact for _, fact in post.fagsystem.bodies[:sent]}
    assert {record for _, record in await records(post)} <= {"SAME", None}
    holds(post)
    await reconcile(post.worker)
    post.town.now += timedelta(minutes=2)
    await look_after(post.worker)
    shown = (await post.town.told("admin", REPORT))["targets"]
    assert [alert["endedAt"] is not None for target in shown for alert in target["alerts"]
            if alert["kind"] == "RECORDS_DIFFER"] == [True]


async def test_what_is_there_is_not_told_again(post: Post) -> None:
    holds(post)
    await reconcile(post.worker)
    key = rows(post.town, "select id from delivery where target = 'fagsystem' order by seq")[0][0]
    payload = await change(post.town, "leader", "retryDelivery", deliveryId=f"Delivery:{key}")
    assert [error["code"] for error in payload["errors"]] == ["CANT_RETRY"]


async def test_a_target_that_says_nothing_is_left_alone_until_the_next_night(post: Post) -> None:
    away = DeliveryError(DeliveryFault.RETRYABLE, "away")
    count = len(rows(post.town, "select id from delivery where target = 'fagsystem' and state = 'CONFIRMED'"))
    known = holds(post, *[away] * count)
    await reconcile(post.worker)
    assert len(known.asked) == min(count, IN_A_ROW)
    assert (await report(post))[0] == {
        "same": 0, "missing": 0, "different": 0, "unanswered": len(known.asked), "ended": count < IN_A_ROW}


async def test_what_is_ordered_after_it_was_told_is_not_asked_about(post: Post) -> None:
    holds(post, RecordState.MISSING)
    await reconcile(post.worker)
    withdraw = "mutation($id: ID!) { withdrawConsent(consentId: $id) { errors { code } } }"
    await post.town.told("guardian1", withdraw, id=f"Consent:{post.town.town.consent}")
    known = holds(post)
    await reconcile(post.worker)
    assert known.asked == [] and {record for _, record in await records(post)} == {None}
    await post.go()
    known = holds(post)
    await reconcile(post.worker)
    assert {told.has_plan for told in known.asked} == {False}
    post.town.now += reconciliation.ASKED
    known = holds(post)
    await reconcile(post.worker)
    assert known.asked == [], "an end is asked about for a month"


async def test_one_that_breaks_off_stops_no_other(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Forgetful("other")

    def broken(_: Told) -> RecordState:
        raise ValueError("<secret/>")
    monkeypatch.setattr(post.fagsystem, "compare", broken)
    post.worker = replace(post.worker, targets={"other": other, "fagsystem": post.fagsystem})
    await reconcile(post.worker)
    assert [each["ended"] for each in await report(post)] == [False]


async def test_it_is_the_local_administrators_business(post: Post) -> None:
    await reconcile(post.worker)
    assert [await report(post, part) for part in ("leader", "stafettholder", "guardian1")] == [[], [], []]
    post.town.now += 31 * DAY
    assert await report(post) == [], "the last month's"


@pytest.mark.parametrize(("harm", "record"), [
    (lambda place: None, "SAME"), (shutil.rmtree, "MISSING"),
    (lambda place: (place / "plan.pdf").unlink(), "DIFFERENT"),
    (lambda place: (place / "arkivmelding.xml").write_text("<x/>"), "DIFFERENT")])
async def test_a_version_in_a_folder_is_what_was_sent(
        own_town: Asking, tmp_path: Path, harm: Callable[[Path], object], record: str) -> None:
    post = Post(own_town)
    folder = FolderArchive("archive", tmp_path)
    post.worker = replace(post.worker, targets={"archive": folder})
    await look_after(post.worker)
    await done(own_town, "stafettholder", "archivePlan", planId=f"Plan:{own_town.town.plan}")
    await post.go()
    ((reference,),) = rows(own_town, "select reference from delivery where kind = 'ARCHIVED'")
    harm(tmp_path / reference)
    await reconcile(post.worker)
    ((found, at),) = rows(own_town, "select record, compared_at from delivery where kind = 'ARCHIVED'")
    assert (found, at) == (record, NOW)
    ((key,),) = rows(own_town, "select id from delivery where kind = 'ARCHIVED'")
    payload = await change(own_town, "leader", "retryDelivery", deliveryId=f"Delivery:{key}")
    assert [error["code"] for error in payload["errors"]] == ["CANT_RETRY"], "it would be another document"
    shutil.rmtree(tmp_path)
    with pytest.raises(DeliveryError):
        folder.compare(Told(post.town.town.plan, post.town.town.plan, 1, True, 1, None, None))
