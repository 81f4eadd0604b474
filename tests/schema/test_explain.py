"""Why somebody may read, or may not: what is explained is what they see, then as now; and who may ask."""
from datetime import datetime, timedelta
from typing import Any

import pytest

from db.rules.rights import Element
from tests.support.asking import DAY, NOW, Asking
from tests.support.changing import done, rows
from tests.support.said import asked, refusal

EXPLAIN = """query($plan: ID!, $person: ID!, $element: PlanElement!, $at: DateTime) {
  explainAccess(planId: $plan, personId: $person, element: $element, at: $at) {
    element level reason since until recordedAt roles consentId signatures { name at method } } }"""
SEEN = "query($id: ID!) { plan(id: $id) { viewerAccess { element level until reason } } }"
SEES = ("guardian1", "guardian2", "stafettholder", "nurse")


async def explained(
        town: Asking, by: str, of: str, element: str = "GOALS", at: datetime | None = None) -> Any:
    told = await town.told(by, EXPLAIN, plan=f"Plan:{town.town.plan}", element=element,
                           person=f"Person:{town.town.persons[of]}", at=at and at.isoformat())
    return told["explainAccess"]


@pytest.mark.parametrize("of", SEES)
async def test_what_is_explained_is_what_they_see(own_town: Asking, of: str) -> None:
    seen = (await own_town.told(of, SEEN, id=f"Plan:{own_town.town.plan}"))["plan"]["viewerAccess"]
    assert len(seen) == len(Element)
    for one in seen:
        told = await explained(own_town, "guardian1", of, one["element"])
        assert {key: told[key] for key in one} == one


async def test_a_provider_reads_by_a_consent_that_both_have_signed(own_town: Asking) -> None:
    told = await explained(own_town, "nurse", "nurse")
    assert (told["level"], told["reason"], told["roles"]) == ("READ", "CONSENT", ["PROVIDER"])
    assert told["consentId"] == f"Consent:{own_town.town.consent}"
    assert [(s["name"], bool(s["at"]), s["method"]) for s in told["signatures"]] == [
        (name, True, "DEMO_BANKID") for name in ("Ada Nordmo", "Per Nordmo")]


async def test_the_family_reads_by_its_role_and_no_consent_is_named_for_it(own_town: Asking) -> None:
    told = await explained(own_town, "guardian2", "guardian1")
    assert (told["level"], told["reason"], told["roles"]) == ("READ", "ROLE", ["GUARDIAN"])
    assert told["consentId"] is told["signatures"] is None


async def test_the_past_is_told_as_it_was(own_town: Asking) -> None:
    told = await explained(own_town, "guardian1", "former", at=NOW - 250 * DAY)
    assert (told["level"], told["reason"]) == ("READ", "CONSENT")
    assert told["consentId"] not in (None, f"Consent:{own_town.town.consent}")
    now = await explained(own_town, "guardian1", "former")
    assert (now["level"], now["reason"], now["since"]) == ("NONE", "NO_CONSENT", None)
    before = await explained(own_town, "guardian1", "nurse", at=NOW - 301 * DAY)
    assert (before["level"], before["roles"]) == ("NONE", [])


async def test_a_withdrawal_is_why_and_leaves_what_was_alone(own_town: Asking) -> None:
    ahead = await explained(own_town, "guardian1", "nurse", at=NOW + 10 * DAY)
    await done(own_town, "guardian1", "withdrawConsent", consentId=f"Consent:{own_town.town.consent}")
    assert ahead["level"] == "READ"
    for at in (None, NOW + 10 * DAY):
        told = await explained(own_town, "guardian1", "nurse", at=at)
        assert (told["level"], told["reason"], told["roles"]) == ("NONE", "WITHDRAWN", ["PROVIDER"])
        assert told["consentId"] == f"Consent:{own_town.town.consent}"
    was = await explained(own_town, "guardian1", "nurse", at=NOW - timedelta(hours=1))
    assert (was["level"], was["until"]) == ("READ", ahead["until"]), "as it was known then"


@pytest.mark.parametrize(("by", "of"), [
    ("leader", "nurse"), ("admin", "nurse"), ("stranger", "nurse"), ("analyst", "nurse"),
    ("former", "former"), ("owner", "owner"), ("fagsystem", "nurse")])
async def test_who_has_access_is_not_everyone_s_to_know(own_town: Asking, by: str, of: str) -> None:
    assert await explained(own_town, by, of) is None


async def test_a_leader_is_told_of_themselves_that_their_post_opens_no_content(own_town: Asking) -> None:
    told = await explained(own_town, "leader", "leader")
    assert (told["level"], told["reason"], told["roles"]) == ("NONE", "ROLE", [])
    assert told["consentId"] is told["signatures"] is None


async def test_a_plan_or_a_person_that_never_was_is_like_one_of_no_concern(own_town: Asking) -> None:
    nobody = "01935b5e-0000-7000-8000-000000000000"
    variables = {"plan": f"Plan:{nobody}", "person": f"Person:{own_town.town.persons['nurse']}",
                 "element": "GOALS"}
    there = variables | {"plan": f"Plan:{own_town.town.plan}"}
    assert await own_town.bytes("stranger", EXPLAIN, **variables) == await own_town.bytes(
        "stranger", EXPLAIN, **there)
    told = await own_town.told("guardian1", EXPLAIN, **there | {"person": f"Person:{nobody}"})
    assert (told["explainAccess"]["level"], told["explainAccess"]["roles"]) == ("NONE", [])


async def test_who_asks_is_in_the_log(own_town: Asking) -> None:
    log = "select person_id, elements from access_log where action = 'READ'"
    before = set(rows(own_town, log))
    await explained(own_town, "leader", "nurse")
    assert set(rows(own_town, log)) == before, "who is told nothing has read nothing"
    await explained(own_town, "stafettholder", "nurse")
    ((person, mask),) = set(rows(own_town, log)) - before
    assert person == own_town.town.persons["stafettholder"]
    assert mask == Element.CONSENT.read | Element.PARTICIPANTS.read


async def test_a_moment_without_its_offset_is_refused(own_town: Asking) -> None:
    variables = {"plan": "Plan:x", "person": "Person:x", "element": "GOALS", "at": "2026-11-28T12:00:00"}
    assert refusal(await asked(own_town, EXPLAIN, variables)) == (
        "BAD_USER_INPUT", "A moment must have its offset from UTC, such as 2026-11-28T12:00:00+01:00.")
