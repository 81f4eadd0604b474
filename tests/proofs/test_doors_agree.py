"""The same row is the same through every door: by id, in lists, nested, after a change; and absent at one, absent at all."""
from asyncio import gather
from collections import defaultdict
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import orjson
import psycopg
import pytest

from db.engine import plain
from db.read.archive import archived
from db.read.source import NOUNS
from db.rules.consent import text_hash
from db.rules.rights import ARCHIVE
from tests.support.changes import CHILD, PARENT, all_changes
from tests.support.crowd import READ, AskingCrowd
from tests.support.questions import SCHEMA, kind, leads_to, whole

PARTS = ("guardian1", "guardian2", "stafettholder", "nurse", "leader", "admin", "stranger", "neighbour")
DOORS = ("viewer", "plans(first: 20)", "deliveries(first: 50)", "units", "consentTemplates", "municipality")
Rows = dict[str, Any]
Met = dict[tuple[str, str], list[Rows]]  # by where a person is met (any other row: anywhere), and id


def objects(told: Any, where: str = "") -> Iterator[tuple[tuple[str, str], Rows]]:
    """Each row in an answer. What is shown of a person depends on the plan that they are met in."""
    if isinstance(told, list):
        for one in told:
            yield from objects(one, where)
    elif isinstance(told, dict):
        where = told["id"] if told.get("__typename") == "Plan" else where
        if "id" in told:
            yield (where if told["__typename"] == "Person" else "", told["id"]), told
        for below in told.values():
            yield from objects(below, where)


def one_of_each(met: Met) -> list[str]:
    """The rows that are not the same wherever they are met."""
    return [" ".join(row) for row, shown in met.items() if len({orjson.dumps(one) for one in shown}) > 1]


async def through_lists(asking: AskingCrowd, part: str) -> Met:
    """All that a viewer meets on the roads that begin at no id."""
    met: Met = defaultdict(list)
    for door in DOORS:
        to = leads_to(kind("Query").fields[door.partition("(")[0]])
        assert to is not None
        for row, shown in objects(await asking.told(part, f"{{ {door} {{ {whole(to)} }} }}", log=False)):
            met[row].append(shown)
    return met


async def node(asking: AskingCrowd, part: str, key: str) -> Rows | None:
    noun = key.partition(":")[0]
    question = f"query($id: ID!) {{ node(id: $id) {{ ... on {noun} {{ {whole(kind(noun))} }} }} }}"
    told: Rows | None = (await asking.told(part, question, id=key, log=False))["node"]
    return told


@pytest.fixture(scope="session")
def every_id(asking: AskingCrowd) -> list[str]:
    with psycopg.connect(plain(asking.url)) as connection:
        return [f"{noun}:{key}" for noun, of in NOUNS.items() if noun in SCHEMA.type_map
                for (key,) in connection.execute(f"select id from {of.__table__.name}")]


@pytest.mark.parametrize("part", PARTS)
async def test_what_lists_show_is_what_the_id_shows_and_nothing_else_has_an_id(
        asking: AskingCrowd, every_id: list[str], part: str) -> None:
    met = await through_lists(asking, part)
    assert one_of_each(met) == []
    known = {key: shown[0] for (where, key), shown in met.items() if not where}
    by_id = dict(zip(every_id, await gather(*(node(asking, part, key) for key in every_id)), strict=True))
    assert {key: shown for key, shown in by_id.items() if shown is not None} == known


@pytest.mark.parametrize("part", PARTS)
async def test_a_plan_is_the_same_in_the_list_and_asked_for_alone(asking: AskingCrowd, part: str) -> None:
    met = await through_lists(asking, part)
    for plan in (f"Plan:{key}" for key in asking.crowd.plans.values()):
        told = (await asking.told(part, READ, id=plan, log=False))["plan"]
        assert told == (met["", plan][0] if ("", plan) in met else None)


@pytest.mark.parametrize("part", PARTS)
async def test_a_search_shows_what_the_employees_id_shows(asking: AskingCrowd, part: str) -> None:
    person = whole(kind("Person"))
    found = (await asking.told(part, f'{{ persons(search: {{name: "li"}}) {{ {person} }} }}'))["persons"] or []
    persons = [*asking.town.persons.values(), *asking.crowd.next_door.persons.values()]
    by_id = [(await asking.told(part, f"query($id: ID!) {{ person(id: $id) {{ {person} }} }}", id=f"Person:{key}"))["person"]
             for key in persons]
    assert sorted((p for p in by_id if p and "li" in p["name"].lower()), key=itemgetter("id")) == sorted(found, key=itemgetter("id"))


class Acts:
    """Makes changes, and after each looks at what its payload showed through the door of the id."""

    def __init__(self, asking: AskingCrowd) -> None:
        self.asking, self.made = asking, set[str]()

    async def __call__(self, part: str, change: str, arguments: str) -> Rows:
        """The ids of what was touched, by the payload's fields."""
        assert SCHEMA.mutation_type is not None
        payload = leads_to(SCHEMA.mutation_type.fields[change])
        assert payload is not None
        rows = {name: to for name, field in payload.fields.items() if (to := leads_to(field)) and name != "errors"}
        shown = " ".join(f"{name} {{ {whole(to)} }}" for name, to in rows.items())
        question = f"mutation {{ {change}({arguments}) {{ errors {{ code field }} {shown} }} }}"
        said = (await self.asking.told(part, question, log=False))[change]
        assert said.pop("errors") == [], change
        for row in said.values():
            assert row == await node(self.asking, part, row["id"]), change
        self.made.add(change)
        return {name: row["id"] for name, row in said.items()}


async def test_what_a_change_shows_is_what_the_id_shows(own: AskingCrowd) -> None:
    acts, plan, persons = Acts(own), f"Plan:{own.town.plan}", own.town.persons
    sign = 'input: {{consentId: "{consent}", method: DEMO_BANKID, textHash: "%s"}}' % text_hash("T")
    async def consent(*more: str) -> Rows:
        names = ", ".join(f'{{personId: "Person:{persons[p]}"}}' for p in ("nurse", *more))
        drafted = await acts("stafettholder", "draftConsent", f'input: {{planId: "{plan}", text: "T", names: [{names}]}}')
        return await acts("stafettholder", "sendConsent", f'consentId: "{drafted["consent"]}"')

    await acts("guardian1", "updateOverview", f'input: {{planId: "{plan}", version: 2, strengths: "S"}}')
    goal = await acts("stafettholder", "createGoal", f'input: {{planId: "{plan}", arena: HOME, title: "T"}}')
    await acts("stafettholder", "updateGoal", f'input: {{goalId: "{goal["goal"]}", version: 1, status: DONE}}')
    await acts("guardian1", "addComment", f'input: {{on: "{goal["goal"]}", body: "B"}}')
    await acts("guardian2", "declineConsent", f'consentId: "{(await consent())["consent"]}"')
    new = await consent("stranger")
    await acts("guardian1", "signConsent", sign.format(**new))
    await acts("guardian2", "signConsent", sign.format(**new))
    added = await acts("stafettholder", "addParticipant",
                       f'input: {{planId: "{plan}", personId: "Person:{persons["stranger"]}", role: PROVIDER}}')
    work = f'title: "T", deadline: "2027-01-01", responsibleId: "{added["participant"]}"'
    doing = await acts("stafettholder", "createActivity", f'input: {{goalId: "{goal["goal"]}", arena: HOME, {work}}}')
    await acts("stranger", "updateActivity", f'input: {{activityId: "{doing["activity"]}", version: 1, title: "U"}}')
    await acts("stafettholder", "endParticipant", f'participantId: "{added["participant"]}"')
    version = await acts("stafettholder", "archivePlan", f'planId: "{plan}"')
    await acts("leader", "retryDelivery", f'deliveryId: "{version["delivery"]}"')
    await acts("leader", "cancelDelivery", f'deliveryId: "{version["delivery"]}"')
    await acts("guardian1", "withdrawConsent", f'consentId: "{new["consent"]}"')
    await acts("admin", "reopenPlan", f'planId: "{plan}"')
    await acts("stafettholder", "closePlan", f'planId: "{plan}", reason: OTHER')
    await acts("stafettholder", "createPlan",
               f'input: {{unitId: "Unit:{own.town.units["Nordmo skole"]}", owner: {CHILD}, guardians: [{PARENT}]}}')
    assert acts.made == all_changes()


def within(part: Any, all_of_it: Any) -> bool:
    """Whether an answer says nothing else than a fuller one says of the same rows."""
    if isinstance(part, dict) and isinstance(all_of_it, dict):
        return all(within(value, all_of_it[name]) for name, value in part.items())
    if isinstance(part, list) and isinstance(all_of_it, list):
        return len(part) == len(all_of_it) and all(map(within, part, all_of_it))
    return bool(part == all_of_it)


async def test_the_archive_is_given_what_the_family_reads(asking: AskingCrowd) -> None:
    plan = asking.town.plan
    given = await archived(asking.reader, asking.town.municipality, asking.now, plan, ARCHIVE)
    told = (await asking.told("guardian1", READ, id=f"Plan:{plan}", log=False))["plan"]
    assert given["goals"] and within(given, told)
