"""The conclusion of a meeting: into the fagsystem of the one who asks, under consent, and nowhere else."""
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from db.rules.delivery import DeliveryFault
from integrations.fagsystem.webhook.target import WebhookFagsystem
from integrations.target import DeliveryError, Receipt
from tests.support.asking import DAY, NOW, Asking
from tests.support.changing import done, refused, rows
from tests.support.posting import Post
from tests.support.webhooks import SECRET, schema

SAID = "Kim trenger ro om morgenen.\nNy samtale i februar 😀"
MEETING = schema("conclusion")


class System(WebhookFagsystem):
    """A webhook whose edge is the test's: keeps every body, and answers what it is told to."""

    def __init__(self, name: str, *, conclusions: bool) -> None:
        url = "https://fagsystem.example.no/hooks"
        super().__init__(name, url, [Webhook(SECRET)], conclusions=conclusions)
        self.sent, self.says = list[dict[str, Any]](), list[DeliveryError]()

    def deliver(self, body: bytes, sending: Any) -> Receipt:
        self.sent.append(json.loads(body))
        if self.says:
            raise self.says.pop(0)
        return Receipt(confirmed=True, reference="theirs")

    def conclusions_sent(self) -> list[dict[str, Any]]:
        return [event for event in self.sent if "conclusion" in event["type"]]


class Meeting:
    """The clinic's system takes conclusions; the school's is told facts alone. It is turned on."""

    def __init__(self, town: Asking) -> None:
        self.town, self.post = town, Post(town)
        self.clinic, self.school = System("clinic", conclusions=True), System("school", conclusions=False)
        self.post.worker = replace(self.post.worker, targets={
            **self.post.worker.targets, "clinic": self.clinic, "school": self.school})
        town.hub = replace(town.hub, targets=self.post.worker.targets, url="https://hub.example")
        for unit, system in (("Nordmo helsestasjon", "clinic"), ("Nordmo skole", "school")):
            rows(town, "update unit set fagsystem = %s where name = %s returning id", system, unit)
        rows(town, """update delivery d set target = u.fagsystem from unit u where u.id = d.unit_id
            returning d.id""")

    def asked(self, **other: Any) -> dict[str, Any]:
        return {"planId": f"Plan:{self.town.town.plan}", "heldOn": "2026-11-20", "conclusion": SAID, **other}

    async def send(self, part: str = "nurse", **other: Any) -> dict[str, Any]:
        return await done(self.town, part, "sendConclusion", **self.asked(**other))

    async def refused(self, part: str, **other: Any) -> list[tuple[str, str]]:
        return await refused(self.town, part, "sendConclusion", **self.asked(**other))

    async def stands(self) -> list[tuple[str, str | None]]:
        return rows(self.town, "select state, reason from delivery where kind = 'CONCLUSION' order by id")

    def kept(self) -> int:
        return len(rows(self.town, "select from conclusion"))


@pytest.fixture
async def meeting(own_town: Asking) -> Meeting:
    made = Meeting(own_town)
    await done(own_town, "admin", "switchConclusions", on=True)
    return made


async def test_the_family_sees_who_had_it_sent_and_to_whose_system(meeting: Meeting) -> None:
    await meeting.send()
    asked = """query($id: ID!) { plan(id: $id) { accessLog(orderBy: AT) { edges { node {
        action read because at person { name } unit { name } } } } } }"""
    told = await meeting.town.told("guardian1", asked, id=f"Plan:{meeting.town.town.plan}")
    assert [edge["node"] for edge in told["plan"]["accessLog"]["edges"]] == [{
        "action": "SEND", "read": ["MESSAGES"], "because": "CONSENT", "at": NOW.isoformat(),
        "person": {"name": "Siv Berg"}, "unit": {"name": "Nordmo helsestasjon"}}]


async def test_it_goes_to_the_service_of_the_one_who_asks_and_is_gone_when_it_is_there(
        meeting: Meeting) -> None:
    sent = await meeting.send(conclusion=f"  {SAID}\n")
    assert (sent["state"], sent["delivery"], meeting.kept()) == ("ORDERED", None, 1)
    ((sealed,),) = rows(meeting.town, "select text_sealed from conclusion")
    assert b"Kim" not in sealed
    await meeting.post.go()
    opened, event = meeting.clinic.sent
    MEETING.validate(event)
    assert opened["type"].endswith("opened"), "the plan itself comes first"
    assert event["subject"] == event["data"]["planRef"] == opened["data"]["planRef"]
    assert (event["data"]["conclusion"], event["data"]["heldOn"]) == (SAID, "2026-11-20")
    assert event["data"]["person"] == opened["data"]["person"]
    assert await meeting.stands() == [("CONFIRMED", None)]
    assert meeting.kept() == 0
    assert rows(meeting.town, "select body_sealed from delivery where kind = 'CONCLUSION'") == [(None,)]
    assert "Kim trenger" not in json.dumps([meeting.school.sent, opened])


async def test_it_is_off_until_a_local_administrator_turns_it_on(meeting: Meeting) -> None:
    for part in ("leader", "stafettholder", "guardian1"):
        assert await refused(meeting.town, part, "switchConclusions", on=False) == [("NOT_ALLOWED", "on")]
    told = await done(meeting.town, "admin", "switchConclusions", on=False)
    assert told["municipality"]["sendsConclusions"] is False
    assert await meeting.refused("nurse") == [("CONCLUSIONS_OFF", "planId")]


@pytest.mark.parametrize(("part", "why"), [
    ("stafettholder", "NOT_CARRIED"),  # the school's system is told facts alone
    ("guardian1", "NOT_ALLOWED"), ("leader", "NOT_ALLOWED"), ("admin", "NOT_ALLOWED"),
    ("former", "NOT_FOUND"), ("stranger", "NOT_FOUND")])
async def test_nobody_else_sends_one(meeting: Meeting, part: str, why: str) -> None:
    assert await meeting.refused(part) == [(why, "planId")]


@pytest.mark.parametrize(("given", "why"), [
    ({"conclusion": " "}, [("REQUIRED", "conclusion")]),
    ({"conclusion": "\0"}, [("BAD_CHARACTER", "conclusion")]),
    ({"conclusion": "x" * 20_001}, [("TOO_LONG", "conclusion")]),
    ({"heldOn": "2026-11-23"}, [("NOT_HELD_YET", "heldOn")]),
    ({"heldOn": "2020-01-01", "conclusion": ""}, [("TOO_EARLY", "heldOn"), ("REQUIRED", "conclusion")])])
async def test_what_is_typed_is_checked(meeting: Meeting, given: dict[str, Any], why: Any) -> None:
    assert await meeting.refused("nurse", **given) == why
    assert meeting.kept() == 0


async def agreed(meeting: Meeting, *restrictions: dict[str, str]) -> None:
    """A new consent, which names the nurse."""
    nurse = {"personId": f"Person:{meeting.town.town.persons['nurse']}", "restrictions": [*restrictions]}
    made = (await done(meeting.town, "stafettholder", "draftConsent", planId=meeting.asked()["planId"],
                       texts=[{"language": "NB", "text": "Ja."}], names=[nurse],
                       validUntil=str((meeting.town.now + 30 * DAY).date())))["consent"]
    await done(meeting.town, "stafettholder", "sendConsent", consentId=made["id"])
    for by in ("guardian1", "guardian2"):
        await done(meeting.town, by, "signConsent", consentId=made["id"], method="DEMO_BANKID",
                   hash=made["texts"][0]["hash"])


HELD_BACK = {"element": "MESSAGES", "level": "NONE"}


async def test_a_consent_that_holds_back_what_minutes_are_under_holds_back_the_conclusion(
        meeting: Meeting) -> None:
    await meeting.send()
    meeting.town.now += timedelta(minutes=1)
    await agreed(meeting, HELD_BACK)
    assert await meeting.refused("nurse") == [("NOT_ALLOWED", "planId")]
    await meeting.post.go()
    assert await meeting.stands() == [("CANCELLED", "CONSENT_ENDED")]
    assert (meeting.kept(), meeting.clinic.conclusions_sent()) == (0, [])


async def withdrawn(meeting: Meeting) -> None:
    await done(meeting.town, "guardian1", "withdrawConsent", consentId=f"Consent:{meeting.town.town.consent}")


async def gone(meeting: Meeting) -> None:
    ((key,),) = rows(meeting.town, "select id from participant where person_id = %s and until is null",
                     meeting.town.town.persons["nurse"])
    await done(meeting.town, "stafettholder", "endParticipant", participantId=f"Participant:{key}")


async def turned_off(meeting: Meeting) -> None:
    await done(meeting.town, "admin", "switchConclusions", on=False)


async def closed(meeting: Meeting) -> None:
    await done(meeting.town, "stafettholder", "closePlan", planId=meeting.asked()["planId"], reason="OTHER")


@pytest.mark.parametrize(("act", "why"), [
    (withdrawn, "CONSENT_ENDED"), (gone, "CONSENT_ENDED"), (closed, "CONSENT_ENDED"),
    (turned_off, "TURNED_OFF")])
async def test_what_waits_when_it_may_go_out_no_more_is_cancelled_and_the_end_is_told(
        meeting: Meeting, act: Any, why: str) -> None:
    await meeting.send()
    meeting.clinic.says = [DeliveryError(DeliveryFault.RETRYABLE, "away")]  # the plan is not told either
    await meeting.post.go()
    meeting.town.now += DAY
    await act(meeting)
    for _ in range(3):
        await meeting.post.go()
        meeting.town.now += DAY
    assert await meeting.stands() == [("CANCELLED", why)]
    assert (meeting.kept(), meeting.clinic.conclusions_sent()) == (0, [])
    ended = {event["type"].rpartition(".")[2] for event in meeting.clinic.sent} & {"withdrawn", "closed"}
    assert bool(ended) == (act is not turned_off)


async def test_one_that_was_refused_is_tried_again_and_is_nothing_that_the_service_knows_of_the_plan(
        meeting: Meeting) -> None:
    await meeting.post.go()
    meeting.clinic.says = [DeliveryError(DeliveryFault.UNKNOWN_PERSON, "unknown")]
    await meeting.send()
    await meeting.post.go()
    ((key, state),) = rows(meeting.town, "select id, state from delivery where kind = 'CONCLUSION'")
    assert (state, meeting.kept()) == ("REJECTED", 1)
    await done(meeting.town, "leader", "retryDelivery", deliveryId=f"Delivery:{key}")
    await meeting.post.go()
    assert (await meeting.stands(), meeting.kept()) == ([("CONFIRMED", None)], 0)
    meeting.town.now += DAY
    await withdrawn(meeting)
    await meeting.post.go()
    assert [event["type"].rpartition(".")[2] for event in meeting.clinic.sent] == [
        "opened", "conclusion", "conclusion", "withdrawn"]


async def test_a_preview_shows_nothing_that_was_typed(meeting: Meeting) -> None:
    meeting.clinic.says = [DeliveryError(DeliveryFault.RETRYABLE, "away")]
    await meeting.send()
    ((key,),) = rows(meeting.town, "select id from delivery where kind = 'CONCLUSION'")
    told = await meeting.town.told("leader", """query($id: ID!) { previewDelivery(deliveryId: $id) {
        reason fault answer parts { text } } }""", id=f"Delivery:{key}")
    (part,) = told["previewDelivery"].pop("parts")
    assert told["previewDelivery"] == {"reason": None, "fault": None, "answer": None}
    shown = json.loads(part["text"])["data"]
    assert (shown["conclusion"], shown["person"]["value"]) == ("***", "0" * 11)
    assert NOW.date().isoformat() > shown["heldOn"]
