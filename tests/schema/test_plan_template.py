"""Which elements a type of plan has: what is shown, what a switch opens and closes, and what it leaves be."""
from typing import Any

import pytest

from tests.support.asking import DAY, Asking
from tests.support.changing import done, rows
from tests.support.ledger import ledger

TEMPLATES = "{ municipality { planTemplates { type elements { element on optional switchedAt } } } }"
ACCESS = "query($id: ID!) { plan(id: $id) { viewerAccess { element level reason } } }"
EXPLAIN = """query($plan: ID!, $person: ID!, $at: DateTime) {
  explainAccess(planId: $plan, personId: $person, element: MAPPING, at: $at) { level reason } }"""
LOGGED = "query($id: ID!) { plan(id: $id) { accessLog { edges { node { action read } } } } }"
NONE, READ, WRITE = "NONE", "READ", "WRITE"


async def switch(town: Asking, element: str, *, on: bool, of: str = "STAFETTLOGG") -> dict[str, Any]:
    return await done(town, "admin", "switchElement", planType=of, element=element, on=on)


async def mapping(town: Asking, part: str) -> tuple[str, str]:
    told = await town.told(part, ACCESS, id=f"Plan:{town.town.plan}")
    (one,) = [each for each in told["plan"]["viewerAccess"] if each["element"] == "MAPPING"]
    return one["level"], one["reason"]


async def explained(town: Asking, part: str, at: str | None = None) -> tuple[str, str]:
    asked = {"plan": f"Plan:{town.town.plan}", "person": f"Person:{town.town.persons[part]}", "at": at}
    told = (await town.told("guardian1", EXPLAIN, **asked))["explainAccess"]
    return told["level"], told["reason"]


async def test_every_type_shows_its_elements_and_what_can_be_switched(own_town: Asking) -> None:
    told = (await own_town.told("stranger", TEMPLATES))["municipality"]["planTemplates"]
    shown = {one["type"]: {each["element"]: (each["on"], each["optional"]) for each in one["elements"]}
             for one in told}
    log, plan = shown["STAFETTLOGG"], shown["INDIVIDUAL_PLAN"]
    assert shown["INDIVIDUAL_EDUCATION_PLAN"] == plan
    assert log["MESSAGES"] == log["ACCESS_LOG"] == log["GOALS"] == (True, False)
    assert log["LIFE_AREAS"] == log["PROFESSIONAL_PLANS"] == (False, False)
    assert log["MAPPING"] == (False, True)
    assert plan["LIFE_AREAS"] == plan["PROFESSIONAL_PLANS"] == (True, True)


async def test_what_is_switched_on_opens_to_the_family_now_and_to_others_by_the_next_consent(
        own_town: Asking) -> None:
    assert await mapping(own_town, "guardian1") == (NONE, "NOT_IN_TYPE")
    before = own_town.now.isoformat()
    own_town.now += DAY
    made = (await switch(own_town, "MAPPING", on=True))["municipality"]["planTemplates"]
    (now_on,) = [e for t in made if t["type"] == "STAFETTLOGG" for e in t["elements"] if e["switchedAt"]]
    assert (now_on["element"], now_on["on"]) == ("MAPPING", True)
    assert [await mapping(own_town, part) for part in ("guardian1", "stafettholder", "nurse")] == [
        (READ, "ROLE"), (NONE, "NO_CONSENT"), (NONE, "NO_CONSENT")]
    assert await explained(own_town, "nurse") == (NONE, "NO_CONSENT")
    await agreed(own_town)
    assert [await mapping(own_town, part) for part in ("stafettholder", "nurse")] == [
        (WRITE, "CONSENT"), (READ, "CONSENT")]
    assert await explained(own_town, "nurse") == (READ, "CONSENT")
    assert await explained(own_town, "nurse", before) == (NONE, "NOT_IN_TYPE")


async def agreed(town: Asking) -> None:
    """The same form, asked for anew and signed by both."""
    town.now += DAY
    made = await done(town, "stafettholder", "renewConsent", consentId=f"Consent:{town.town.consent}")
    form = made["consent"]
    await done(town, "stafettholder", "sendConsent", consentId=form["id"])
    for part in ("guardian1", "guardian2"):
        await done(town, part, "signConsent", consentId=form["id"], method="DEMO_BANKID",
                   hash=form["texts"][0]["hash"])


async def test_what_is_switched_off_is_closed_to_all_at_once_and_open_again_when_it_is_back(
        own_town: Asking) -> None:
    await switch(own_town, "MAPPING", on=True)
    await agreed(own_town)
    for on in (False, True):
        own_town.now += DAY
        await switch(own_town, "MAPPING", on=on)
        said = [(await mapping(own_town, part))[1] for part in ("guardian1", "stafettholder", "nurse")]
        assert said == (["ROLE", "CONSENT", "CONSENT"] if on else ["NOT_IN_TYPE"] * 3)


@pytest.mark.parametrize(("element", "on", "of"), [
    ("MAPPING", False, "STAFETTLOGG"), ("LIFE_AREAS", True, "INDIVIDUAL_PLAN"),
    ("MAPPING", True, "INDIVIDUAL_PLAN")])
async def test_a_switch_leaves_other_types_alone_and_does_nothing_where_it_is_so_already(
        own_town: Asking, element: str, on: bool, of: str) -> None:
    before = (await ledger(own_town)).entries
    await switch(own_town, element, on=on, of=of)
    assert (await ledger(own_town)).entries == before
    assert rows(own_town, "select count(*) from element_switch") == [(int(element == "MAPPING" and on),)]


async def test_the_archive_is_sent_what_the_type_has_alone(own_town: Asking) -> None:
    await done(own_town, "stafettholder", "archivePlan", planId=f"Plan:{own_town.town.plan}")
    told = await own_town.told("guardian1", LOGGED, id=f"Plan:{own_town.town.plan}")
    (archived,) = [edge["node"]["read"] for edge in told["plan"]["accessLog"]["edges"]
                   if edge["node"]["action"] == "ARCHIVE"]
    assert {"GOALS", "CALENDAR"} <= set(archived)
    assert not {"MAPPING", "LIFE_AREAS", "PROFESSIONAL_PLANS"} & set(archived)


async def test_a_consent_holds_back_what_the_type_has_alone(own_town: Asking) -> None:
    await switch(own_town, "MAPPING", on=True)
    made = await done(own_town, "stafettholder", "draftConsent", planId=f"Plan:{own_town.town.plan}",
                      texts=[{"language": "NB", "text": "Ja."}], names=[{
                          "personId": f"Person:{own_town.town.persons['nurse']}",
                          "restrictions": [{"element": "MAPPING", "level": "NONE"}]}])
    assert made["consent"]["names"][0]["restrictions"] == [{"element": "MAPPING", "level": "NONE"}]
