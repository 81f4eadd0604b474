"""What one is told that others see is what they are shown when they ask; of random people and settings."""
import os
from collections.abc import Iterator
from random import Random
from typing import Any

import psycopg
import pytest
from sqlalchemy import inspect, select

from db.engine import plain
from db.read.source import NOUNS
from db.read.visibility import FIELDS, roads
from db.rules.entry import spelled
from db.rules.rights import Element
from db.rules.words import AddressProtection
from db.tables.consent import ConsentName
from db.tables.person import Person
from db.write.find import transaction
from tests.support.asking import DAY
from tests.support.crowd import READ, AskingCrowd
from tests.support.questions import SCHEMA, kind, near, side_by_side

ASK = "{ visibility { field seenBy plans { planId people { personId } } } }"
CONTACT = ("email", "mobile", "telephone", "work_email", "work_mobile", "work_telephone")
SWITCHES = ("hides_mobile", "hides_telephone", "shows_private")
Seen = set[tuple[str, str, str]]  # plan, person who sees, field


async def shuffled(own: AskingCrowd, random: Random) -> None:
    """Everybody's details and settings, and what consents hold back."""
    town = own.town
    async with transaction(own.writer, own.now) as session:
        for person in await session.scalars(select(Person).where(
                Person.municipality_id == town.municipality).order_by(Person.id)):
            for name in CONTACT:
                setattr(person, name, random.choice([None, "x"]))
            for name in SWITCHES:
                setattr(person, name, random.random() < 0.4)
            person.position, person.workplace_id = random.choice([
                (None, None), ("Lege", None), ("Lege", town.units["Nordmo skole"])])
            if random.random() < 0.15:
                person.address_protection = random.choice([*AddressProtection])
        for named in await session.scalars(select(ConsentName).where(
                ConsentName.municipality_id == town.municipality).order_by(ConsentName.id)):
            named.held_back = sum(e.read for e in Element if random.random() < 0.4)
            named.whereabouts = random.random() < 0.5


def shown(told: Any, person: str) -> Iterator[str]:
    """The fields of one person that an answer shows."""
    if isinstance(told, list):
        for one in told:
            yield from shown(one, person)
    elif isinstance(told, dict):
        if told.get("id") == person:
            yield from (name for name in map(spelled, FIELDS) if told[name] is not None)
        for below in told.values():
            yield from shown(below, person)


def by_id(url: str, plan: str) -> list[str]:
    """Questions for every row in a plan by its id: some of them no list leads to."""
    with psycopg.connect(plain(url)) as connection:
        found = [(name, key) for name, noun in NOUNS.items() if name in SCHEMA.type_map
                 if "plan_id" in noun.__table__.columns for (key,) in connection.execute(
                     f"select id from {noun.__tablename__} where plan_id = %s", [plan.partition(":")[2]])]
    fields = [f'node(id: "{name}:{key}") {{ ... on {name} {{ {near(kind(name))} }} }}' for name, key in found]
    return [f"{{ {selection} }}" for selection in side_by_side(fields)]


async def told(own: AskingCrowd, part: str) -> tuple[Seen, set[str]]:
    """Who sees which field in which plan, and the plans of which that is told."""
    seen = (await own.told(part, ASK, log=False))["visibility"]
    assert [row["field"] for row in seen] == [spelled(name) for name in FIELDS]
    plans = {plan["planId"] for row in seen for plan in row["plans"] if plan["people"] is not None}
    return {(plan["planId"], person["personId"], row["field"])
            for row in seen for plan in row["plans"] for person in plan["people"] or []}, plans


@pytest.mark.parametrize("seed", range(int(os.environ.get("SEEDS", "1"))))  # `make proofs`: 5
async def test_those_are_told_who_see_it_and_nobody_else(own: AskingCrowd, seed: int) -> None:
    await shuffled(own, Random(seed))
    people = {f"Person:{key}": part for part, key in own.town.persons.items()}
    said = {part: await told(own, part) for part in people.values()}
    looked_at, met = 0, Seen()
    for plan in (f"Plan:{key}" for key in own.crowd.plans.values()):
        nodes = by_id(own.url, plan)
        answers = {person: [await own.told(part, READ, id=plan, log=False),
                            *[await own.told(part, node, log=False) for node in nodes]]
                   for person, part in people.items()}
        ledger = {f"Person:{key}" for (key,) in await own.reader.rows(
            "select person_id from access_grant where plan_id = $1 and superseded_at is null "
            "and valid_from <= $2 and (valid_until is null or valid_until > $2)",
            [plan.partition(":")[2], own.now])}
        for viewer, part in people.items():
            seen, plans = said[part]
            if plan in plans:
                looked_at += 1
                met |= (theirs := {(plan, other, field) for other in ledger - {viewer}
                                   for field in shown(answers[other], viewer)})
                assert {one for one in seen if one[0] == plan} == theirs, part
    assert (looked_at > 3, len({field for *_, field in met}) > 5) == (True, True)


def test_every_road_from_a_row_in_a_plan_to_a_person_is_looked_down() -> None:
    shown_nouns = {name for name in SCHEMA.type_map if name in NOUNS} - {"Person", "Assignment"}
    assert {(noun.__name__, name) for noun, name in roads()} == {
        (name, relation.key) for name in shown_nouns for relation in inspect(NOUNS[name]).relationships
        if relation.mapper.class_ is Person}


async def test_kinds_are_told_by_settings_alone(own: AskingCrowd) -> None:
    """What a stranger sees of kinds, with no plan at all, is what the same settings give anybody."""
    async def kinds(part: str) -> dict[str, list[str]]:
        rows = (await own.told(part, ASK, log=False))["visibility"]
        return {row["field"]: row["seenBy"] for row in rows}
    in_plans = ["FAMILY", "STAFETTHOLDER", "PROVIDER", "NAMED_FOR_WHEREABOUTS"]
    assert await kinds("stranger") == await kinds("nurse")
    assert (await kinds("nurse"))["workMobile"] == in_plans
    assert (await kinds("nurse"))["mobile"] == []
    assert (await kinds("guardian1"))["mobile"] == in_plans
    assert (await kinds("guardian2"))["mobile"] == []  # who hides it
    assert (await kinds("hidden"))["mobile"] == ["NAMED_FOR_WHEREABOUTS"]
    assert "SEARCHER" not in (await kinds("guarded"))["name"]
    assert (await own.told("fagsystem", ASK))["visibility"] is None


async def test_a_child_who_may_not_know_of_the_plan_is_told_of_none(own: AskingCrowd) -> None:
    for part in ("owner", "former", "stranger", "leader"):
        rows = (await own.told(part, ASK, log=False))["visibility"]
        assert [row["plans"] for row in rows] == [[]] * len(FIELDS), part


async def test_who_reads_whom_may_see_is_written_down(own: AskingCrowd) -> None:
    logged = "select plan_id from access_log where person_id = $1 and at = $2"
    nurse, own.now = own.town.persons["nurse"], own.now + DAY
    await own.told("nurse", ASK)
    assert {plan for (plan,) in await own.reader.rows(logged, [nurse, own.now])} == {
        own.crowd.plans["cast"], own.crowd.plans["hidden"]}
