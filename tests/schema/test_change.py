"""Every change through the API, step by step as a plan goes through them; and what its payload shows."""
import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from db.seal import synthetic
from db.seeds.parts import PARTS, TEXT, Targets, build
from tests.support.asking import DAY, NOW, SEAL, Asking
from tests.support.changing import MUTATION, change, done, fingerprint, refused, rows
from tests.support.histories import changed
from tests.support.invited import accepted, declared, known
from tests.support.papers import uploaded
from tests.support.posting import Post
from tests.support.receiver import Receiver
from tests.support.staged import ADULT, CHILD, MOTHER, Staged
from tests.support.tasks import task_for

FAMILY = "query($id: ID!) { plan(id: $id) { participants { id person { name version } } } }"
GRANDMOTHER = synthetic(date(1955, 2, 3), 7)
HOME = {"arena": "HOME", "title": "Lese hver kveld"}


class Story:
    """A new plan's way through every change there is."""

    def __init__(self, own: Staged) -> None:
        self.own, self.asking, self.made = own, own.asking, set[str]()

    async def by(self, part: str, name: str, **args: Any) -> dict[str, Any]:
        self.asking.now += timedelta(minutes=1)
        self.made.add(name)
        return await done(self.asking, part, name, **args)

    async def opened(self) -> None:
        first = {"identityNumber": PARTS["guardian1"].identity_number, "name": "As typed",
                 "email": "as@typed.no"}
        entry = self.own.new_plan(guardians=[first], shortName=" MM ", level=2)
        plan = (await self.by("stafettholder", "createPlan", **entry))["plan"]
        assert (plan["status"], plan["shortName"], plan["level"]) == (
            "DRAFT", "MM", None)  # content is not open yet
        assert [(p["role"], p["person"]["name"]) for p in plan["participants"]] == [
            ("OWNER", "Mia Myr"), ("GUARDIAN", "Ada Nordmo"), ("STAFETTHOLDER", "Tone Lie")]
        self.plan = plan["id"]
        second = {"identityNumber": PARTS["guardian2"].identity_number, "name": "Per"}
        added = await self.by("stafettholder", "addGuardian", planId=self.plan, person=second)
        assert (added["participant"]["role"], added["participant"]["person"]) == (
            "GUARDIAN", {"name": "Per Nordmo", "mobile": "+4740000002"})

    async def agreed(self) -> None:
        names = [{"personId": self.own.person("nurse"),
                  "restrictions": [{"element": "CALENDAR", "level": "NONE"}]},
                 {"personId": self.own.person("stafettholder")},
                 {"unitId": self.own.unit("PPT Nordmo"), "whereabouts": True},
                 {"person": {"identityNumber": GRANDMOTHER, "name": "Turid Myr", "mobile": "+4740000055"}}]
        entry = self.own.consent(self.plan, names=names, validUntil="2027-01-31")
        form = (await self.by("stafettholder", "draftConsent", **entry))["consent"]
        assert form["state"] == "DRAFT"
        assert [(t["language"], t["direction"], t["text"]) for t in form["texts"]] == [("nb", "LTR", TEXT)]
        assert form["validUntil"] == "2027-01-31T23:00:00+00:00"  # the end of the last day, in Norway
        assert [(n["person"], n["unit"], n["whereabouts"], n["restrictions"]) for n in form["names"]] == [
            ({"name": "Siv Berg"}, None, False, [{"element": "CALENDAR", "level": "NONE"}]),
            ({"name": "Tone Lie"}, None, False, []),
            (None, {"name": "PPT Nordmo"}, True, []),
            ({"name": "Turid Myr"}, None, False, [])]
        sent = await self.by("stafettholder", "sendConsent", consentId=form["id"])
        assert (sent["consent"]["state"], sent["plan"]["status"]) == ("SENT", "AWAITING_CONSENT")
        signing = {"consentId": form["id"], "method": "DEMO_BANKID", "hash": form["texts"][0]["hash"]}
        half = await self.by("guardian1", "signConsent", **signing)
        assert (half["consent"]["state"], half["plan"]["status"]) == ("SENT", "AWAITING_CONSENT")
        whole = await self.by("stafettholder", "signConsentOnPaper", consentId=form["id"],
                              personId=self.own.person("guardian2"), hash=signing["hash"],
                              signedOn="2026-11-22", paper=await uploaded(self.own.asking))
        assert (whole["consent"]["state"], whole["plan"]["status"], whole["plan"]["level"]) == (
            "IN_FORCE", "ACTIVE", 2)
        assert {(s["person"]["name"], s["method"], s["hash"]) for s in whole["consent"]["signatures"]} == {
            ("Ada Nordmo", "DEMO_BANKID", signing["hash"]), ("Per Nordmo", "PAPER", signing["hash"])}
        self.form = form["id"]

    async def worked(self) -> None:
        nurse = (await self.by(
            "stafettholder", "addParticipant", planId=self.plan, personId=self.own.person("nurse"),
            role="PROVIDER", responsibility=" Vekt og søvn\r\n "))["participant"]
        self.nurse = nurse["id"]
        assert (nurse["state"], nurse["responsibility"]) == ("ACTIVE", "Vekt og søvn")
        assert nurse["unit"] == {"name": "Nordmo helsestasjon"}
        told = await self.by("guardian1", "updateOverview", planId=self.plan, version=1,
                             strengths=" Blid ", challenges=None)
        assert told["overview"] == {
            "id": told["overview"]["id"], "version": 2, "strengths": "Blid", "challenges": None}
        goal = (await self.by("stafettholder", "createGoal", planId=self.plan, **HOME))["goal"]
        assert (goal["status"], goal["version"], goal["position"], goal["description"]) == (
            "OPEN", 1, 0, None)
        goal = (await self.by("stafettholder", "updateGoal", goalId=goal["id"], version=1,
                              status="DONE", deadline="2026-12-01"))["goal"]
        assert (goal["title"], goal["status"], goal["deadline"], goal["version"]) == (
            HOME["title"], "DONE", "2026-12-01", 2)
        made = await self.by("stafettholder", "createActivity", goalId=goal["id"],
                             responsibleId=self.nurse, deadline="2026-12-24", **HOME)
        assert made["activity"]["responsible"] == {"person": {"name": "Siv Berg"}}
        changed = await self.by("nurse", "updateActivity", activityId=made["activity"]["id"],
                                version=1, title="Måle")
        assert (changed["activity"]["title"], changed["activity"]["deadline"]) == ("Måle", "2026-12-24")
        for part, on in (("guardian1", goal["id"]), ("nurse", made["activity"]["id"])):
            said = await self.by(part, "addComment", on=on, body="Går bra.\n")
            assert (said["comment"]["body"], said["comment"]["author"]["name"]) == (
                "Går bra.", PARTS[part].name)

    async def noted(self) -> None:
        """In the clinic's own system, by hand: she is not known there yet, and then she is."""
        for answer, said, state in (("rejectDelivery", {"reason": "UNKNOWN_PERSON"}, "REJECTED"),
                                    ("confirmDelivery", {"reference": "HS-7"}, "CONFIRMED")):
            key = task_for(self.asking, "Nordmo helsestasjon")
            answered = await self.by("nurse", answer, deliveryId=key, **said)
            assert (answered["state"], answered["delivery"]) == (state, None), "no delivery is hers to see"

    async def concluded(self) -> None:
        """A meeting, for the clinic's own system."""
        switched = await self.by("admin", "switchConclusions", on=True)
        assert switched["municipality"]["sendsConclusions"] is True
        taking = Receiver("fagsystem")
        taking.conclusions = True
        self.asking.hub = replace(self.asking.hub, targets={"fagsystem": taking})
        sent = await self.by("nurse", "sendConclusion", planId=self.plan, heldOn="2026-11-22",
                             conclusion="Ja.")
        assert (sent["state"], sent["delivery"]) == ("ORDERED", None)

    async def mended(self) -> None:
        """The number of one of the family by the stafettholder, and then by themselves; and a text."""
        told = await self.asking.told("stafettholder", FAMILY, id=self.plan)
        ada = next(p for p in told["plan"]["participants"] if p["person"]["name"] == "Ada Nordmo")
        mended = await self.by("stafettholder", "updatePerson", participantId=ada["id"],
                               version=ada["person"]["version"], mobile=" 400 00 123 ")
        assert (mended["person"], mended["participant"]["person"]["mobile"]) == (None, "+4740000123")
        own = await self.by("guardian1", "updatePerson", version=2, channel="EMAIL", hidesMobile=True,
                            telephone="55 55 55 55")
        assert own["participant"] is None
        assert own["person"] == {
            "id": self.own.person("guardian1"), "name": "Ada Nordmo", "version": 3,
            "email": "guardian1@example.no", "mobile": "+4740000123", "telephone": "+4755555555",
            "workEmail": None, "workMobile": None, "workTelephone": None, "language": None,
            "channel": "EMAIL", "hidesMobile": True,
            "hidesTelephone": False, "showsPrivate": False}
        assert await self.by("admin", "correctIdentityNumber", personId=self.own.person("owner"),
                             identityNumber=synthetic(PARTS["owner"].born, 9), reason="Skrivefeil") == {
            "__typename": "CorrectionPayload", "errors": []}
        answers = await self.by("stafettholder", "updateParticipant", participantId=self.nurse, version=1,
                                responsibility=" Søvn ")
        assert (answers["participant"]["responsibility"], answers["participant"]["version"]) == ("Søvn", 2)

    async def joined(self) -> None:
        """One who works nowhere: invited, invited again, and in when she has declared."""
        rows(self.asking, "update municipality set sms = 'sms' returning id")
        ((key,),) = rows(self.asking, "select id from person where name = 'Turid Myr'")
        known(self.asking, "grandmother", key)
        kin = {"planId": self.plan, "personId": f"Person:{key}"}
        added = (await self.by("stafettholder", "addParticipant", role="NEXT_OF_KIN", **kin))["participant"]
        assert (added["state"], added["acceptedAt"], added["mustDeclare"], added["unit"]) == (
            "INVITED", None, True, None)
        again = (await self.by("stafettholder", "inviteParticipant", **kin))["participant"]
        assert again["invitedUntil"] == (self.asking.now + 30 * DAY).isoformat()
        self.made.add("acceptInvitation")
        assert (await accepted(self.asking, "grandmother"))["plan"] is None, "she has not declared"
        self.made.add("signDeclaration")
        assert (await declared(self.asking, "grandmother"))["person"]["name"] == "Turid Myr"

    async def handed_over(self) -> None:
        """To the nurse and back; in between the level is raised, and the consent drafted anew."""
        offer = {"planId": self.plan, "personId": self.own.person("nurse"), "reason": " Permisjon "}
        for answer, state in (("declineStafettholder", "DECLINED"), ("acceptStafettholder", "ACCEPTED")):
            offered = (await self.by("stafettholder", "proposeStafettholder", **offer))["handover"]
            assert (offered["state"], offered["reason"]) == ("PROPOSED", "Permisjon")
            answered = await self.by("nurse", answer, handoverId=offered["id"])
            assert answered["handover"]["state"] == state
        raised = await self.by("nurse", "changeLevel", planId=self.plan, level=3, reason="Flere tjenester")
        assert raised["plan"]["level"] == 3
        renewed = (await self.by("nurse", "renewConsent", consentId=self.form))["consent"]
        assert (renewed["state"], renewed["texts"][0]["text"], len(renewed["names"])) == (
            "DRAFT", TEXT, 4)
        moved = await self.by("nurse", "movePlan", planId=self.plan, unitId=self.own.unit("PPT Nordmo"),
                              reason="Bytter skole", withoutConsent=False)
        assert moved["plan"]["id"] == self.plan
        home = {"planId": self.plan, "unitId": self.own.unit("Nordmo skole"), "reason": "Ombestemt"}
        await self.by("nurse", "movePlan", **home, withoutConsent=True)
        back = {"planId": self.plan, "personId": self.own.person("stafettholder"), "reason": "Sykmeldt"}
        assert (await self.by("leader", "replaceStafettholder", **back))["handover"] is None

    async def ended(self) -> None:
        archived = await self.by("stafettholder", "archivePlan", planId=self.plan, elements=["GOALS"],
                                 afterMeeting=True)
        ordered = archived["delivery"]
        assert (ordered["kind"], ordered["state"], ordered["trigger"], ordered["version"]) == (
            "ARCHIVED", "ORDERED", "AFTER_MEETING", 1)
        assert ordered["by"] == {"name": "Tone Lie"}
        again = await self.by("leader", "retryDelivery", deliveryId=ordered["id"])
        assert again["delivery"]["state"] == "ORDERED"
        many = await self.by("admin", "retryDeliveries", filter={"plan": self.plan})
        assert many["count"] == 0, "it goes out already"
        left = (await self.by("leader", "cancelDelivery", deliveryId=ordered["id"]))["delivery"]
        assert (left["state"], left["reason"]) == ("CANCELLED", "BY_HAND")
        ended = (await self.by("stafettholder", "endParticipant", participantId=self.nurse))["participant"]
        assert (ended["state"], ended["until"]) == ("ENDED", self.asking.now.isoformat())
        new = await self.by("stafettholder", "draftConsent", **self.own.consent(self.plan))
        await self.by("stafettholder", "sendConsent", consentId=new["consent"]["id"])
        declined = await self.by("guardian2", "declineConsent", consentId=new["consent"]["id"])
        assert (declined["consent"]["state"], declined["plan"]["status"]) == (
            "DECLINED", "ACTIVE")  # the old one holds
        gone = await self.by("guardian1", "withdrawConsent", consentId=self.form)
        assert (gone["consent"]["state"], gone["plan"]["status"]) == ("WITHDRAWN", "PASSIVE")
        closed = (await self.by(
            "stafettholder", "closePlan", planId=self.plan, reason="CONSENT_WITHDRAWN"))["plan"]
        assert (closed["status"], closed["endDate"], closed["goals"]) == ("CLOSED", "2026-11-22", None)
        reopened = await self.by("admin", "reopenPlan", planId=self.plan)
        assert reopened["plan"]["status"] == "AWAITING_CONSENT"

    async def kept(self) -> None:
        """What is the municipality's own."""
        switched = await self.by("admin", "switchElement", planType="STAFETTLOGG", element="MAPPING", on=True)
        (log,) = [t for t in switched["municipality"]["planTemplates"] if t["type"] == "STAFETTLOGG"]
        assert {e["element"]: e["on"] for e in log["elements"] if e["optional"]} == {
            "CALENDAR": True, "MAPPING": True}
        choice = {"planType": "STAFETTLOGG", "element": "OVERVIEW", "on": False}
        left = await self.by("admin", "chooseForArchive", **choice)
        (log, *_) = left["municipality"]["planTemplates"]
        assert not any(e["archived"] for e in log["elements"] if e["element"] == "OVERVIEW")
        told = await self.by("admin", "setArchiveDates", dates=["12-10", "06-10"])
        assert told["municipality"]["archiveDates"] == ["06-10", "12-10"]
        texts = [{"language": "nb", "title": " Samtykke ", "text": "Ja.\r\nTakk."}]
        told = await self.by("admin", "publishConsentTemplate", planType="STAFETTLOGG", texts=texts)
        made = told["template"]
        assert (made["title"], made["text"], made["version"]) == ("Samtykke", "Ja.\nTakk.", 2)

    async def paused(self) -> None:
        target = self.own["target"]
        paused = (await self.by("admin", "pauseTarget", targetId=target))["target"]
        assert (paused["pausedAt"], paused["pauseReason"]) == (self.asking.now.isoformat(), "BY_HAND")
        resumed = (await self.by("admin", "resumeTarget", targetId=target))["target"]
        assert (resumed["pausedAt"], resumed["pauseReason"]) == (None, None)

    async def deleted(self) -> None:
        for by, answer, given, state in (("guardian1", "withdrawDeletionRequest", {}, "WITHDRAWN"),
                                         ("admin", "refuseDeletion", {"reason": " Vent litt "}, "REFUSED")):
            asked = await self.by("guardian1", "requestDeletion", planId=self.plan, reason=" Nok nå ")
            assert (asked["request"]["state"], asked["request"]["reason"]) == ("ASKED", "Nok nå")
            answered = (await self.by(by, answer, requestId=asked["request"]["id"], **given))["request"]
            assert (answered["state"], answered["answer"]) == (state, given.get("reason", "").strip() or None)
        await self.by("guardian2", "requestDeletion", planId=self.plan, reason="Nok nå")
        await self.by("stafettholder", "closePlan", planId=self.plan, reason="OTHER")
        post = Post(self.asking)
        await post.go()
        await post.go()
        assert await self.by("admin", "deletePlan", planId=self.plan) == {
            "__typename": "DeletePlanPayload", "errors": []}


async def test_a_plan_goes_through_every_change(own: Staged) -> None:
    story = Story(own)
    await story.opened()
    await story.agreed()
    await story.worked()
    await story.noted()
    await story.concluded()
    await story.mended()
    await story.joined()
    await story.handed_over()
    await story.ended()
    await story.kept()
    await story.paused()
    await story.deleted()
    assert MUTATION is not None
    by_systems = {"createPlanFromSystem"}  # tests/schema/test_systems_create.py
    assert story.made | by_systems == set(MUTATION.fields)


async def test_a_payload_is_read_again_through_the_gate(own: Staged) -> None:
    ask = "query($id: ID!) { plan(id: $id) { status goals { id } } }"
    assert (await own.asking.told("nurse", ask, id=own["plan"]))["plan"]["goals"]
    gone = await done(own.asking, "guardian2", "withdrawConsent", consentId=own["consent"])
    assert (gone["plan"]["status"], len(gone["plan"]["goals"])) == ("PASSIVE", 2)  # the family still reads
    assert await own.asking.told("nurse", ask, id=own["plan"]) == {"plan": None}
    closed = await done(own.asking, "stafettholder", "closePlan", planId=own["plan"], reason="OTHER")
    assert (closed["plan"]["status"], closed["plan"]["goals"]) == ("CLOSED", None)


async def test_a_version_that_another_has_changed_is_a_conflict(own: Staged) -> None:
    first, second = await asyncio.gather(*(
        change(own.asking, part, "updateOverview", planId=own["plan"], version=2, strengths=part)
        for part in ("guardian1", "guardian2")))
    codes = [[e["code"] for e in payload["errors"]] for payload in (first, second)]
    assert sorted(codes) == [[], ["CONFLICT"]]
    made = first if not first["errors"] else second
    assert made["overview"]["version"] == 3
    assert rows(own.asking, "select strengths from overview") == [(made["overview"]["strengths"],)]


async def test_what_is_left_out_stays_and_null_empties(own: Staged) -> None:
    kept = await done(
        own.asking, "guardian1", "updateOverview", planId=own["plan"], version=2, challenges=None)
    assert (kept["overview"]["strengths"], kept["overview"]["challenges"]) == (
        "God til å hjelpe andre.", None)


async def test_without_an_archive_no_plan_is_archived_or_closed(own: Staged) -> None:
    rows(own.asking, "update municipality set archive = null returning id")
    for name, args in (("archivePlan", {"elements": None}), ("closePlan", {"reason": "OTHER"})):
        refusals = await refused(own.asking, "stafettholder", name, planId=own["plan"], **args)
        assert refusals == [("NO_ARCHIVE", "planId")]


async def test_an_individual_plan_needs_no_deadlines(own: Staged) -> None:
    adult = {"identityNumber": ADULT, "name": "Siri Myr", "email": "siri@example.no"}
    entry = own.new_plan(type="INDIVIDUAL_PLAN", owner=adult, guardians=[])
    plan = (await done(own.asking, "stafettholder", "createPlan", **entry))["plan"]
    assert (plan["shortName"], plan["status"]) == ("SM", "DRAFT")
    changed(own.asking.url, "update plan set type = 'INDIVIDUAL_PLAN'")
    ask = "query($id: ID!) { plan(id: $id) { goals { id } } }"
    goals = (await own.asking.told("guardian1", ask, id=own["plan"]))["plan"]["goals"]
    made = await done(own.asking, "stafettholder", "createActivity", goalId=goals[0]["id"], **HOME)
    assert (made["activity"]["responsible"], made["activity"]["deadline"]) == (None, None)


async def test_a_look_up_by_number_is_written_down_even_when_the_plan_is_refused(own: Staged) -> None:
    number = PARTS["owner"].identity_number
    known = {"identityNumber": number, "name": "Kim"}
    assert await refused(own.asking, "stafettholder", "createPlan", **own.new_plan(owner=known)) == [
        ("PLAN_EXISTS", "owner.identityNumber")]
    town = own.asking.town
    assert rows(own.asking, "select person_id, sought, found, at from search_log") == [
        (town.persons["stafettholder"], "createPlan", [town.persons["owner"]], NOW)]
    assert rows(own.asking, "select count(*) from person where name in ('Kim', 'Eli Myr')") == [(0,)]
    await refused(own.asking, "guardian1", "createPlan", **own.new_plan(owner=known))  # looked nobody up
    await refused(own.asking, "stafettholder", "createPlan", **own.new_plan(owner=known, level=9))
    assert rows(own.asking, "select count(*) from search_log") == [(1,)]


@pytest.mark.parametrize("known", (True, False))
async def test_twenty_who_open_a_plan_at_once_open_one(own: Staged, known: bool) -> None:
    if known:
        rows(own.asking, "update plan set recorded_status = 'CLOSED' returning id")
    number = PARTS["owner"].identity_number if known else CHILD
    entry = own.new_plan(owner={"identityNumber": number, "name": "Mia Myr"})
    payloads = await asyncio.gather(*(
        change(own.asking, "stafettholder", "createPlan", **entry) for _ in range(20)))
    assert sum(1 for payload in payloads if not payload["errors"]) == 1
    assert {e["code"] for p in payloads for e in p["errors"]} <= {"PLAN_EXISTS", "CONFLICT"}
    running = """select count(*) from plan where recorded_status <> 'CLOSED'
        and owner_id in (select id from person where identity_mark = %s)"""
    assert rows(own.asking, running, SEAL.mark(number)) == [(1,)]
    known_as = "select count(*) from person where identity_mark = %s"
    assert rows(own.asking, known_as, SEAL.mark(MOTHER)) == [(1,)]


async def test_a_closed_plan_stays_closed_while_another_runs(own: Staged) -> None:
    await done(own.asking, "stafettholder", "closePlan", planId=own["plan"], reason="MOVED_AWAY")
    entry = own.new_plan(owner={"identityNumber": PARTS["owner"].identity_number, "name": "Kim"})
    await done(own.asking, "stafettholder", "createPlan", **entry)
    refusals = await refused(own.asking, "stafettholder", "reopenPlan", planId=own["plan"])
    assert refusals == [("CANT_REOPEN", "planId")]


async def next_door(asking: Asking) -> dict[str, str]:
    """The ids of what stands in another municipality, which is founded here."""
    town = asking.town
    neighbour = await build(asking.writer, SEAL, NOW, number=2, targets=Targets("fagsystem", "archive"))
    asking.town = neighbour
    ask = "{ plans { edges { node { id goals { id activities { id } } } } } }"
    told = await asking.told("guardian1", ask)
    (plan,) = (edge["node"] for edge in told["plans"]["edges"])
    participant = Staged(asking).participant("nurse", "PROVIDER", plan["id"])
    asking.town = town
    goal, unit = plan["goals"][0], neighbour.units["PPT Nordmo"]
    leader, nurse = (neighbour.persons[part] for part in ("leader", "nurse"))
    ((template,), *_) = rows(asking, "select id from consent_template where municipality_id = 2")
    deliveries = rows(asking, "select id from delivery where municipality_id = 2")
    return {"plan": plan["id"], "goal": goal["id"], "activity": goal["activities"][0]["id"],
            "consent": f"Consent:{neighbour.consent}", "template": f"ConsentTemplate:{template}",
            "participant": participant, "leader": f"Person:{leader}", "nurse": f"Person:{nurse}",
            "unit": f"Unit:{unit}", "delivery": f"Delivery:{deliveries[0][0]}"}


def reaching(own: Staged, theirs: dict[str, str]) -> list[tuple[str, dict[str, Any], str]]:
    """Changes that name what is not ours, and the field that it is named in."""
    plan, goal, consent, ours = theirs["plan"], theirs["goal"], theirs["consent"], own["plan"]
    known = {"withoutConsent": True}
    joining = {"personId": own.person("nurse"), "role": "PROVIDER"}
    return [
        ("updateOverview", {"planId": plan, "version": 2}, "planId"),
        ("closePlan", {"planId": plan, "reason": "OTHER"}, "planId"),
        ("movePlan", {"planId": plan, "unitId": theirs["unit"], "reason": "x", **known}, "planId"),
        ("movePlan", {"planId": ours, "unitId": theirs["unit"], "reason": "x", **known}, "unitId"),
        ("reopenPlan", {"planId": plan}, "planId"), ("archivePlan", {"planId": plan}, "planId"),
        ("createGoal", {"planId": plan, **HOME}, "planId"),
        ("updateGoal", {"goalId": goal, "version": 1}, "goalId"),
        ("createActivity", {"goalId": goal, **HOME}, "goalId"),
        ("addComment", {"on": goal, "body": "x"}, "on"),
        ("updateActivity", {"activityId": theirs["activity"], "version": 1}, "activityId"),
        ("draftConsent", {"planId": plan, "texts": [{"language": "NB", "text": "x"}]}, "planId"),
        ("sendConsent", {"consentId": consent}, "consentId"),
        ("draftConsent", {"planId": ours, "templateId": theirs["template"]}, "templateId"),
        ("draftConsent", own.consent(ours, names=[{"personId": theirs["leader"]}]), "names.0.personId"),
        ("draftConsent", own.consent(ours, names=[{"unitId": theirs["unit"]}]), "names.0.unitId"),
        ("signConsent", {"consentId": consent, "method": "DEMO_BANKID", "hash": "x"}, "consentId"),
        ("signConsentOnPaper", {"consentId": consent, "personId": theirs["nurse"], "hash": "x",
                                "signedOn": "2026-11-22", "paper": "Upload:x"}, "consentId"),
        ("declineConsent", {"consentId": consent}, "consentId"),
        ("withdrawConsent", {"consentId": consent}, "consentId"),
        ("addParticipant", {"planId": plan, **joining}, "planId"),
        ("addParticipant", {"planId": ours, **joining, "personId": theirs["nurse"]}, "personId"),
        ("addGuardian", {"planId": plan, "person": {"identityNumber": MOTHER, "name": "x"}}, "planId"),
        ("endParticipant", {"participantId": theirs["participant"]}, "participantId"),
        ("updateParticipant", {"participantId": theirs["participant"], "version": 1, "responsibility": "x"},
         "participantId"),
        ("updatePerson", {"participantId": theirs["participant"], "version": 1}, "participantId"),
        ("inviteParticipant", {"planId": plan, "personId": own.person("nurse")}, "planId"),
        ("inviteParticipant", {"planId": ours, "personId": theirs["nurse"]}, "personId"),
        ("requestDeletion", {"planId": plan, "reason": "x"}, "planId"),
        ("deletePlan", {"planId": plan}, "planId"),
        *((name, {"deliveryId": theirs["delivery"]}, "deliveryId")
          for name in ("retryDelivery", "cancelDelivery"))]


async def test_another_municipality_is_not_there(own: Staged) -> None:
    wanted = reaching(own, await next_door(own.asking))
    before = fingerprint(own.asking)
    for name, args, field in wanted:
        assert await refused(own.asking, "stafettholder", name, **args) == [("NOT_FOUND", field)], name
    assert fingerprint(own.asking) == before


async def test_a_system_client_changes_nothing(own: Staged) -> None:
    assert await refused(own.asking, "nobody", "reopenPlan", planId=own["plan"]) == [("NOT_ALLOWED", "")]


async def test_a_day_is_a_day_in_norway(own: Staged) -> None:
    own.asking.now = NOW.replace(hour=23, minute=30)  # half past midnight
    child = {"identityNumber": synthetic((NOW - 3000 * DAY).date(), 0), "name": "Ola Myr"}
    made = await done(own.asking, "stafettholder", "createPlan", **own.new_plan(owner=child))
    plan = made["plan"]["id"].removeprefix("Plan:")
    assert rows(own.asking, "select start_date::text from plan where id = %s", plan) == [("2026-11-23",)]
