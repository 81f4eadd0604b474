"""The four roads through the API alone: a plan is opened, agreed, worked in, told of, archived, withdrawn."""
import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pikepdf
from lxml import etree

from db.seeds.parts import PARTS
from tests.support.hub import Client, Served, fresh_number

CREATE = """mutation($input: CreatePlanInput!) { createPlan(input: $input) { errors { code field message }
  plan { id status shortName goals { id } participants { role person { name } } } } }"""
DRAFT = """mutation($input: DraftConsentInput!) { draftConsent(input: $input) {
  errors { code } consent { id texts { hash } state } } }"""
SEND = """mutation($id: ID!) { sendConsent(consentId: $id) {
  errors { code } plan { status } consent { state } } }"""
SIGN = """mutation($input: SignConsentInput!) { signConsent(input: $input) {
  errors { code } plan { status } consent { state } } }"""
ACCEPT = """mutation($code: String!) { acceptInvitation(code: $code) {
  errors { code } plan { status } } }"""
ADD = """mutation($input: AddParticipantInput!) { addParticipant(input: $input) {
  errors { code } participant { id } } }"""
GOAL = "mutation($input: CreateGoalInput!) { createGoal(input: $input) { errors { code } goal { id } } }"
ACTIVITY = """mutation($input: CreateActivityInput!) { createActivity(input: $input) {
  errors { code } activity { id } } }"""
ARCHIVE = "mutation($id: ID!) { archivePlan(planId: $id) { errors { code } delivery { state } } }"
WITHDRAW = """mutation($id: ID!) { withdrawConsent(consentId: $id) {
  errors { code } plan { status } consent { state } } }"""
SEEN = """query($id: ID!) { plan(id: $id) { status goals { title activities { title } } lastArchivedAt }
  plans { totalCount } }"""

OFFICIAL = (Path(__file__).parents[3] / "shared/schemas/fiks-arkiv-v1"
            / "no.ks.fiks.arkiv.v1.arkivering.arkivmelding.opprett.xsd")
HOLDER, NURSE = PARTS["stafettholder"].identity_number, PARTS["nurse"].identity_number
CHILD, MOTHER, FATHER = (fresh_number(day) for day in (date(2020, 2, 3), date(1990, 4, 5), date(1988, 6, 7)))


async def until(ask: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
    """What `ask` gives, as soon as it gives anything."""
    deadline = datetime.now(UTC) + timedelta(seconds=seconds)
    while not (told := await ask()):
        assert datetime.now(UTC) < deadline, "it never came"
        await asyncio.sleep(0.1)
    return told


async def opened(client: Client, unit: str) -> str:
    """A plan for a child whom nobody knew, with both guardians."""
    made = await client.change(HOLDER, CREATE, input={
        "unitId": unit, "owner": {"identityNumber": CHILD, "name": "Sol Åsen"}, "guardians": [
            {"identityNumber": MOTHER, "name": "Mari Åsen", "mobile": "+4740000099"},
            {"identityNumber": FATHER, "name": "Jon Åsen", "mobile": "+4740000098"}]})
    assert (made["plan"]["status"], made["plan"]["shortName"], made["plan"]["goals"]) == ("DRAFT", "SÅ", None)
    plan: str = made["plan"]["id"]
    return plan


async def accepted(client: Client, folder: Path, plan: str) -> None:
    """The guardians see nothing of the plan before each has used the link that came by SMS; nor can the one
    use the other's."""
    codes = {MOTHER: await until(partial(sent, folder, "+4740000099")),
             FATHER: await until(partial(sent, folder, "+4740000098"))}
    for who, other in ((MOTHER, FATHER), (FATHER, MOTHER)):
        nothing = {"plan": None, "plans": {"totalCount": 0}}
        assert await client.ask(who, SEEN, id=plan) == nothing
        (refused,) = (await client.ask(who, ACCEPT, code=codes[other])).values()
        assert refused == {"plan": None, "errors": [{"code": "INVITATION_DEAD"}]}
        assert (await client.change(who, ACCEPT, code=codes[who]))["plan"]["status"] == "DRAFT"


async def sent(folder: Path, to: str) -> str | None:
    """The code in the link that was sent to a number."""
    texts = [path.read_text("utf-8") for path in (folder / "notices").glob("*.txt")]
    found = [re.search(r"#invitation=(\S+)", text) for text in texts if text.startswith(to)]
    return found[0].group(1) if found and found[0] else None


async def agreed(client: Client, plan: str, nurse: str) -> str:
    """A consent that names the nurse, signed by both; in between the plan stays closed."""
    drafted = (await client.change(HOLDER, DRAFT, input={
        "planId": plan, "texts": [{"language": "NB", "text": "Vi samtykker."}],
        "names": [{"personId": nurse}]}))["consent"]
    sent = await client.change(HOLDER, SEND, id=drafted["id"])
    assert (sent["plan"]["status"], sent["consent"]["state"]) == ("AWAITING_CONSENT", "SENT")
    signing = {"consentId": drafted["id"], "method": "DEMO_BANKID", "hash": drafted["texts"][0]["hash"]}
    first = await client.change(MOTHER, SIGN, input=signing)
    assert (first["plan"]["status"], first["consent"]["state"]) == ("AWAITING_CONSENT", "SENT")
    assert (await client.ask(HOLDER, SEEN, id=plan))["plan"]["goals"] is None
    last = await client.change(FATHER, SIGN, input=signing)
    assert (last["plan"]["status"], last["consent"]["state"]) == ("ACTIVE", "IN_FORCE")
    consent: str = drafted["id"]
    return consent


async def worked_in(client: Client, plan: str, nurse: str) -> None:
    """The nurse joins and answers for an activity."""
    assert (await client.ask(NURSE, SEEN, id=plan))["plan"] is None
    joined = await client.change(HOLDER, ADD, input={"planId": plan, "personId": nurse, "role": "PROVIDER"})
    made = await client.change(HOLDER, GOAL, input={"planId": plan, "arena": "HOME", "title": "Sove godt"})
    await client.change(NURSE, ACTIVITY, input={
        "goalId": made["goal"]["id"], "arena": "HOME", "title": "Snakke om kveldsrutiner",
        "deadline": "2027-03-01", "responsibleId": joined["participant"]["id"]})
    assert (await client.ask(NURSE, SEEN, id=plan))["plan"]["goals"] == [
        {"title": "Sove godt", "activities": [{"title": "Snakke om kveldsrutiner"}]}]


async def test_a_plan_travels_all_four_roads(served: Served) -> None:
    client, town = served.client, served.town
    nurse = f"Person:{town.persons['nurse']}"
    plan = await opened(client, f"Unit:{town.units['Nordmo skole']}")
    await accepted(client, served.folder, plan)
    consent = await agreed(client, plan, nurse)
    await worked_in(client, plan, nurse)

    await until(lambda: told(served.folder, CHILD, [True, True]))  # the school's system and the clinic's
    await client.change(HOLDER, ARCHIVE, id=plan)
    assert await until(lambda: archived(client, plan))
    (folder,) = (served.folder / "archive").glob(f"*/{plan.removeprefix('Plan:')}/v1")
    with pikepdf.open(folder / "plan.pdf") as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
    valid(folder / "arkivmelding.xml")

    before = (await client.ask(NURSE, "{ plans { totalCount } }"))["plans"]["totalCount"]
    gone = await client.change(MOTHER, WITHDRAW, id=consent)
    assert (gone["plan"]["status"], gone["consent"]["state"]) == ("PASSIVE", "WITHDRAWN")
    after = await client.ask(NURSE, SEEN, id=plan)
    assert after == {"plan": None, "plans": {"totalCount": before - 1}}
    assert (await client.ask(HOLDER, SEEN, id=plan))["plan"]["goals"] is None
    await until(lambda: told(served.folder, CHILD, [False, False]))


async def told(folder: Path, number: str, has_plan: list[bool]) -> bool:
    """Whether the practice fagsystem has just these last words on a person, a plan reference each."""
    kept = [json.loads(path.read_text("utf-8"))[-1] for path in (folder / "fagsystem").glob("*.json")]
    return [fact["hasPlan"] for fact in kept if fact["person"]["value"] == number] == has_plan


async def archived(client: Client, plan: str) -> Any:
    return (await client.ask(HOLDER, SEEN, id=plan))["plan"]["lastArchivedAt"]


def valid(message: Path) -> None:
    """By the official schema; where it is missing, well-formed: test_archive_folder.py says so then."""
    told = etree.parse(message)
    if OFFICIAL.is_file():
        etree.XMLSchema(etree.parse(OFFICIAL)).assertValid(told)
