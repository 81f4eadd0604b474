"""What a consent's preview promises is what the people whom it names see, to the letter, when it opens."""
import asyncio
import os
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from db.rules.grant import OSLO
from db.seeds.parts import UNITS, Town
from tests.support.asking import Asking
from tests.support.changing import change, done
from tests.support.embedded import Server, name_of

EMPLOYEES = ("stafettholder", "nurse", "former", "leader", "stranger", "analyst")
DRAFTS = int(os.environ.get("DRAFTS", "20"))  # `make proofs`: 500
LEVEL = "element level until reason"
PREVIEW = f"""query($id: ID!) {{ consentPreview(consentId: $id) {{
  name personId unitId role takesPart elements {{ {LEVEL} }} }} }}"""
DRAFT = """mutation($input: DraftConsentInput!) {
  draftConsent(input: $input) { consent { id validFrom texts { hash } } errors { code } } }"""
SEND = "mutation($id: ID!) { sendConsent(consentId: $id) { errors { code } } }"
SIGN = """mutation($id: ID!, $hash: String!) {
  signConsent(input: {consentId: $id, method: DEMO_BANKID, hash: $hash}) { errors { code } } }"""
ADD = "mutation($input: AddParticipantInput!) { addParticipant(input: $input) { errors { code } } }"
SEEN = f"query($id: ID!) {{ plan(id: $id) {{ viewerAccess {{ {LEVEL} }} }} }}"
named = st.fixed_dictionaries({
    "who": st.sampled_from([*EMPLOYEES, *UNITS]), "whereabouts": st.booleans(),
    "restrictions": st.lists(st.fixed_dictionaries({
        "element": st.sampled_from(["OVERVIEW", "GOALS", "COMMENTS", "PARTICIPANTS", "CONSENT", "MESSAGES"]),
        "level": st.sampled_from(["NONE", "READ"])}), max_size=3, unique_by=lambda r: r["element"])})
drafts = st.lists(named, max_size=4, unique_by=lambda name: name["who"])
starts = st.none() | st.none() | st.integers(1, 3)  # now, mostly; else in so many days


def name_input(town: Asking, name: dict[str, Any]) -> dict[str, Any]:
    who, rest = name["who"], {key: value for key, value in name.items() if key != "who"}
    key = {"unitId": f"Unit:{town.town.units[who]}"} if who in UNITS else {
        "personId": f"Person:{town.town.persons[who]}"}
    return key | rest


async def drafted(town: Asking, names: list[dict[str, Any]], start: int | None) -> dict[str, Any]:
    day = None if start is None else str((town.now.astimezone(OSLO) + timedelta(days=start)).date())
    return await act(town, "stafettholder", DRAFT, input={  # type: ignore[no-any-return]
        "planId": f"Plan:{town.town.plan}", "texts": [{"language": "NB", "text": "Ja."}], "validFrom": day,
        "names": [name_input(town, name) for name in names]}, told="consent")


async def act(town: Asking, by: str, query: str, told: str | None = None, **variables: Any) -> Any:
    """A change that must be made; what is told of it."""
    (payload,) = (await town.told(by, query, **variables)).values()
    assert payload["errors"] == []
    return told and payload[told]


async def previewed(town: Asking, by: str, consent: dict[str, Any]) -> Any:
    return (await town.told(by, PREVIEW, id=consent["id"]))["consentPreview"]


async def signed(town: Asking, consent: dict[str, Any]) -> None:
    for guardian in ("guardian1", "guardian2"):
        await act(town, guardian, SIGN, id=consent["id"], hash=consent["texts"][0]["hash"])


async def seen(town: Asking, person: str) -> Any:
    """What one sees of each element; of a plan that is not there for them, nothing of any."""
    (part,) = (part for part, key in town.town.persons.items() if f"Person:{key}" == person)
    told = (await town.told(part, SEEN, id=f"Plan:{town.town.plan}"))["plan"]
    return told and told["viewerAccess"]


async def comes_true(town: Asking, names: list[dict[str, Any]], start: int | None) -> None:
    consent = await drafted(town, names, start)
    assert await previewed(town, "guardian1", consent) is None, "a draft is theirs who write it"
    written = await previewed(town, "stafettholder", consent)
    await act(town, "stafettholder", SEND, id=consent["id"])
    promised = await previewed(town, "guardian1", consent)
    assert written is None or all(one in promised for one in written), "all are told the same"
    await signed(town, consent)
    assert start or await previewed(town, "guardian1", consent) is None, "it waits no more"
    town.now = max(town.now, datetime.fromisoformat(consent["validFrom"]))
    for one in promised:
        if not one["takesPart"] and one["personId"]:
            await act(town, "stafettholder", ADD, input={
                "planId": f"Plan:{town.town.plan}", "personId": one["personId"], "role": "PROVIDER"})
    for one in promised:
        if one["personId"]:
            told = await seen(town, one["personId"])
            assert told == one["elements"] or (
                told is None and {each["level"] for each in one["elements"]} == {"NONE"})


@settings(max_examples=DRAFTS // 5, deadline=None, suppress_health_check=list(HealthCheck),
          phases=(Phase.generate,))
@given(st.lists(st.tuples(drafts, starts), min_size=5, max_size=5))
def test_what_is_previewed_comes_true(
        postgres: Server, template: tuple[str, Town],
        forms: list[tuple[list[dict[str, Any]], int | None]]) -> None:
    """Five after one another on a fresh plan: on one with hundreds of forms every act becomes slow."""
    async def tried() -> None:
        town = await Asking(postgres.fresh(name_of(template[0]))).open()
        town.town = template[1]
        try:
            for names, start in forms:
                town.now += timedelta(minutes=1)
                await comes_true(town, names, start)
        finally:
            await town.close()
            postgres.drop(town.url)
    asyncio.run(tried())


async def test_nobody_else_is_told_what_a_consent_would_open(own_town: Asking) -> None:
    consent = await drafted(own_town, [{"who": "nurse", "whereabouts": False, "restrictions": []}], None)
    await done(own_town, "stafettholder", "sendConsent", consentId=consent["id"])
    told = {part: await previewed(own_town, part, consent) for part in own_town.town.persons}
    assert {part for part, said in told.items() if said} == {
        "guardian1", "guardian2", "stafettholder", "nurse"}
    assert await previewed(own_town, "fagsystem", consent) is None
    nothing = {"id": "Consent:01935b5e-0000-7000-8000-000000000000"}
    assert await previewed(own_town, "guardian1", nothing) is None


async def test_one_who_may_not_know_how_old_the_child_is_can_not_tell_it_from_what_the_family_may(
        own_town: Asking) -> None:
    await done(own_town, "guardian1", "withdrawConsent", consentId=f"Consent:{own_town.town.consent}")
    consent = await drafted(own_town, [{"who": "nurse", "whereabouts": False, "restrictions": []}], None)
    told = await previewed(own_town, "stafettholder", consent)
    assert {one["name"] for one in told} == {"Tone Lie", "Siv Berg", "Jan Moe"}
    explain = """query($plan: ID!, $person: ID!) {
      explainAccess(planId: $plan, personId: $person, element: GOALS) { level until } }"""
    for part, known in (("owner", False), ("guardian1", False), ("nurse", True)):
        said = await own_town.told("stafettholder", explain, plan=f"Plan:{own_town.town.plan}",
                                   person=f"Person:{own_town.town.persons[part]}")
        assert (said["explainAccess"] is not None) is known


async def test_a_declined_form_opens_nothing_any_more(own_town: Asking) -> None:
    consent = await drafted(own_town, [], None)
    await done(own_town, "stafettholder", "sendConsent", consentId=consent["id"])
    assert await previewed(own_town, "guardian1", consent)
    assert not (await change(own_town, "guardian2", "declineConsent", consentId=consent["id"]))["errors"]
    assert await previewed(own_town, "guardian1", consent) is None
