"""The municipalities' routines, one by one, as the people in them see it; the clock is the test's own."""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from db.rules.grant import OSLO
from db.seal import synthetic
from db.tables.municipality import Municipality
from db.write.clock import tick
from db.write.find import transaction
from tests.support.asking import NOW, Asking
from tests.support.changing import change, done, refused
from tests.support.invited import accepted, added, codes, declared, named
from tests.support.posting import Post

SEEN = """query($id: ID!) { plan(id: $id) { status owner { id } goals { id } unit { name }
  stafettholder { name } levelHistory { level } handovers { state reason by { name } }
  participants { role person { id } } consents { id state } } }"""
MOMENT = timedelta(microseconds=1)


def midnight(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=OSLO)


@dataclass
class Life:
    """One plan, lived: its town, the child and the guardians as parts of it."""
    town: Asking
    plan: str
    family: tuple[str, ...]

    async def sees(self, part: str) -> Any:
        return (await self.town.told(part, SEEN, id=self.plan))["plan"]

    async def reads(self, *parts: str) -> list[str]:
        """Those of them who see content."""
        return [part for part in parts if ((await self.sees(part)) or {}).get("goals") is not None]

    async def asked(self, *named: str, **period: str) -> dict[str, Any]:
        """A form that names these, sent."""
        names = [{"personId": f"Person:{self.town.town.persons[part]}"} for part in named]
        made = await done(self.town, "stafettholder", "draftConsent", planId=self.plan, names=names,
                          texts=[{"language": "NB", "text": "Ja."}], **period)
        await done(self.town, "stafettholder", "sendConsent", consentId=made["consent"]["id"])
        consent: dict[str, Any] = made["consent"]
        return consent

    async def signed(self, consent: dict[str, Any], *by: str) -> None:
        for part in by:
            await done(self.town, part, "signConsent", consentId=consent["id"], method="DEMO_BANKID",
                       hash=consent["texts"][0]["hash"])

    async def joins(self, part: str) -> None:
        await done(self.town, "stafettholder", "addParticipant", planId=self.plan, role="PROVIDER",
                   personId=f"Person:{self.town.town.persons[part]}")

    async def awaited(self, consent: dict[str, Any]) -> set[str]:
        """Who is asked to sign: all others are refused."""
        answers = {part: (await change(self.town, part, "signConsent", consentId=consent["id"],
                                       method="DEMO_BANKID", hash="0" * 64))["errors"][0]["code"]
                   for part in self.family}
        return {part for part, code in answers.items() if code == "FORM_CHANGED"}


async def reached(town: Asking) -> None:
    """From now on the municipality sends SMS."""
    async with transaction(town.writer, town.now) as session:
        (await session.scalars(select(Municipality))).one().sms = "sms"


def typed(born: date, n: int) -> dict[str, str]:
    return {"identityNumber": synthetic(born, n), "name": f"Person {born.year}", "mobile": "+4740000077"}


async def opened(town: Asking, born: date, guardians: Sequence[str] = ("mother", "father")) -> Life:
    """A plan for one who was born on that day, with so many guardians."""
    unit = f"Unit:{town.town.units['Nordmo skole']}"
    made = await done(town, "stafettholder", "createPlan", unitId=unit, owner=typed(born, 41),
                      guardians=[typed(date(1985 + n, 5, 5), 42) for n, _ in enumerate(guardians)])
    life = Life(town, made["plan"]["id"], ("child", *guardians))
    told = await life.sees("stafettholder")
    people = {role: [p["person"]["id"] for p in told["participants"] if p["role"] == role]
              for role in ("OWNER", "GUARDIAN")}
    ids = [UUID(key.partition(":")[2]) for key in (*people["OWNER"], *people["GUARDIAN"])]
    family = dict(zip(life.family, ids, strict=True))
    town.town = replace(town.town, persons=town.town.persons | family)  # the cast's own is all tests'
    for part in life.family:
        if codes(town, part):  # who is too young to sign in is not invited
            await accepted(town, part)
    return life


async def running(town: Asking, born: date, *signers: str, **period: str) -> Life:
    """Under a consent that names the nurse, who takes part."""
    life = await opened(town, born)
    await life.signed(await life.asked("nurse", **period), *signers)
    await life.joins("nurse")
    return life


async def test_a_plan_is_opened_at_level_one_and_both_guardians_of_a_small_child_must_agree(
        own_town: Asking) -> None:
    life = await opened(own_town, date(2022, 9, 1))  # four years old
    consent = await life.asked("nurse")
    assert await life.awaited(consent) == {"mother", "father"}
    await life.signed(consent, "mother")
    told = await life.sees("stafettholder")
    assert (told["status"], told["goals"]) == ("AWAITING_CONSENT", None)
    assert await refused(own_town, "stafettholder", "addParticipant", planId=life.plan, role="PROVIDER",
                         personId=f"Person:{own_town.town.persons['nurse']}") == [
        ("CONSENT_MISSING", "personId")]
    await life.signed(consent, "father")
    await life.joins("nurse")
    told = await life.sees("mother")
    assert (told["status"], told["levelHistory"]) == ("ACTIVE", [{"level": 1}])
    assert await life.reads("child", "mother", "father", "nurse", "stafettholder", "leader") == [
        "mother", "father", "nurse", "stafettholder"]


async def test_the_baton_is_handed_over_and_then_forced_when_the_new_holder_is_away(own_town: Asking) -> None:
    life = await running(own_town, date(2018, 3, 1), "mother", "father")
    await life.signed(await life.asked("nurse", "former", "stafettholder"), "mother", "father")
    await life.joins("former")
    nurse, former = (f"Person:{own_town.town.persons[part]}" for part in ("nurse", "former"))
    proposed = await done(own_town, "stafettholder", "proposeStafettholder", planId=life.plan, personId=nurse,
                          reason="Barnet har begynt i barnehagen")
    assert (await life.sees("mother"))["stafettholder"]["name"] == "Tone Lie", "until it is taken"
    await done(own_town, "nurse", "acceptStafettholder", handoverId=proposed["handover"]["id"])
    assert await life.reads("nurse", "stafettholder") == ["nurse", "stafettholder"], "whom the consent names"
    own_town.now += timedelta(days=40)
    forced = {"planId": life.plan, "personId": former, "reason": "Sykmeldt"}
    await done(own_town, "leader", "replaceStafettholder", **forced)
    told = await life.sees("mother")
    assert told["stafettholder"]["name"] == "Jan Moe"
    assert [(one["state"], one["by"]["name"], one["reason"]) for one in told["handovers"]] == [
        ("ACCEPTED", "Tone Lie", "Barnet har begynt i barnehagen"), ("FORCED", "Liv Dahl", "Sykmeldt")]


async def test_a_young_owner_signs_beside_the_guardians(own_town: Asking) -> None:
    life = await opened(own_town, date(2011, 3, 1))
    consent = await life.asked("nurse")
    assert await life.awaited(consent) == {"child", "mother", "father"}
    await life.signed(consent, "mother", "father")
    assert await life.reads("stafettholder") == []
    await life.signed(consent, "child")
    await life.joins("nurse")
    assert await life.reads("child", "mother", "nurse", "stranger") == ["child", "mother", "nurse"]


async def test_a_pregnant_owner_signs_alone(own_town: Asking) -> None:
    life = await opened(own_town, date(1996, 3, 1), guardians=())
    consent = await life.asked("nurse")
    assert await life.awaited(consent) == {"child"}
    await life.signed(consent, "child")
    await life.joins("nurse")
    assert await life.reads("child", "nurse", "leader") == ["child", "nurse"]


async def test_an_owner_who_comes_of_consent_age_reads_and_must_sign_the_next(own_town: Asking) -> None:
    birthday = midnight(2027, 1, 10)
    life = await running(own_town, date(2012, 1, 10), "mother", "father")
    own_town.now = birthday - MOMENT
    assert await life.reads("child", "mother", "nurse") == ["mother", "nurse"]
    own_town.now = birthday
    assert await life.reads("child", "mother", "nurse") == ["mother", "nurse"]
    await reached(own_town)
    await done(own_town, "stafettholder", "inviteParticipant", planId=life.plan,
               personId=f"Person:{own_town.town.persons['child']}")
    await accepted(own_town, "child")
    assert await life.reads("child", "mother", "nurse") == ["child", "mother", "nurse"]
    assert await life.awaited(await life.asked("nurse")) == {"child", "mother", "father"}


async def test_at_eighteen_the_guardians_read_no_more_and_the_owner_signs_alone(own_town: Asking) -> None:
    birthday = midnight(2027, 1, 10)
    life = await running(own_town, date(2009, 1, 10), "child", "mother", "father")
    own_town.now = birthday - MOMENT
    assert await life.reads("child", "mother", "father") == ["child", "mother", "father"]
    own_town.now = birthday
    assert await life.reads("child", "mother", "father", "nurse") == ["child", "nurse"]
    consent = await life.asked("nurse", "mother")
    await life.signed(consent, "child")
    assert await life.reads("child", "mother", "father") == ["child", "mother"], "whom the owner names"


async def test_a_consent_that_runs_out_overnight_closes_at_midnight_without_a_clock(own_town: Asking) -> None:
    life = await running(own_town, date(2018, 3, 1), "mother", "father", validUntil="2026-12-31")
    own_town.now = midnight(2027, 1, 1) - MOMENT
    assert await life.reads("mother", "nurse", "stafettholder") == ["mother", "nurse", "stafettholder"]
    own_town.now = midnight(2027, 1, 1)
    assert await life.reads("mother", "nurse", "stafettholder") == ["mother"]
    assert (await life.sees("stafettholder"))["status"] == "PASSIVE"
    await tick(own_town.writer, own_town.now)
    assert (await life.sees("mother"))["status"] == "PASSIVE"


async def test_a_renewal_leaves_no_gap(own_town: Asking) -> None:
    life = await running(own_town, date(2018, 3, 1), "mother", "father", validUntil="2026-12-31")
    await life.signed(await life.asked("nurse", validFrom="2027-01-01"), "mother", "father")
    for own_town.now in (midnight(2027, 1, 1) - MOMENT, midnight(2027, 1, 1), midnight(2027, 6, 1)):
        assert await life.reads("nurse", "stafettholder") == ["nurse", "stafettholder"]
        await tick(own_town.writer, own_town.now)
        assert (await life.sees("mother"))["status"] == "ACTIVE"


async def test_a_second_service_joins_at_level_two_when_a_new_consent_names_it(own_town: Asking) -> None:
    life = await running(own_town, date(2018, 3, 1), "mother", "father")
    await done(own_town, "stafettholder", "changeLevel", planId=life.plan, level=2, reason="PPT kobles på")
    former = f"Person:{own_town.town.persons['former']}"
    refused = await change(own_town, "stafettholder", "addParticipant", planId=life.plan, personId=former,
                           role="PROVIDER")
    assert [error["code"] for error in refused["errors"]] == ["NOT_NAMED"]
    consent = await life.asked("nurse", "former")
    await life.signed(consent, "mother")
    assert await life.reads("nurse", "former") == ["nurse"], "the old one holds until all have signed"
    await life.signed(consent, "father")
    await life.joins("former")
    assert await life.reads("nurse", "former", "stafettholder") == ["nurse", "former", "stafettholder"]


async def test_the_plan_follows_the_child_from_one_unit_to_the_next(own_town: Asking) -> None:
    life = await running(own_town, date(2018, 3, 1), "mother", "father")
    assert (await life.sees("leader"))["goals"] is None
    to = f"Unit:{own_town.town.units['Solbakken barnehage']}"
    moving = {"planId": life.plan, "unitId": to, "reason": "Flytter", "withoutConsent": True}
    await done(own_town, "leader", "movePlan", **moving)
    assert await life.sees("leader") is None, "who led the unit that it left"
    assert await life.reads("nurse", "mother") == ["nurse", "mother"], "who takes part does not change"
    assert (await life.sees("mother"))["unit"] == {"name": "Solbakken barnehage"}


async def test_a_plan_rests_when_one_withdraws_and_runs_again_under_a_new_consent(own_town: Asking) -> None:
    life = await running(own_town, date(2018, 3, 1), "mother", "father")
    (first,) = (await life.sees("mother"))["consents"]
    await done(own_town, "father", "withdrawConsent", consentId=first["id"])
    assert await life.reads("mother", "father", "nurse", "stafettholder") == ["mother", "father"]
    own_town.now = NOW + timedelta(days=3)
    await life.signed(await life.asked("nurse"), "mother", "father")
    assert await life.reads("nurse", "stafettholder") == ["nurse", "stafettholder"]
    assert [c["state"] for c in (await life.sees("mother"))["consents"]] == ["WITHDRAWN", "IN_FORCE"]


async def test_next_of_kin_are_named_invited_and_read_when_they_have_declared(own_town: Asking) -> None:
    await reached(own_town)
    await named(own_town)
    await added(own_town)
    (code,) = codes(own_town, "grandmother")
    life = Life(own_town, f"Plan:{own_town.town.plan}", ())
    assert await life.sees("grandmother") is None
    await accepted(own_town, "grandmother")
    assert await life.sees("grandmother") is None, "she has not declared yet"
    await declared(own_town, "grandmother")
    assert await life.reads("grandmother", "guardian1", "nurse") == ["grandmother", "guardian1", "nurse"]
    used = await change(own_town, "grandmother", "acceptInvitation", code=code)
    assert [error["code"] for error in used["errors"]] == ["INVITATION_DEAD"]
    (*_, consent) = (await life.sees("guardian1"))["consents"]
    await done(own_town, "guardian2", "withdrawConsent", consentId=consent["id"])
    assert await life.reads("grandmother", "guardian1", "nurse") == ["guardian1"]


async def test_a_plan_whose_goals_are_reached_is_closed_and_may_be_opened_again(own_town: Asking) -> None:
    life = await running(own_town, date(2018, 3, 1), "mother", "father")
    await done(own_town, "stafettholder", "closePlan", planId=life.plan, reason="GOALS_REACHED",
               successorId=None)
    assert (await life.sees("mother"))["status"] == "CLOSED"
    assert await life.reads("mother", "nurse", "stafettholder") == ["mother"]
    own_town.now = NOW + timedelta(days=90)
    await done(own_town, "admin", "reopenPlan", planId=life.plan)
    assert (await life.sees("mother"))["status"] == "ACTIVE"
    assert await life.reads("mother", "nurse", "stafettholder") == ["mother", "nurse", "stafettholder"]


async def test_a_plan_is_deleted_when_the_archive_has_it_and_the_services_know(own_town: Asking) -> None:
    life, post = await running(own_town, date(2018, 3, 1), "mother", "father"), Post(own_town)
    await post.go()
    await done(own_town, "mother", "requestDeletion", planId=life.plan, reason="Vi vil ikke ha den mer.")
    assert await refused(own_town, "admin", "deletePlan", planId=life.plan) == [("CLOSE_FIRST", "planId")]
    await done(own_town, "stafettholder", "closePlan", planId=life.plan, reason="OTHER", successorId=None)
    assert await refused(own_town, "admin", "deletePlan", planId=life.plan) == [("ARCHIVE_FIRST", "planId")]
    await post.go()  # to the archive, whose receipt has the services told
    assert await refused(own_town, "admin", "deletePlan", planId=life.plan) == [("TELL_FIRST", "planId")]
    await post.go()
    await done(own_town, "admin", "deletePlan", planId=life.plan)
    assert [await life.sees(part) for part in ("mother", "stafettholder", "admin")] == [None] * 3
    again = await opened(own_town, date(2018, 3, 1))
    assert again.plan != life.plan, "the same child's"


async def test_a_plan_that_has_changed_since_it_was_archived_is_archived_again_before_it_is_deleted(
        own_town: Asking) -> None:
    life, post = await running(own_town, date(2018, 3, 1), "mother", "father"), Post(own_town)
    await done(own_town, "stafettholder", "closePlan", planId=life.plan, reason="OTHER", successorId=None)
    await post.go()
    await post.go()
    await done(own_town, "father", "requestDeletion", planId=life.plan, reason="Vi flytter.")
    (consent,) = (await life.sees("mother"))["consents"]
    await done(own_town, "mother", "withdrawConsent", consentId=consent["id"])
    assert await refused(own_town, "admin", "deletePlan", planId=life.plan) == [("ARCHIVE_FIRST", "planId")]
    await done(own_town, "stafettholder", "archivePlan", planId=life.plan, elements=None)
    await post.go()
    await done(own_town, "admin", "deletePlan", planId=life.plan)
    assert await life.sees("mother") is None


async def test_a_plan_is_closed_because_an_individual_plan_is_opened_and_says_which(
        own_town: Asking) -> None:
    life = await running(own_town, date(2018, 3, 1), "mother", "father")
    unit = f"Unit:{own_town.town.units['Nordmo skole']}"
    family = {"owner": typed(date(2018, 3, 1), 41), "guardians": [typed(date(1985, 5, 5), 42)]}
    following = (await done(own_town, "stafettholder", "createPlan", unitId=unit, type="INDIVIDUAL_PLAN",
                            **family))["plan"]
    await done(own_town, "stafettholder", "closePlan", planId=life.plan, reason="INDIVIDUAL_PLAN_OPENED",
               successorId=following["id"])
    ask = "query($id: ID!) { plan(id: $id) { status followedBy } }"
    for part, told in (("mother", following["id"]), ("father", None), ("stafettholder", following["id"])):
        assert await own_town.told(part, ask, id=life.plan) == {
            "plan": {"status": "CLOSED", "followedBy": told}}, part
