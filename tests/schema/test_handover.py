"""The baton: there is one holder at any time, whoever acts, and nobody gets it whom no consent names."""
from asyncio import gather
from typing import Any

from tests.support.asking import DAY, NOW, Asking
from tests.support.changing import change, done, refused, rows

SEEN = """query($id: ID!) { plan(id: $id) {
  stafettholder { name } goals { id } participants { role state person { name } } handovers { state } } }"""
HOLDERS = "select count(*) from participant where role = 'STAFETTHOLDER' and until is null"
JA = [{"language": "NB", "text": "Ja."}]
FACTS = "select kind, state from delivery where unit_id is not null order by seq"


def given(town: Asking, part: str, reason: str = "Ny kontaktlærer") -> dict[str, Any]:
    successor = f"Person:{town.town.persons[part]}"
    return {"planId": f"Plan:{town.town.plan}", "personId": successor, "reason": reason}


async def seen(town: Asking, part: str) -> Any:
    return (await town.told(part, SEEN, id=f"Plan:{town.town.plan}"))["plan"]


async def proposed(town: Asking, part: str = "nurse", by: str = "stafettholder") -> str:
    made = await done(town, by, "proposeStafettholder", **given(town, part))
    ((key,),) = rows(town, "select id from handover where state = 'PROPOSED'")
    assert by != "stafettholder" or made["handover"]["state"] == "PROPOSED"
    return f"Handover:{key}"


async def test_the_holder_keeps_the_baton_until_the_successor_takes_it(own_town: Asking) -> None:
    key = await proposed(own_town)
    assert (await seen(own_town, "guardian1"))["stafettholder"]["name"] == "Tone Lie"
    taken = (await done(own_town, "nurse", "acceptStafettholder", handoverId=key))["handover"]
    assert (taken["state"], taken["holder"], taken["successor"]) == (
        "ACCEPTED", {"name": "Tone Lie"}, {"name": "Siv Berg"})
    told = await seen(own_town, "guardian1")
    assert told["stafettholder"]["name"] == "Siv Berg"
    active = [(p["role"], p["person"]["name"]) for p in told["participants"] if p["state"] == "ACTIVE"]
    assert ("STAFETTHOLDER", "Siv Berg") in active and ("PROVIDER", "Siv Berg") in active
    assert await seen(own_town, "stafettholder") is None, "whom the consent does not name is out"


async def test_the_services_are_told_whom_to_call_and_the_school_that_it_is_out(own_town: Asking) -> None:
    before = rows(own_town, FACTS)
    await done(own_town, "nurse", "acceptStafettholder", handoverId=await proposed(own_town))
    assert [kind for kind, _ in rows(own_town, FACTS)[len(before):]] == ["WITHDRAWN", "HOLDER_CHANGED"]


async def test_a_holder_whom_the_consent_names_stays_as_a_provider(own_town: Asking) -> None:
    await agreed(own_town, "nurse", "stafettholder")
    await done(own_town, "nurse", "acceptStafettholder", handoverId=await proposed(own_town))
    told = await seen(own_town, "stafettholder")
    assert told["goals"] and {p["role"] for p in told["participants"]
                              if p["person"]["name"] == "Tone Lie" and p["state"] == "ACTIVE"} == {"PROVIDER"}


async def agreed(town: Asking, *named: str) -> None:
    """A new consent that names these, in force a day later."""
    names = [{"personId": f"Person:{town.town.persons[part]}"} for part in named]
    drafted = await done(town, "stafettholder", "draftConsent", planId=f"Plan:{town.town.plan}", texts=JA,
                         names=names)
    consent = drafted["consent"]
    await done(town, "stafettholder", "sendConsent", consentId=consent["id"])
    for part in ("guardian1", "guardian2"):
        await done(town, part, "signConsent", consentId=consent["id"], method="DEMO_BANKID",
                   hash=consent["texts"][0]["hash"])


async def test_one_who_declines_says_why_and_nothing_has_changed(own_town: Asking) -> None:
    key = await proposed(own_town, by="leader")
    told = await done(own_town, "nurse", "declineStafettholder", handoverId=key, answer="Ikke tid")
    assert (told["handover"]["state"], told["handover"]["answer"]) == ("DECLINED", "Ikke tid")
    assert (await seen(own_town, "guardian1"))["stafettholder"]["name"] == "Tone Lie"
    assert await refused(own_town, "nurse", "acceptStafettholder", handoverId=key) == [
        ("ANSWERED", "handoverId")]


async def test_who_leads_replaces_one_who_is_absent_by_one_whom_the_consent_names(own_town: Asking) -> None:
    await proposed(own_town)
    assert await refused(own_town, "leader", "replaceStafettholder", **given(own_town, "stranger")) == [
        ("CANNOT_HOLD", "personId")]
    forced = await done(own_town, "leader", "replaceStafettholder", **given(own_town, "nurse", "Sykmeldt"))
    assert forced["handover"] is None, "who leads sees no participants"
    told = await seen(own_town, "guardian1")
    assert [each["state"] for each in told["handovers"]] == ["LAPSED", "FORCED"]
    assert told["stafettholder"]["name"] == "Siv Berg"
    assert await seen(own_town, "stafettholder") is None


async def test_without_a_consent_any_employee_may_get_it_and_reads_no_content(own_town: Asking) -> None:
    await done(own_town, "guardian1", "withdrawConsent", consentId=f"Consent:{own_town.town.consent}")
    await done(own_town, "admin", "replaceStafettholder", **given(own_town, "stranger"))
    told = await seen(own_town, "stranger")
    assert (told["stafettholder"]["name"], told["goals"]) == ("Odd Haug", None) and told["participants"]


async def test_a_consent_that_was_signed_ahead_opens_nothing_to_a_holder_of_whom_nobody_knew(
        own_town: Asking) -> None:
    start = str((NOW + 3 * DAY).date())
    drafted = await done(own_town, "stafettholder", "draftConsent", planId=f"Plan:{own_town.town.plan}",
                         texts=JA, validFrom=start, names=[])
    consent = drafted["consent"]
    await done(own_town, "stafettholder", "sendConsent", consentId=consent["id"])
    own_town.now = NOW + DAY
    await done(own_town, "admin", "replaceStafettholder", **given(own_town, "nurse"))
    for part in ("guardian1", "guardian2"):
        await done(own_town, part, "signConsent", consentId=consent["id"], method="DEMO_BANKID",
                   hash=consent["texts"][0]["hash"])
    assert (await seen(own_town, "nurse"))["goals"], "the consent in force names her"
    own_town.now = NOW + 4 * DAY
    assert (await seen(own_town, "nurse"))["goals"] is None, "the one that came does not, and did not know"
    assert (await seen(own_town, "guardian1"))["goals"]


async def test_there_is_one_holder_however_many_act_at_once(own_town: Asking) -> None:
    key = await proposed(own_town)
    acts = [change(own_town, "nurse", "acceptStafettholder", handoverId=key) for _ in range(8)]
    acts += [change(own_town, "leader", "replaceStafettholder", **given(own_town, "nurse")) for _ in range(8)]
    told = await gather(*acts)
    assert sum(not payload["errors"] for payload in told) == 1
    assert rows(own_town, HOLDERS) == [(1,)]
    ((holder, part),) = rows(own_town, """select stafettholder_id, person_id from plan p
        join participant t on t.plan_id = p.id where role = 'STAFETTHOLDER' and until is null""")
    assert holder == part == own_town.town.persons["nurse"]
