"""The delivery engine: what is told in which order, what failures lead to, and what consent holds back."""
import asyncio
from datetime import datetime, timedelta

import pytest

from db.rules.delivery import DeliveryFault, FactKind
from db.rules.words import AddressProtection
from db.seeds.parts import found
from db.tables.delivery import Delivery
from db.tables.person import Person
from db.write import delivery
from db.write.attempt import MOST_ATTEMPTS, Claim, Outcome, claim
from db.write.clock import tick
from db.write.coverage import tell_holder
from db.write.delivery import Key
from db.write.find import NOBODY, Who, lock, transaction
from db.write.receipt import finish
from integrations.target import DeliveryError, PlanFact, PlanVersion, Receipt
from tests.support.asking import DAY, NOW, Asking
from tests.support.changing import rows
from tests.support.posting import DELIVERIES, Post

WITHDRAW = "mutation($id: ID!) { withdrawConsent(consentId: $id) { errors { code } } }"
ARCHIVE = "mutation($id: ID!) { archivePlan(planId: $id) { errors { code } delivery { id version } } }"
RETRY = "mutation($id: ID!) { retryDelivery(deliveryId: $id) { errors { code } delivery { state } } }"
CANCEL = """mutation($id: ID!) { cancelDelivery(deliveryId: $id) {
  errors { code } delivery { state reason } } }"""


@pytest.fixture
def post(own_town: Asking) -> Post:
    return Post(own_town)


async def test_only_services_under_consent_are_told_and_no_content_is(post: Post) -> None:
    await post.go()
    assert [(d["kind"], d["state"], d["reason"]) for d in await post.said()] == [
        ("OPENED", "CONFIRMED", None), ("OPENED", "CONFIRMED", None),
        ("OPENED", "CANCELLED", "CONSENT_ENDED"), ("WITHDRAWN", "CANCELLED", "NEVER_TOLD")]
    facts = [order for order in post.fagsystem.orders if isinstance(order, PlanFact)]
    assert {f.unit_organisation_number for f in facts} == {"310100000", "310100002"}
    assert len({f.plan_ref for f in facts}) == 2, "two services can't join what they know"
    assert all(f.contact and f.contact.name == "Tone Lie" and f.has_plan for f in facts)


async def test_a_withdrawal_is_told_to_those_who_knew_and_to_no_one_else(post: Post) -> None:
    await post.go()
    await post.town.told("guardian1", WITHDRAW, id=f"Consent:{post.town.town.consent}")
    await post.go()
    assert [(d["kind"], d["state"]) for d in (await post.said())[-2:]] == [("WITHDRAWN", "CONFIRMED")] * 2
    told = [fact.has_plan for fact in post.fagsystem.orders if isinstance(fact, PlanFact)]
    assert told == [True, True, False, False]


async def test_what_waits_when_consent_ends_is_cancelled_with_the_reason(post: Post) -> None:
    await post.town.told("guardian1", WITHDRAW, id=f"Consent:{post.town.town.consent}")
    await post.go()
    assert {(d["state"], d["reason"]) for d in await post.said()} == {
        ("CANCELLED", "CONSENT_ENDED"), ("CANCELLED", "NEVER_TOLD")}
    assert post.fagsystem.bodies == []


async def test_of_fifty_that_wait_none_goes_out_when_consent_ends_and_the_end_does(post: Post) -> None:
    await post.go()
    town, school = post.town.town, post.town.town.units["Nordmo skole"]
    async with transaction(post.town.writer, post.town.now) as session:
        who = Who(town.municipality, town.persons["stafettholder"], post.town.now)
        plan = await found(session, who, town.plan)
        for _ in range(50):
            await delivery.order(session, who, plan, Delivery(
                target="fagsystem", kind=FactKind.CORRECTED, unit_id=school))
    before = len(post.fagsystem.orders)
    await post.town.told("guardian1", WITHDRAW, id=f"Consent:{town.consent}")
    await post.go()
    query = "select distinct state, reason, attempt_count from delivery where kind = 'CORRECTED'"
    waited = rows(post.town, query)
    assert waited == [("CANCELLED", "CONSENT_ENDED", 0)]
    ends = [order.has_plan for order in post.fagsystem.orders[before:] if isinstance(order, PlanFact)]
    assert ends == [False, False], "to each of the two services that knew"


async def test_a_consent_that_runs_out_rests_the_plan_and_ends_the_records(post: Post) -> None:
    await post.go()
    post.town.now = NOW + 66 * DAY
    told = await post.town.told("guardian1", "{ plans { edges { node { status } } } }")
    assert told["plans"]["edges"] == [{"node": {"status": "PASSIVE"}}], "by the clock alone"
    assert await tick(post.town.writer, post.town.now) == 1
    await post.go()
    assert [d["kind"] for d in await post.said() if d["state"] == "CONFIRMED"] == [
        "OPENED", "OPENED", "WITHDRAWN", "WITHDRAWN"]


async def test_a_failure_is_tried_again_later_with_the_same_bytes(post: Post) -> None:
    post.fagsystem.says = [DeliveryError(DeliveryFault.RETRYABLE, "busy", timedelta(minutes=7))]
    await post.go()
    first = (await post.said())[0]
    assert first["state"] == "ORDERED"
    assert first["attempts"] == [{"number": 1, "fault": "RETRYABLE", "answer": "busy"}]
    assert first["nextAttemptAt"] == (NOW + timedelta(minutes=7)).isoformat(), "their Retry-After is kept"
    assert [d["attemptCount"] for d in await post.said()] == [1, 0, 0, 0], "none passes it"
    await post.go()
    assert len(post.fagsystem.bodies) == 1, "not before its time"
    post.town.now = NOW + timedelta(minutes=8)
    await post.go()
    assert post.fagsystem.bodies[0] == post.fagsystem.bodies[1]
    assert [d["state"] for d in await post.said()][:2] == ["CONFIRMED", "CONFIRMED"]


async def test_what_a_person_must_look_at_holds_back_what_comes_after_until_it_is_retried(post: Post) -> None:
    post.fagsystem.says = [DeliveryError(DeliveryFault.UNKNOWN_PERSON, "unknown")]
    await post.go()
    first = (await post.said())[0]
    assert (first["state"], len(post.fagsystem.bodies)) == ("REJECTED", 1)
    retried = await post.town.told("leader", RETRY, id=first["id"])
    assert retried["retryDelivery"]["delivery"] == {"state": "ORDERED"}
    await post.go()
    assert [d["state"] for d in await post.said()] == ["CONFIRMED", "CONFIRMED", "CANCELLED", "CANCELLED"]
    assert await post.town.refused("leader", RETRY, id=first["id"]) == ["CANT_RETRY"]


async def test_what_is_cancelled_lets_the_next_one_by(post: Post) -> None:
    post.fagsystem.says = [DeliveryError(DeliveryFault.PERMANENT, "no")]
    await post.go()
    first = (await post.said())[0]
    done = await post.town.told("admin", CANCEL, id=first["id"])
    assert done["cancelDelivery"]["delivery"] == {"state": "CANCELLED", "reason": "BY_HAND"}
    await post.go()
    assert (await post.said())[1]["state"] == "CONFIRMED"


async def test_one_who_has_no_business_with_deliveries_can_neither_see_nor_touch_them(post: Post) -> None:
    first = (await post.said())[0]["id"]
    for part in ("guardian1", "nurse", "stranger", "analyst", "former"):
        assert (await post.town.told(part, "{ deliveries { totalCount } }"))["deliveries"]["totalCount"] == 0
        assert await post.town.refused(part, RETRY, id=first) == ["NOT_FOUND"]


async def test_what_is_only_heard_is_asked_again(post: Post) -> None:
    post.fagsystem.says = [Receipt(confirmed=False, code="PENDING")]
    await post.go()
    assert (await post.said())[0]["state"] == "ACCEPTED"
    post.town.now = NOW + timedelta(minutes=6)
    await post.go()
    assert [fact for _, fact in post.fagsystem.bodies][:2] == [post.fagsystem.bodies[0][1]] * 2
    assert (await post.said())[0]["state"] == "CONFIRMED"


async def test_last_archived_is_the_archives_own_word(post: Post) -> None:
    plan = f"Plan:{post.town.town.plan}"
    post.archive.says = [DeliveryError(DeliveryFault.RETRYABLE, "full")]
    await post.town.told("stafettholder", ARCHIVE, id=plan)
    await post.go()
    told = await post.town.told("admin", DELIVERIES)
    assert told["plans"]["edges"][0]["node"]["lastArchivedAt"] is None
    post.town.now = NOW + DAY
    await post.go()
    told = await post.town.told("admin", DELIVERIES)
    assert told["plans"]["edges"][0]["node"]["lastArchivedAt"] == (NOW + DAY).isoformat()
    version = next(order for order in post.archive.orders if isinstance(order, PlanVersion))
    assert (version.version, version.archived_by) == (1, "Tone Lie")
    assert version.plan["owner"]["name"] == "Kim Nordmo"
    assert version.plan["goals"][0]["activities"][0]["comments"][0]["body"] == "Det går fremover."
    again = await post.town.told("stafettholder", ARCHIVE, id=plan)
    assert again["archivePlan"]["delivery"]["version"] == 2


async def test_elements_that_are_not_chosen_never_reach_the_archive(post: Post) -> None:
    await post.town.told("stafettholder", """mutation($id: ID!) {
        archivePlan(planId: $id, elements: [GOALS]) { errors { code } } }""",
        id=f"Plan:{post.town.town.plan}")
    await post.go()
    plan = next(order.plan for order in post.archive.orders if isinstance(order, PlanVersion))
    assert [goal["title"] for goal in plan["goals"]] == ["Lese 15 minutter hver dag", "Sove bedre om natta"]
    assert plan["overview"] is plan["accessLog"] is None
    assert plan["participants"] and plan["consents"], "who agreed, and by which consent, is always in it"


async def test_who_has_read_the_plan_is_archived_where_that_is_chosen(post: Post) -> None:
    plan = f"Plan:{post.town.town.plan}"
    await post.town.told("nurse", "query($id: ID!) { plan(id: $id) { goals { title } } }", id=plan)
    for elements in ("", ", elements: [ACCESS_LOG]"):
        await post.town.told("stafettholder", f"""mutation($id: ID!) {{
            archivePlan(planId: $id{elements}) {{ errors {{ code }} }} }}""", id=plan)
    await post.go()
    usual, chosen = [order.plan for order in post.archive.orders if isinstance(order, PlanVersion)]
    assert usual["accessLog"] is chosen["overview"] is None
    first = chosen["accessLog"][0]
    assert (first["person"]["name"], first["action"], first["read"]) == ("Siv Berg", "READ", ["GOALS"])


async def test_the_body_is_kept_sealed_and_dropped_when_it_is_confirmed(post: Post) -> None:
    post.fagsystem.says = [DeliveryError(DeliveryFault.RETRYABLE, "busy")]
    await post.go()
    query = "select body_sealed, sha256 from delivery where target = 'fagsystem' order by seq"
    (waiting, sha256), *_ = await post.town.reader.rows(query, [])
    assert b"PlanFact" not in waiting and len(sha256) == 64
    post.town.now = NOW + DAY
    await post.go()
    assert (await post.town.reader.rows(query, []))[0] == (None, sha256)


async def test_an_address_that_is_protected_meanwhile_is_not_told_by_the_next_attempt(post: Post) -> None:
    post.fagsystem.says = [DeliveryError(DeliveryFault.RETRYABLE, "busy")]
    await post.go()
    async with post.town.writer(post.town.now) as session, session.begin():
        child = await session.get_one(Person, (1, post.town.town.persons["owner"]))
        child.address_protection = AddressProtection.STRICTLY_CONFIDENTIAL
    post.town.now = NOW + DAY
    await post.go()
    first, again, *_ = [order for order in post.fagsystem.orders if isinstance(order, PlanFact)]
    assert first.contact and (first.protected, first.contact.unit) == (False, "Nordmo skole")
    assert again.contact and (again.protected, again.contact.unit, again.contact.phone) == (True, None, None)
    assert first.fact_id == again.fact_id


async def test_an_end_can_t_be_taken_back_and_one_that_may_have_landed_is_ended(post: Post) -> None:
    post.fagsystem.says = [DeliveryError(DeliveryFault.PERMANENT, "no")]
    await post.go()
    first = (await post.said())[0]["id"]
    assert await post.town.refused("stafettholder", CANCEL, id=first) == ["NOT_ALLOWED"]
    assert await post.town.refused("leader", CANCEL, id=first) == []
    await post.town.told("guardian1", WITHDRAW, id=f"Consent:{post.town.town.consent}")
    end = (await post.said())[-1]["id"]
    assert await post.town.refused("leader", CANCEL, id=end) == ["CANT_CANCEL"]
    await post.go()
    assert sorted(d["state"] for d in await post.said() if d["kind"] == "WITHDRAWN") == [
        "CANCELLED", "CANCELLED", "CONFIRMED"], "for the unit whose opening was cancelled after an attempt"


async def test_a_receipt_that_comes_while_another_takes_over_is_not_lost(post: Post) -> None:
    key, lease = Key(1, post.town.town.plan, "fagsystem"), timedelta(seconds=60)
    async with transaction(post.town.writer, NOW) as session:
        held = await claim(session, key, lease)
    assert isinstance(held, Claim)

    async def receipt() -> None:
        async with transaction(post.town.writer, NOW + 2 * lease) as session:
            await finish(session, held, Outcome(5, None, confirmed=True, reference="theirs"), NOW + 2 * lease)

    async with transaction(post.town.writer, NOW + 2 * lease) as session:
        taken = await claim(session, key, lease)
        coming = asyncio.ensure_future(receipt())
        await asyncio.sleep(0.3)  # it comes between the taking over and its commit
    await coming
    assert isinstance(taken, Claim)
    await post.worker.attempt(taken)
    first = (await post.said())[0]
    assert (first["state"], first["reference"]) == ("CONFIRMED", "theirs")
    assert post.fagsystem.bodies == [], "what is confirmed is not sent again"


async def test_what_never_ends_is_given_up(post: Post) -> None:
    for n in range(MOST_ATTEMPTS):
        post.fagsystem.says = [Receipt(confirmed=False)]
        post.town.now = NOW + n * timedelta(hours=1)
        await post.go()
    post.town.now += timedelta(hours=1)
    await post.go()
    first = (await post.said())[0]
    assert first["state"] == "DEAD" and len(post.fagsystem.bodies) == MOST_ATTEMPTS
    assert await post.town.refused("leader", RETRY, id=first["id"]) == []
    await post.go()
    assert (await post.said())[0]["state"] == "CONFIRMED", "who looks at it gives it one attempt more"


async def test_what_kills_every_worker_is_given_up(post: Post) -> None:
    key, lease = Key(1, post.town.town.plan, "fagsystem"), timedelta(seconds=60)
    held: Claim | datetime | None = None
    for n in range(MOST_ATTEMPTS + 1):
        async with transaction(post.town.writer, NOW + n * 2 * lease) as session:
            held = await claim(session, key, lease)
    assert held is None and (await post.said())[0]["state"] == "DEAD"


async def test_one_whose_lease_another_has_taken_sends_no_more(post: Post) -> None:
    key, lease = Key(1, post.town.town.plan, "fagsystem"), timedelta(seconds=60)
    async with transaction(post.town.writer, NOW) as session:
        late = await claim(session, key, lease)
    async with transaction(post.town.writer, NOW + 2 * lease) as session:
        await claim(session, key, lease)
    assert isinstance(late, Claim)
    assert (await post.worker.attempt(late)).cancelled is None and post.fagsystem.bodies == []


async def test_of_fifty_that_wait_none_goes_out_that_a_withdrawn_consent_withholds(post: Post) -> None:
    await post.go()
    sent = len(post.fagsystem.bodies)
    async with transaction(post.town.writer, NOW, lambda: NOW) as session:
        who = Who(1, NOBODY, NOW)
        plan = await lock(session, who, post.town.town.plan)
        for _ in range(25):  # to two services each
            await tell_holder(session, who, plan)
    waiting = {key for (key,) in rows(post.town, "select id from delivery where state = 'ORDERED'")}
    assert len(waiting) == 50
    await post.town.told("guardian1", WITHDRAW, id=f"Consent:{post.town.town.consent}")
    await post.go()
    after = rows(post.town, "select id, kind, state, reason from delivery where target = 'fagsystem'")
    assert {told[1:] for told in after if told[0] in waiting} == {
        ("HOLDER_CHANGED", "CANCELLED", "CONSENT_ENDED")}
    assert [fact.kind for fact in post.facts()[sent:]] == [FactKind.WITHDRAWN] * 2
    assert [told[1:] for told in after].count(("WITHDRAWN", "CONFIRMED", None)) == 2
