"""A target that fails rests, one that refuses us is paused, and those who answer for it see how it is."""
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from db.engine import Writing
from db.rules.delivery import DeliveryFault
from db.rules.target import IN_A_ROW, RESTS
from db.tables.target import Target
from db.write.delivery import Key
from db.write.due import due
from db.write.find import transaction
from db.write.target import STANDING, Standing, held_up
from integrations.target import UNKNOWN, DeliveryError
from integrations.tasks import look_after
from tests.support.asking import DAY, NOW, Asking
from tests.support.changing import change, done
from tests.support.posting import Post

BUSY = DeliveryError(DeliveryFault.RETRYABLE, "busy")
TARGETS = """{ targets { id name failures restingUntil pausedAt pauseReason measuredAt waiting
  oldestUnconfirmedAt attempts failed checkedAt fault } }"""
WITHDRAW = "mutation($id: ID!) { withdrawConsent(consentId: $id) { errors { code } } }"


@pytest.fixture
def post(own_town: Asking) -> Post:
    return Post(own_town)


async def told(post: Post, name: str = "fagsystem") -> dict[str, object]:
    await look_after(post.worker)
    shown = (await post.town.told("admin", TARGETS))["targets"]
    (found,) = [target for target in shown if target["name"] == name]
    return dict(found)


async def failing(post: Post) -> None:
    """Until it rests."""
    post.fagsystem.says = [BUSY] * IN_A_ROW
    for n in range(IN_A_ROW):
        post.town.now = NOW + n * DAY
        await post.go()


async def standing(session: Writing) -> Standing:
    return Standing(*(await session.execute(select(*STANDING).where(Target.name == "fagsystem"))).one())


async def keys(post: Post) -> list[Key]:
    """Those of the fagsystem that a worker would look at now."""
    async with transaction(post.town.writer, post.town.now) as session:
        return [key for key in await due(session, post.town.now) if key.target == "fagsystem"]


async def test_one_that_fails_again_and_again_rests_and_is_then_tried_by_one(post: Post) -> None:
    await failing(post)
    assert (await told(post))["restingUntil"] == (post.town.now + RESTS[0]).isoformat()
    post.town.now += RESTS[0] - timedelta(seconds=1)
    assert await keys(post) == []
    await post.go()
    assert len(post.fagsystem.bodies) == IN_A_ROW
    post.town.now += DAY
    (key,) = await keys(post)
    post.fagsystem.says = [BUSY]
    await post.worker.work(key)
    assert (await told(post))["restingUntil"] == (post.town.now + RESTS[1]).isoformat()
    post.town.now += DAY
    await post.go()
    assert [d["state"] for d in await post.said()][:2] == ["CONFIRMED", "CONFIRMED"]
    assert ((target := await told(post))["failures"], target["restingUntil"]) == (0, None)


async def test_while_one_tries_it_no_other_does(post: Post) -> None:
    await failing(post)
    post.town.now += DAY
    (key,) = await keys(post)
    async with transaction(post.town.writer, post.town.now) as session:
        known = await standing(session)
        assert not await held_up(session, key, known, timedelta(seconds=60))
    async with transaction(post.town.writer, post.town.now) as session:
        assert await held_up(session, key, known, timedelta(seconds=60))
        assert await held_up(session, key, await standing(session), timedelta(seconds=60))


@pytest.mark.parametrize("fault", [DeliveryFault.AUTH, DeliveryFault.GONE])
async def test_one_that_refuses_us_is_paused_until_it_is_resumed(post: Post, fault: DeliveryFault) -> None:
    post.fagsystem.says = [DeliveryError(fault, "HTTP 401")]
    await post.go()
    target = await told(post)
    assert (target["pausedAt"], target["pauseReason"]) == (NOW.isoformat(), fault)
    post.town.now = NOW + DAY
    assert await keys(post) == []
    await post.go()
    assert len(post.fagsystem.bodies) == 1, "credentials that are wrong are not tried until we are locked out"
    await done(post.town, "admin", "resumeTarget", targetId=target["id"])
    await post.go()
    assert [d["state"] for d in await post.said()][:2] == ["CONFIRMED", "CONFIRMED"]


async def test_what_consent_ends_is_cancelled_while_its_target_is_paused(post: Post) -> None:
    target = await told(post)
    await done(post.town, "admin", "pauseTarget", targetId=target["id"])
    await post.go()
    assert post.fagsystem.bodies == []
    await post.town.told("guardian1", WITHDRAW, id=f"Consent:{post.town.town.consent}")
    await post.worker.work(Key(1, post.town.town.plan, "fagsystem"))  # as the withdrawal wakes it
    assert {(d["state"], d["reason"]) for d in await post.said()} == {
        ("CANCELLED", "CONSENT_ENDED"), ("CANCELLED", "NEVER_TOLD")}


async def test_those_who_answer_for_it_see_how_much_waits_and_what_is_wrong(post: Post) -> None:
    post.fagsystem.says = [BUSY]
    await post.go()
    target = await told(post)
    assert (target["waiting"], target["attempts"], target["failed"]) == (4, 1, 1)
    assert target["oldestUnconfirmedAt"] and target["fault"] is None
    post.worker = replace(post.worker, targets={"archive": post.archive})
    assert (await told(post))["checkedAt"] == NOW.isoformat(), "not asked at every measuring"
    post.town.now = NOW + timedelta(minutes=11)
    assert (await told(post))["fault"] == UNKNOWN


async def test_a_check_that_breaks_off_stops_no_worker(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def check() -> list[str]:
        raise ValueError("<secret/>")
    monkeypatch.setattr(post.fagsystem, "check", check)
    assert (await told(post))["fault"] == "The check broke off: ValueError"
    assert (await told(post, "archive"))["checkedAt"] == NOW.isoformat(), "the others are asked all the same"


@pytest.mark.parametrize("part", ["guardian1", "stafettholder", "leader", "analyst", "stranger", "nurse"])
async def test_targets_are_the_local_administrators_business(post: Post, part: str) -> None:
    target = await told(post)
    assert (await post.town.told(part, TARGETS))["targets"] == []
    for name in ("pauseTarget", "resumeTarget"):
        payload = await change(post.town, part, name, targetId=target["id"])
        assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]


PREVIEW = "query($f: DeliveryFilter) { deliveriesPreview(filter: $f) { count } }"


async def count(post: Post, part: str = "admin", **wanted: Any) -> int:
    return int((await post.town.told(part, PREVIEW, f=wanted))["deliveriesPreview"]["count"])


async def test_many_are_tried_again_at_once_and_the_preview_says_how_many(post: Post) -> None:
    post.fagsystem.says = [DeliveryError(DeliveryFault.UNKNOWN_PERSON, "unknown")]
    await post.go()
    await done(post.town, "stafettholder", "archivePlan", planId=f"Plan:{post.town.town.plan}")
    post.archive.says = [DeliveryError(DeliveryFault.RETRYABLE, "full", DAY)]
    await post.go()
    assert await count(post) == 2, "one was given up, and one waits for its time"
    assert await count(post, state=["REJECTED"]) == await count(post, target="archive") == 1
    nothing: list[dict[str, Any]] = [{"kind": "CLOSED"}, {"plan": "Plan:x"}, {"state": []}]
    assert [await count(post, **wanted) for wanted in nothing] == [0, 0, 0]
    told = await done(post.town, "admin", "retryDeliveries", filter={"target": "archive"})
    assert told["count"] == 1
    assert await count(post) == 1
    await post.go()
    ((archived,), (first, *_)) = await post.said("archive"), await post.said()
    assert (archived["state"], first["state"]) == ("CONFIRMED", "REJECTED")
    assert [await count(post, part) for part in ("leader", "stafettholder", "guardian1")] == [0, 0, 0]


async def test_a_retry_of_many_is_made_once_for_one_key(post: Post) -> None:
    post.fagsystem.says = [DeliveryError(DeliveryFault.UNKNOWN_PERSON, "unknown")]
    await post.go()
    for _ in range(2):
        told = await change(post.town, "admin", "retryDeliveries", key="one", filter={})
        assert (told["errors"], told["count"]) == ([], 1)
