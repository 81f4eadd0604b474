"""A row is the same through every door: by id, listed, nested, after a change; or absent at all of them."""
from asyncio import gather
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest

from db.engine import plain
from db.read.archive import archived
from db.read.source import NOUNS
from db.rules.rights import ARCHIVE
from tests.support.changes import AIMED, ANOTHER, FAMILY, all_changes
from tests.support.crowd import READ, AskingCrowd
from tests.support.invited import TO_SIGN, codes, known
from tests.support.papers import uploaded
from tests.support.questions import SCHEMA, kind, leads_to, near, whole
from tests.support.receiver import Receiver

PARTS = ("guardian1", "guardian2", "stafettholder", "nurse", "leader", "admin", "stranger", "neighbour")
DOORS = ("viewer", "plans(first: 20)", "deliveries(first: 50)", "units", "consentTemplates", "municipality",
         "targets", "systemRequests(first: 20)")
Row = dict[str, Any]
Met = dict[tuple[str, str], list[Row]]  # by where it is met, which matters for persons alone, and by id


def rows(told: Any, where: str = "") -> Iterator[tuple[tuple[str, str], Row]]:
    """Each row in an answer. What is shown of a person depends on the plan that they are met in, or that a
    delivery to them is of."""
    if isinstance(told, list):
        for one in told:
            yield from rows(one, where)
    elif isinstance(told, dict):
        where = told["id"] if told.get("__typename") in ("Plan", "Delivery") else where
        if "id" in told:
            yield (where if told["__typename"] == "Person" else "", told["id"]), told
        for below in told.values():
            yield from rows(below, where)


async def met(asking: AskingCrowd, part: str) -> Met:
    """All that a viewer comes to on the roads that begin at no id."""
    found: Met = defaultdict(list)
    for door in DOORS:
        to = leads_to(kind("Query").fields[door.partition("(")[0]])
        assert to is not None
        for key, row in rows(await asking.told(part, f"{{ {door} {{ {whole(to)} }} }}", log=False)):
            found[key].append(row)
    return found


async def by_id(asking: AskingCrowd, part: str, key: str) -> Row | None:
    noun = key.partition(":")[0]
    question = f"query($id: ID!) {{ node(id: $id) {{ ... on {noun} {{ {whole(kind(noun))} }} }} }}"
    told: Row | None = (await asking.told(part, question, id=key, log=False))["node"]
    return told


@pytest.fixture(scope="session")
def every_id(asking: AskingCrowd) -> list[str]:
    with psycopg.connect(plain(asking.url)) as connection:
        return [f"{name}:{key}" for name, noun in NOUNS.items() if name in SCHEMA.type_map
                for (key,) in connection.execute(f"select id from {noun.__tablename__}")]


@pytest.mark.parametrize("part", PARTS)
async def test_a_row_is_the_same_wherever_it_is_met(asking: AskingCrowd, part: str) -> None:
    found = await met(asking, part)
    assert [key for key, shown in found.items() if len(set(map(orjson.dumps, shown))) > 1] == []


@pytest.mark.parametrize("part", PARTS)
async def test_an_id_shows_what_lists_show_and_nothing_else_has_an_id(
        asking: AskingCrowd, every_id: list[str], part: str) -> None:
    listed = {key: shown[0] for (where, key), shown in (await met(asking, part)).items() if not where}
    told = await gather(*(by_id(asking, part, key) for key in every_id))
    assert {key: row for key, row in zip(every_id, told, strict=True) if row is not None} == listed


@pytest.mark.parametrize("part", PARTS)
async def test_a_plan_asked_for_is_the_plan_in_the_list(asking: AskingCrowd, part: str) -> None:
    listed = await met(asking, part)
    for plan in (f"Plan:{key}" for key in asking.crowd.plans.values()):
        told = (await asking.told(part, READ, id=plan, log=False))["plan"]
        assert [told] == listed.get(("", plan), [None])


@pytest.mark.parametrize("part", PARTS)
async def test_a_search_shows_whom_the_id_shows(asking: AskingCrowd, part: str) -> None:
    person, name = whole(kind("Person")), "li"
    found = await asking.told(part, f'{{ persons(search: {{name: "{name}"}}) {{ {person} }} }}')
    alone = f"query($id: ID!) {{ person(id: $id) {{ {person} }} }}"
    told = [(await asking.told(part, alone, id=f"Person:{key}"))["person"]
            for town in (asking.crowd.home, asking.crowd.next_door) for key in town.persons.values()]
    known = sorted((row for row in told if row and name in row["name"].lower()), key=itemgetter("id"))
    assert known == sorted(found["persons"] or [], key=itemgetter("id"))


class Acts:
    """Makes changes, and after each looks at what its payload showed through the door of the id."""

    def __init__(self, asking: AskingCrowd) -> None:
        self.asking, self.made = asking, set[str]()

    async def __call__(self, part: str, change: str, arguments: str) -> Any:
        """The payload's rows, by its fields."""
        assert SCHEMA.mutation_type is not None
        payload = leads_to(SCHEMA.mutation_type.fields[change])
        assert payload is not None
        nouns = {name: to for name, field in payload.fields.items()
                 if name != "errors" and (to := leads_to(field))}
        shown = " ".join(  # a whole plan beside another row is more than may be asked for at once
            f"{name} {{ {near(to) if name == 'plan' and len(nouns) > 1 else whole(to)} }}"
            for name, to in nouns.items())
        question = f"mutation {{ {change}({arguments}) {{ errors {{ code field }} {shown} }} }}"
        said = (await self.asking.told(part, question, log=False))[change]
        assert said.pop("errors") == [], change
        for row in filter(None, said.values()):  # who leads sees no participants
            assert within(row, await by_id(self.asking, part, row["id"])), change
        self.made.add(change)
        return said

    async def consent(self, *parts: str) -> Row:
        """One that is sent, and names the parts."""
        town = self.asking.town
        names = ", ".join(f'{{personId: "Person:{town.persons[part]}"}}' for part in parts)
        drafted = await self("stafettholder", "draftConsent",
                             f'input: {{planId: "Plan:{town.plan}", texts: [{{language: NB, text: "T"}}], '
                             f'names: [{names}]}}')
        sent = await self("stafettholder", "sendConsent", f'consentId: "{drafted["consent"]["id"]}"')
        consent: Row = sent["consent"]
        return consent


async def written(acts: Acts, plan: str) -> str:
    """A goal of the plan."""
    await acts("guardian1", "updateOverview", f'input: {{planId: "{plan}", version: 2, strengths: "S"}}')
    made = await acts("stafettholder", "createGoal", f'input: {{planId: "{plan}", arena: HOME, title: "T"}}')
    goal: str = made["goal"]["id"]
    await acts("stafettholder", "updateGoal", f'input: {{goalId: "{goal}", version: 1, status: DONE}}')
    await acts("guardian1", "addComment", f'input: {{on: "{goal}", body: "B"}}')
    await mended(acts, plan)
    return goal


async def mended(acts: Acts, plan: str) -> None:
    """How one is reached, by oneself and by the stafettholder; and what one answers for."""
    await acts("nurse", "updatePerson", 'input: {version: 1, mobile: "+4740000009", showsPrivate: true}')
    told = await acts.asking.told("stafettholder", READ, id=plan)
    part = next(p["id"] for p in told["plan"]["participants"] if p["person"]["name"] == "Ada Nordmo")
    mobile = f'participantId: "{part}", version: 1, mobile: "+4740000008"'
    await acts("stafettholder", "updatePerson", f"input: {{{mobile}}}")
    await acts("stafettholder", "updateParticipant", (
        f'participantId: "{part}", version: 1, responsibility: "R"'))


async def hand_over(acts: Acts, to: str) -> None:
    """From the stafettholder to the nurse, and back by force."""
    persons = acts.asking.town.persons
    for answer in ("declineStafettholder", "acceptStafettholder"):
        made = await acts("stafettholder", "proposeStafettholder", to % persons["nurse"])
        await acts("nurse", answer, f'handoverId: "{made["handover"]["id"]}"')
    await acts("leader", "replaceStafettholder", to % persons["stafettholder"])


async def sign(acts: Acts, consent: Any) -> None:
    for part in ("guardian1", "guardian2"):
        await acts(part, "signConsent", (
            f'input: {{consentId: "{consent["id"]}", method: DEMO_BANKID, '
            f'hash: "{consent["texts"][0]["hash"]}"}}'))


async def sign_on_paper(acts: Acts) -> None:
    consent, town = await acts.consent("nurse"), acts.asking.town
    await acts("stafettholder", "signConsentOnPaper", (
        f'input: {{consentId: "{consent["id"]}", personId: "Person:{town.persons["guardian1"]}", '
        f'hash: "{consent["texts"][0]["hash"]}", signedOn: "{acts.asking.now.date()}", '
        f'paper: "{await uploaded(acts.asking)}"}}'))


async def administer(acts: Acts, plan: str) -> None:
    for change in ("switchElement", "chooseForArchive", "setArchiveDates", "publishConsentTemplate"):
        await acts("admin", change, AIMED[change][1])
    await acts("admin", "reopenPlan", f'planId: "{plan}"')
    await acts("admin", "correctIdentityNumber", (
        AIMED["correctIdentityNumber"][1] % f"Person:{acts.asking.town.persons['owner']}"))


async def go_and_return_as_kin(acts: Acts, plan: str, stranger: str) -> None:
    """One who took part for a service comes again, as somebody near, and declares confidentiality."""
    person = acts.asking.town.persons["stranger"]
    await acts("stafettholder", "endParticipant", f'participantId: "{stranger}"')
    await acts("stafettholder", "addParticipant", (
        f'input: {{planId: "{plan}", personId: "Person:{person}", role: NEXT_OF_KIN}}'))
    (form, *_) = (await acts.asking.told("stranger", TO_SIGN))["declarationToSign"]
    await acts("stranger", "signDeclaration", f'hash: "{form["hash"]}"')


async def open_another(acts: Acts) -> None:
    """With guardians of whom nobody knew, one of whom is sent a new link, and accepts."""
    school = f"Unit:{acts.asking.town.units['Nordmo skole']}"
    plan = (await acts("stafettholder", "createPlan", f'input: {{unitId: "{school}", {FAMILY}}}'))["plan"]
    await acts("stafettholder", "addGuardian", f'input: {{planId: "{plan["id"]}", person: {ANOTHER}}}')
    (parent, *_) = [p["person"]["id"] for p in plan["participants"] if p["role"] == "GUARDIAN"]
    await acts("stafettholder", "inviteParticipant", f'planId: "{plan["id"]}", personId: "{parent}"')
    known(acts.asking, "parent", UUID(parent.removeprefix("Person:")))
    acts.asking.crowd = replace(acts.asking.crowd, home=acts.asking.town)
    await acts("parent", "acceptInvitation", f'code: "{codes(acts.asking, "parent")[-1]}"')


async def end(acts: Acts, plan: str) -> None:
    """Closed; the deletion asked for, not any more, refused, asked for again, and done."""
    asked = f'planId: "{plan}", reason: "R"'
    for by, change, given in (("guardian2", "withdrawDeletionRequest", ""),
                              ("admin", "refuseDeletion", ', reason: "R"')):
        made = await acts("guardian2", "requestDeletion", asked)
        await acts(by, change, f'requestId: "{made["request"]["id"]}"{given}')
    await acts("stafettholder", "closePlan", f'planId: "{plan}", reason: OTHER')
    with psycopg.connect(plain(acts.asking.url)) as connection:
        connection.execute("update delivery set state = 'CONFIRMED' where kind = 'ARCHIVED'")
        connection.execute("update delivery set state = 'CANCELLED', attempt_count = 0 "
                           "where kind <> 'ARCHIVED'")
    await acts("admin", "deletePlan", f'planId: "{plan}"')


async def note(acts: Acts) -> None:
    """What each unit's own system is told by hand."""
    for part, change, said in (("leader", "confirmDelivery", 'reference: "7"'),
                               ("nurse", "rejectDelivery", "reason: UNKNOWN_PERSON")):
        told = await acts.asking.told(part, "{ fagsystemTasks { edges { node { deliveryId name } } } }")
        (key,) = (edge["node"]["deliveryId"] for edge in told["fagsystemTasks"]["edges"]
                  if edge["node"]["name"] == "Kim Nordmo")
        await acts(part, change, f'deliveryId: "{key}", {said}')


async def conclude(acts: Acts, plan: str) -> None:
    """Seen by the one who sends it, who holds the baton and so sees deliveries."""
    await acts("admin", "switchConclusions", "on: true")
    taking = Receiver("fagsystem")
    taking.conclusions = True
    acts.asking.hub = replace(acts.asking.hub, targets={"fagsystem": taking})
    day = acts.asking.now.date()
    await acts("stafettholder", "sendConclusion", f'planId: "{plan}", heldOn: "{day}", conclusion: "C"')


async def deliver(acts: Acts, plan: str) -> None:
    version = await acts("stafettholder", "archivePlan", f'planId: "{plan}"')
    for change in ("retryDelivery", "cancelDelivery"):
        await acts("leader", change, f'deliveryId: "{version["delivery"]["id"]}"')
    await acts("admin", "retryDeliveries", "filter: {}")
    (target, *_) = (await acts.asking.told("admin", "{ targets { id } }"))["targets"]
    for change in ("resumeTarget", "pauseTarget"):
        await acts("admin", change, f'targetId: "{target["id"]}"')


async def test_what_a_change_shows_is_what_the_id_shows(own: AskingCrowd) -> None:
    acts, plan, town = Acts(own), f"Plan:{own.town.plan}", own.town
    goal = await written(acts, plan)
    await note(acts)
    await conclude(acts, plan)
    await acts("guardian2", "declineConsent", f'consentId: "{(await acts.consent("nurse"))["id"]}"')
    consent = await acts.consent("nurse", "stranger", "stafettholder")
    await sign(acts, consent)
    await sign_on_paper(acts)
    added = await acts("stafettholder", "addParticipant", (
        f'input: {{planId: "{plan}", personId: "Person:{town.persons["stranger"]}", role: PROVIDER}}'))
    stranger = added["participant"]["id"]
    work = f'arena: HOME, title: "T", deadline: "2027-01-01", responsibleId: "{stranger}"'
    doing = await acts("stafettholder", "createActivity", f'input: {{goalId: "{goal}", {work}}}')
    await acts("stranger", "updateActivity", (
        f'input: {{activityId: "{doing["activity"]["id"]}", version: 1, title: "U"}}'))
    await go_and_return_as_kin(acts, plan, stranger)
    await acts("stafettholder", "changeLevel", f'planId: "{plan}", level: 3, reason: "R"')
    for unit in ("PPT Nordmo", "Nordmo skole"):
        await acts("stafettholder", "movePlan", (
            f'planId: "{plan}", unitId: "Unit:{town.units[unit]}", reason: "R", withoutConsent: true'))
    await acts("stafettholder", "renewConsent", f'consentId: "{consent["id"]}"')
    await hand_over(acts, f'input: {{planId: "{plan}", personId: "Person:%s", reason: "R"}}')
    await deliver(acts, plan)
    await acts("guardian1", "withdrawConsent", f'consentId: "{consent["id"]}"')
    await administer(acts, plan)
    await end(acts, plan)
    await open_another(acts)
    assert all_changes() - acts.made == {"createPlanFromSystem"}  # which shows nothing of a plan


def within(part: Any, fuller: Any) -> bool:
    """Whether an answer says nothing else than a fuller one says of the same rows."""
    if isinstance(part, dict) and isinstance(fuller, dict):
        return all(within(value, fuller[name]) for name, value in part.items())
    if isinstance(part, list) and isinstance(fuller, list):
        return len(part) == len(fuller) and all(map(within, part, fuller))
    return bool(part == fuller)


async def test_the_archive_is_given_what_the_family_reads(asking: AskingCrowd) -> None:
    town = asking.town
    given = await archived(asking.reader, town.municipality, asking.now, town.plan, ARCHIVE)
    told = (await asking.told("guardian1", READ, id=f"Plan:{town.plan}", log=False))["plan"]
    assert given["goals"]
    assert given.pop("accessLog") is None, "who read it is told where it is asked for by name"
    assert within(given, told)
