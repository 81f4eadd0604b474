"""A consent is renewed without a gap, and a plan's level is changed with its history."""
from datetime import timedelta
from typing import Any

from db.write.clock import tick
from tests.support.asking import DAY, NOW, Asking
from tests.support.changing import done, rows

READ = """query($id: ID!) { plan(id: $id) {
  status goals { activities { comments { body } } } consents { state }
  viewerAccess { element level reason } } }"""
LEVELS = "query($id: ID!) { plan(id: $id) { level levelHistory { level since reason } } }"


async def read(town: Asking, part: str) -> Any:
    return (await town.told(part, READ, id=f"Plan:{town.town.plan}"))["plan"]


async def renewed(town: Asking, **period: str) -> dict[str, Any]:
    """Drafted anew from the consent of the town, sent, and signed by one of the two who must."""
    key = f"Consent:{town.town.consent}"
    consent: dict[str, Any] = (await done(town, "stafettholder", "renewConsent", consentId=key, **period))[
        "consent"]
    await done(town, "stafettholder", "sendConsent", consentId=consent["id"])
    await sign(town, "guardian1", consent)
    return consent


async def sign(town: Asking, part: str, consent: dict[str, Any]) -> None:
    await done(town, part, "signConsent", consentId=consent["id"], method="DEMO_BANKID",
               hash=consent["texts"][0]["hash"])


async def test_a_renewed_consent_takes_over_without_a_gap_and_holds_back_what_the_old_one_did(
        own_town: Asking) -> None:
    consent = await renewed(own_town)
    assert (consent["state"], consent["names"][0]["person"]) == ("DRAFT", {"name": "Siv Berg"})
    assert {(r["element"], r["level"]) for r in consent["names"][0]["restrictions"]} == {
        ("OVERVIEW", "READ"), ("COMMENTS", "NONE"), ("CALENDAR", "NONE")}
    own_town.now = NOW + 65 * DAY - timedelta(microseconds=1)
    assert (await read(own_town, "nurse"))["goals"], "the old one holds to its last moment"
    await sign(own_town, "guardian2", consent)
    for moment in (own_town.now, NOW + 65 * DAY, NOW + 300 * DAY):
        own_town.now = moment
        told = await read(own_town, "nurse")
        assert told["status"] == "ACTIVE" and told["goals"][0]["activities"][0]["comments"] is None
        assert [each["state"] for each in told["consents"]] == ["SUPERSEDED", "SUPERSEDED", "IN_FORCE"]


async def test_a_consent_that_ran_out_is_renewed_by_signing_and_not_before(own_town: Asking) -> None:
    own_town.now = NOW + 66 * DAY
    consent = await renewed(own_town)
    assert await read(own_town, "nurse") is None
    waiting = await read(own_town, "stafettholder")
    assert (waiting["status"], waiting["goals"]) == ("AWAITING_CONSENT", None)
    assert {a["reason"] for a in waiting["viewerAccess"] if a["element"] == "GOALS"} == {"AWAITING_SIGNATURE"}
    await sign(own_town, "guardian2", consent)
    assert (await read(own_town, "nurse"))["status"] == "ACTIVE"


async def test_an_act_in_the_moment_after_a_consent_ran_out_takes_nothing_from_the_clock(
        own_town: Asking) -> None:
    ended = "select count(*) from delivery where kind = 'WITHDRAWN' and plan_id = %s"
    (before,), = rows(own_town, ended, own_town.town.plan)
    own_town.now = NOW + 66 * DAY
    await renewed(own_town)
    await tick(own_town.writer, own_town.now)
    assert rows(own_town, ended, own_town.town.plan) == [(before + 2,)], "both services are told of the end"
    assert await tick(own_town.writer, own_town.now) == 0


async def test_a_renewed_consent_can_begin_later(own_town: Asking) -> None:
    start = NOW + 65 * DAY
    consent = await renewed(own_town, validFrom=str(start.date()), validUntil=str((start + 100 * DAY).date()))
    await sign(own_town, "guardian2", consent)
    assert [c["state"] for c in (await read(own_town, "nurse"))["consents"]] == [
        "SUPERSEDED", "IN_FORCE", "SENT"]
    own_town.now = start + DAY
    assert [c["state"] for c in (await read(own_town, "nurse"))["consents"]] == [
        "SUPERSEDED", "SUPERSEDED", "IN_FORCE"]


async def test_a_level_is_changed_with_its_reason_and_the_history_stays(own_town: Asking) -> None:
    plan = f"Plan:{own_town.town.plan}"
    await done(own_town, "stafettholder", "changeLevel", planId=plan, level=3, reason="Flere tjenester")
    told = (await own_town.told("guardian1", LEVELS, id=plan))["plan"]
    assert (told["level"], [(each["level"], each["reason"]) for each in told["levelHistory"]]) == (
        3, [(2, None), (3, "Flere tjenester")])
    assert (await own_town.told("leader", LEVELS, id=plan))["plan"] == {"level": None, "levelHistory": None}
