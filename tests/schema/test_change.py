"""Every change through the API, step by step as a plan goes through them; and what its payload shows."""
import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from db.seal import synthetic
from db.seeds.parts import PARTS, TEXT, build
from schema.errors import BAD_USER_INPUT, INTERNAL
from schema.execute import Request
from schema.root import schema
from tests.support.asking import DAY, NOW, SEAL, Asking
from tests.support.changing import MUTATION, change, document, done, fingerprint, refused, rows
from tests.support.staged import ADULT, CHILD, MOTHER, Staged

HOME = {"arena": "HOME", "title": "Lese hver kveld"}


@pytest.fixture
def stage(own_town: Asking) -> Staged:
    made = Staged(own_town)
    made.ids["template"] = f"ConsentTemplate:{rows(own_town, 'select id from consent_template')[0][0]}"
    made.ids |= {"plan": f"Plan:{own_town.town.plan}", "consent": f"Consent:{own_town.town.consent}"}
    return made


class Story:
    """A new plan's way through every change there is."""

    def __init__(self, stage: Staged) -> None:
        self.stage, self.asking, self.made = stage, stage.asking, set[str]()

    async def by(self, part: str, name: str, **args: Any) -> dict[str, Any]:
        self.asking.now += timedelta(minutes=1)
        self.made.add(name)
        return await done(self.asking, part, name, **args)

    async def opened(self) -> None:
        two = [{"identityNumber": PARTS[part].identity_number, "name": "As typed", "email": "as@typed.no"}
               for part in ("guardian1",)]
        plan = (await self.by("stafettholder", "createPlan",
                              **self.stage.new_plan(guardians=two, shortName=" MM ", level=2)))["plan"]
        assert (plan["status"], plan["shortName"], plan["level"]) == ("DRAFT", "MM",
            None)  # content is not open yet
        assert [(p["role"], p["person"]["name"]) for p in plan["participants"]] == [
            ("OWNER", "Mia Myr"), ("GUARDIAN", "Ada Nordmo"), ("STAFETTHOLDER", "Tone Lie")]
        self.plan = plan["id"]
        second = {"identityNumber": PARTS["guardian2"].identity_number, "name": "Per"}
        added = await self.by("stafettholder", "addGuardian", planId=self.plan, person=second)
        assert (added["participant"]["role"], added["participant"]["person"]) == ("GUARDIAN",
            {"name": "Per Nordmo"})

    async def agreed(self) -> None:
        names = [{"personId": self.stage.person("nurse"),
                  "restrictions": [{"element": "MAPPING", "level": "NONE"}]},
                 {"unitId": self.stage.unit("PPT Nordmo"), "whereabouts": True}]
        drafted = await self.by("stafettholder", "draftConsent", **self.stage.consent(
            self.plan, names=names, validUntil="2027-01-31"))
        form = drafted["consent"]
        assert (form["state"], form["text"], form["language"]) == ("DRAFT", TEXT, "nb")
        assert form["validUntil"] == "2027-01-31T23:00:00+00:00"  # the end of the last day, in Norway
        assert [(n["person"], n["unit"], n["whereabouts"], n["restrictions"]) for n in form["names"]] == [
            ({"name": "Siv Berg"}, None, False, [{"element": "MAPPING", "level": "NONE"}]),
            (None, {"name": "PPT Nordmo"}, True, [])]
        sent = await self.by("stafettholder", "sendConsent", consentId=form["id"])
        assert (sent["consent"]["state"], sent["plan"]["status"]) == ("SENT", "AWAITING_CONSENT")
        signing = {"consentId": form["id"], "method": "DEMO_BANKID", "hash": form["hash"]}
        half = await self.by("guardian1", "signConsent", **signing)
        assert (half["consent"]["state"], half["plan"]["status"]) == ("SENT", "AWAITING_CONSENT")
        whole = await self.by("guardian2", "signConsent", **signing)
        assert (whole["consent"]["state"], whole["plan"]["status"], whole["plan"]["level"]) == ("IN_FORCE",
            "ACTIVE", 2)
        assert {(s["person"]["name"], s["method"], s["hash"]) for s in whole["consent"]["signatures"]} == {
            (name, "DEMO_BANKID", form["hash"]) for name in ("Ada Nordmo", "Per Nordmo")}
        self.form = form["id"]

    async def worked(self) -> None:
        joined = await self.by("stafettholder", "addParticipant", planId=self.plan,
                               personId=self.stage.person("nurse"),
                               role="PROVIDER", responsibility=" Vekt og søvn\r\n ")
        self.nurse = joined["participant"]["id"]
        assert (joined["participant"]["state"], joined["participant"]["responsibility"]) == ("ACTIVE",
            "Vekt og søvn")
        assert joined["participant"]["unit"] == {"name": "Nordmo helsestasjon"}
        told = await self.by("guardian1", "updateOverview", planId=self.plan, version=1, strengths=" Blid ",
                             challenges=None)
        assert told["overview"] == {"id": told["overview"]["id"], "version": 2, "strengths": "Blid",
                                    "challenges": None}
        goal = (await self.by("stafettholder", "createGoal", planId=self.plan, **HOME))["goal"]
        assert (goal["status"], goal["version"], goal["position"], goal["description"]) == ("OPEN", 1, 0,
            None)
        goal = (await self.by("stafettholder", "updateGoal", goalId=goal["id"], version=1, status="DONE",
                              deadline="2026-12-01"))["goal"]
        assert (goal["title"], goal["status"], goal["deadline"], goal["version"]) == (HOME["title"], "DONE",
            "2026-12-01", 2)
        made = await self.by("stafettholder", "createActivity", goalId=goal["id"], responsibleId=self.nurse,
                             deadline="2026-12-24", **HOME)
        assert made["activity"]["responsible"] == {"person": {"name": "Siv Berg"}}
        changed = await self.by("nurse", "updateActivity", activityId=made["activity"]["id"], version=1,
                                title="Måle")
        assert (changed["activity"]["title"], changed["activity"]["deadline"]) == ("Måle", "2026-12-24")
        for part, on in (("guardian1", goal["id"]), ("nurse", made["activity"]["id"])):
            said = await self.by(part, "addComment", on=on, body="Går bra.\n")
            assert (said["comment"]["body"], said["comment"]["author"]["name"]) == ("Går bra.",
                PARTS[part].name)

    async def ended(self) -> None:
        ordered = (await self.by("stafettholder", "archivePlan", planId=self.plan,
                                 elements=["GOALS"]))["delivery"]
        assert (ordered["kind"], ordered["state"], ordered["trigger"], ordered["version"]) == ("ARCHIVED",
            "ORDERED", "BY_HAND", 1)
        assert (await self.by("leader", "retryDelivery",
                              deliveryId=ordered["id"]))["delivery"]["state"] == "ORDERED"
        left = (await self.by("leader", "cancelDelivery", deliveryId=ordered["id"]))["delivery"]
        assert (left["state"], left["reason"]) == ("CANCELLED", "BY_HAND")
        ended = (await self.by("stafettholder", "endParticipant", participantId=self.nurse))["participant"]
        assert (ended["state"], ended["until"]) == ("ENDED", self.asking.now.isoformat())
        new = (await self.by("stafettholder", "draftConsent",
                             **self.stage.consent(self.plan)))["consent"]["id"]
        await self.by("stafettholder", "sendConsent", consentId=new)
        declined = await self.by("guardian2", "declineConsent", consentId=new)
        assert (declined["consent"]["state"], declined["plan"]["status"]) == ("DECLINED",
            "ACTIVE")  # the old one holds
        gone = await self.by("guardian1", "withdrawConsent", consentId=self.form)
        assert (gone["consent"]["state"], gone["plan"]["status"]) == ("WITHDRAWN", "PASSIVE")
        closed = (await self.by("stafettholder", "closePlan", planId=self.plan,
                                reason="CONSENT_WITHDRAWN"))["plan"]
        assert (closed["status"], closed["endDate"], closed["goals"]) == ("CLOSED", "2026-11-22", None)
        assert (await self.by("admin", "reopenPlan",
                              planId=self.plan))["plan"]["status"] == "AWAITING_CONSENT"


async def test_a_plan_goes_through_every_change(stage: Staged) -> None:
    story = Story(stage)
    await story.opened()
    await story.agreed()
    await story.worked()
    await story.ended()
    assert MUTATION is not None
    assert story.made == set(MUTATION.fields)


async def test_a_payload_is_read_again_through_the_gate(stage: Staged) -> None:
    ask = "query($id: ID!) { plan(id: $id) { status goals { id } } }"
    assert (await stage.asking.told("nurse", ask, id=stage["plan"]))["plan"]["goals"]
    gone = await done(stage.asking, "guardian2", "withdrawConsent", consentId=stage["consent"])
    assert (gone["plan"]["status"], len(gone["plan"]["goals"])) == ("PASSIVE", 2)  # the family still reads
    assert await stage.asking.told("nurse", ask, id=stage["plan"]) == {"plan": None}
    closed = await done(stage.asking, "stafettholder", "closePlan", planId=stage["plan"], reason="OTHER")
    assert (closed["plan"]["status"], closed["plan"]["goals"]) == ("CLOSED", None)


async def test_a_version_that_another_has_changed_is_a_conflict(stage: Staged) -> None:
    first, second = await asyncio.gather(*(change(
        stage.asking, part, "updateOverview", planId=stage["plan"], version=2, strengths=part)
        for part in ("guardian1", "guardian2")))
    assert sorted([[e["code"] for e in payload["errors"]] for payload in (first, second)]) == [[],
        ["CONFLICT"]]
    made = first if not first["errors"] else second
    assert made["overview"]["version"] == 3
    assert rows(stage.asking, "select strengths from overview") == [(made["overview"]["strengths"],)]


async def test_what_is_left_out_stays_and_null_empties(stage: Staged) -> None:
    kept = await done(stage.asking, "guardian1", "updateOverview", planId=stage["plan"], version=2,
                      challenges=None)
    assert (kept["overview"]["strengths"], kept["overview"]["challenges"]) == ("God til å hjelpe andre.",
        None)


async def test_without_an_archive_no_plan_is_archived_or_closed(stage: Staged) -> None:
    rows(stage.asking, "update municipality set archive = null returning id")
    for name, args in (("archivePlan", {"elements": None}), ("closePlan", {"reason": "OTHER"})):
        assert await refused(stage.asking, "stafettholder", name, planId=stage["plan"],
                             **args) == [("NO_ARCHIVE", "planId")]


async def test_an_individual_plan_needs_no_deadlines(stage: Staged) -> None:
    plan = (await done(stage.asking, "stafettholder", "createPlan", **stage.new_plan(
        type="INDIVIDUAL_PLAN", owner={"identityNumber": ADULT, "name": "Siri Myr",
                                       "email": "siri@example.no"}, guardians=[])))["plan"]
    assert (plan["shortName"], plan["status"]) == ("SM", "DRAFT")
    rows(stage.asking, "update plan set type = 'INDIVIDUAL_PLAN' where id = %s returning id",
         stage.asking.town.plan)
    goals = await stage.asking.told("guardian1", "query($id: ID!) { plan(id: $id) { goals { id } } }",
                                    id=stage["plan"])
    made = await done(stage.asking, "stafettholder", "createActivity", goalId=goals["plan"]["goals"][0]["id"],
                      **HOME)
    assert (made["activity"]["responsible"], made["activity"]["deadline"]) == (None, None)


async def test_a_look_up_by_number_is_written_down_even_when_the_plan_is_refused(stage: Staged) -> None:
    number = PARTS["owner"].identity_number
    known = {"identityNumber": number, "name": "Kim"}
    assert await refused(stage.asking, "stafettholder", "createPlan", **stage.new_plan(owner=known)) == [
        ("PLAN_EXISTS", "owner.identityNumber")]
    town = stage.asking.town
    assert rows(stage.asking, "select person_id, sought, found, at from search_log") == [
        (town.persons["stafettholder"], "createPlan", [town.persons["owner"]], NOW)]
    assert rows(stage.asking, "select count(*) from person where name in ('Kim', 'Eli Myr')") == [(0,)]
    await refused(stage.asking, "guardian1", "createPlan", **stage.new_plan(owner=known))  # looked nobody up
    await refused(stage.asking, "stafettholder", "createPlan", **stage.new_plan(owner=known, level=9))
    assert rows(stage.asking, "select count(*) from search_log") == [(1,)]


@pytest.mark.parametrize("known", (True, False))
async def test_twenty_who_open_a_plan_at_once_open_one(stage: Staged, known: bool) -> None:
    if known:
        rows(stage.asking, "update plan set recorded_status = 'CLOSED' returning id")
    number = PARTS["owner"].identity_number if known else CHILD
    entry = stage.new_plan(owner={"identityNumber": number, "name": "Mia Myr"})
    payloads = await asyncio.gather(*(change(stage.asking, "stafettholder", "createPlan", **entry)
                                      for _ in range(20)))
    assert sum(1 for payload in payloads if not payload["errors"]) == 1
    assert {e["code"] for p in payloads for e in p["errors"]} <= {"PLAN_EXISTS", "CONFLICT"}
    assert rows(stage.asking, "select count(*) from plan where recorded_status <> 'CLOSED' and owner_id in ("
                "select id from person where identity_mark = %s)", SEAL.mark(number)) == [(1,)]
    assert rows(stage.asking, "select count(*) from person where identity_mark = %s",
                SEAL.mark(MOTHER)) == [(1,)]


async def test_a_closed_plan_stays_closed_while_another_runs(stage: Staged) -> None:
    await done(stage.asking, "stafettholder", "closePlan", planId=stage["plan"], reason="MOVED_AWAY")
    entry = stage.new_plan(owner={"identityNumber": PARTS["owner"].identity_number, "name": "Kim"})
    await done(stage.asking, "stafettholder", "createPlan", **entry)
    assert await refused(stage.asking, "stafettholder", "reopenPlan",
                         planId=stage["plan"]) == [("CANT_REOPEN", "planId")]


async def test_another_municipality_is_not_there(stage: Staged) -> None:
    other = Staged(stage.asking)
    writer, town = stage.asking.writer, stage.asking.town
    stage.asking.town = neighbour = await build(writer, SEAL, NOW, number=2, archive="archive")
    goals = await stage.asking.told("guardian1",
                                    "{ plans { edges { node { id goals { id activities { id } } deliveries { id } } } } }")
    (plan,) = (edge["node"] for edge in goals["plans"]["edges"])
    nurse, template = other.participant("nurse", "PROVIDER", plan["id"]), rows(
        stage.asking, "select id from consent_template where municipality_id = 2")[0][0]
    delivery = rows(stage.asking, "select id from delivery where municipality_id = 2")
    stage.asking.town = town
    before = fingerprint(stage.asking)
    consent, goal = f"Consent:{neighbour.consent}", plan["goals"][0]
    wanted: list[tuple[str, dict[str, Any], str]] = [
        ("updateOverview", {"planId": plan["id"], "version": 2}, "planId"),
        ("closePlan", {"planId": plan["id"], "reason": "OTHER"}, "planId"),
        ("reopenPlan", {"planId": plan["id"]}, "planId"), ("archivePlan", {"planId": plan["id"]}, "planId"),
        ("createGoal", {"planId": plan["id"], **HOME}, "planId"),
        ("updateGoal", {"goalId": goal["id"], "version": 1}, "goalId"),
        ("createActivity", {"goalId": goal["id"], **HOME}, "goalId"),
        ("addComment", {"on": goal["id"], "body": "x"}, "on"),
        ("updateActivity", {"activityId": goal["activities"][0]["id"], "version": 1}, "activityId"),
        ("draftConsent", {"planId": plan["id"], "text": "x"}, "planId"),
        ("sendConsent", {"consentId": consent}, "consentId"),
        ("draftConsent", {"planId": stage["plan"], "templateId": f"ConsentTemplate:{template}"},
         "templateId"),
        ("draftConsent", stage.consent(stage["plan"],
                                       names=[{"personId": f"Person:{neighbour.persons['leader']}"}]),
                                       "names.0.personId"),
        ("draftConsent", stage.consent(stage["plan"],
                                       names=[{"unitId": f"Unit:{neighbour.units['PPT Nordmo']}"}]),
                                       "names.0.unitId"),
        ("signConsent", {"consentId": consent, "method": "DEMO_BANKID", "hash": "x"}, "consentId"),
        ("declineConsent", {"consentId": consent}, "consentId"),
        ("withdrawConsent", {"consentId": consent}, "consentId"),
        ("addParticipant", {"planId": plan["id"], "personId": stage.person("nurse"), "role": "PROVIDER"},
         "planId"),
        ("addParticipant", {"planId": stage["plan"], "personId": f"Person:{neighbour.persons['nurse']}",
                            "role": "PROVIDER"}, "personId"),
        ("addGuardian", {"planId": plan["id"], "person": {"identityNumber": MOTHER, "name": "x"}}, "planId"),
        ("endParticipant", {"participantId": nurse}, "participantId"),
        *((name, {"deliveryId": f"Delivery:{key}"}, "deliveryId") for (key,) in delivery[:1]
          for name in ("retryDelivery", "cancelDelivery"))]
    for name, args, field in wanted:
        assert await refused(stage.asking, "stafettholder", name, **args) == [("NOT_FOUND", field)], name
    assert fingerprint(stage.asking) == before


TWO = """mutation($plan: ID!, $goal: CreateGoalInput!, $n: Int) {
    first: createGoal(input: $goal) { goal { title position } errors { code } }
    second: closePlan(planId: $plan, reason: OTHER) { plan { status goals(first: $n) { id } } errors { code } }
    third: createGoal(input: $goal) { goal { id } errors { code field } } last: __typename }"""


async def test_changes_in_one_document_are_made_in_order_each_for_itself(stage: Staged) -> None:
    goal = {"planId": stage["plan"], **HOME}
    told = await stage.asking.told("stafettholder", TWO, plan=stage["plan"], goal=goal)
    assert list(told) == ["first", "second", "third", "last"]
    assert told["first"] == {"goal": {"title": HOME["title"], "position": 2}, "errors": []}
    assert told["second"] == {"plan": {"status": "CLOSED", "goals": None}, "errors": []}
    assert told["third"] == {"goal": None, "errors": [{"code": "NOT_ALLOWED",
                                                       "field": "planId"}]}  # for it is closed now
    assert told["last"] == "Mutation"


async def test_a_fault_in_the_second_leaves_the_first_and_the_third_is_made(
        stage: Staged, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    async def stumble(*_: Any) -> Any:
        raise RuntimeError("Kim Nordmo")
    monkeypatch.setattr("db.write.delivery.order_archive", stumble)
    answer = await stage.asking.answer("stafettholder", TWO, plan=stage["plan"],
                                       goal={"planId": stage["plan"], **HOME})
    assert answer.started and answer.data["second"] is None
    assert [(e["extensions"]["code"], e["path"]) for e in answer.errors] == [(INTERNAL, ["second"])]
    assert (answer.data["first"]["errors"], answer.data["third"]["errors"]) == ([], [])
    assert rows(stage.asking, "select recorded_status, (select count(*) from goal) from plan") == [("ACTIVE",
        4)]
    assert "Kim" not in str(answer.errors) + caplog.text


async def test_a_payload_that_can_not_be_read_is_refused_before_anything_is_changed(stage: Staged) -> None:
    before = fingerprint(stage.asking)
    answer = await stage.asking.answer("stafettholder", TWO, plan=stage["plan"],
                                       goal={"planId": stage["plan"], **HOME}, n=-1)
    assert (answer.data, answer.started, answer.errors[0]["extensions"]["code"]) == (None, False,
        BAD_USER_INPUT)
    assert fingerprint(stage.asking) == before


async def test_a_payload_that_fails_to_be_read_leaves_the_change_standing_and_says_so(
        stage: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stumble(*_: Any) -> Any:
        raise RuntimeError("Kim Nordmo")
    monkeypatch.setattr(stage.asking.reader, "answer", stumble)
    payload = await stage.asking.answer("stafettholder", document("createGoal"),
                                        input={"planId": stage["plan"], **HOME})
    assert payload.data == {"createGoal": {"__typename": "GoalPayload", "goal": None, "plan": None,
                                           "errors": []}}
    assert [(e["extensions"]["code"], e["path"]) for e in payload.errors] == [
        (INTERNAL, ["createGoal", "goal"]), (INTERNAL, ["createGoal", "plan"])]
    assert rows(stage.asking, "select count(*) from goal") == [(3,)]


async def test_null_within_an_input_is_an_error_of_that_field(stage: Staged) -> None:
    text = """mutation($on: ID = "x", $id: ID!) { addComment(input: {on: $on, body: "x"}) { errors { code } }
              reopenPlan(planId: $id) { errors { code } } }"""
    answer = await stage.asking.answer("stafettholder", text, on=None, id=stage["plan"])
    assert [(e["extensions"]["code"], e["path"]) for e in answer.errors] == [(BAD_USER_INPUT, ["addComment"])]
    assert (answer.data["addComment"], answer.data["reopenPlan"]) == (None,
        {"errors": [{"code": "NOT_CLOSED"}]})


async def test_the_payload_of_one_operation_is_not_taken_for_that_of_another(stage: Staged) -> None:
    text = """mutation A($g: CreateGoalInput!) { made: createGoal(input: $g) { goal { title } } }
              mutation B($g: CreateGoalInput!) { made: createGoal(input: $g) { goal { status position } plan { id } } }"""
    for name, goal in (("A", {"title": HOME["title"]}), ("B", {"status": "OPEN", "position": 3})):
        request = Request(text, name, {"g": {"planId": stage["plan"], **HOME}},
                          stage.asking.viewer("stafettholder"), "en")
        answer = await schema.answer(request, stage.asking.hub)
        assert answer.errors == []
        assert orjson.loads(orjson.dumps(answer.data))["made"]["goal"] == goal


async def test_a_system_client_changes_nothing(stage: Staged) -> None:
    assert await refused(stage.asking, "nobody", "reopenPlan", planId=stage["plan"]) == [("NOT_ALLOWED", "")]


async def test_a_day_is_a_day_in_norway(stage: Staged) -> None:
    stage.asking.now = NOW.replace(hour=23, minute=30)  # half past midnight
    entry = stage.new_plan(owner={"identityNumber": synthetic((NOW - 3000 * DAY).date(), 0),
                                  "name": "Ola Myr"})
    plan = (await done(stage.asking, "stafettholder", "createPlan", **entry))["plan"]["id"]
    assert rows(stage.asking, "select start_date::text from plan where id = %s",
                plan.removeprefix("Plan:")) == [("2026-11-23",)]
