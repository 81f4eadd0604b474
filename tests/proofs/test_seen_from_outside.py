"""Three systems that keep every byte they were ever sent: none has seen content, but the conclusion that one
of its own unit sent it, nor what another calls the plan, nor anybody its unit had no participant for."""
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Text

from db.engine import plain
from db.seal import synthetic
from db.seeds.parts import PARTS
from db.tables import Base
from integrations.fagsystem.records import Records
from integrations.fagsystem.soap.service import answered
from integrations.registry import targets
from integrations.target import Target
from tests.support.asking import DAY, Asking
from tests.support.changing import done, rows
from tests.support.edge import Call, Said, edge
from tests.support.fhirserver import Edge
from tests.support.posting import Post
from tests.support.webhooks import SECRET, Fagsystem

SERVICES = {"Nordmo skole": "school", "Nordmo helsestasjon": "clinic", "PPT Nordmo": "advisers"}
TABLES = """
[school]
kind = "fagsystem/soap"
url = "{school}/har-stafettlogg"
[clinic]
kind = "fagsystem/webhook"
url = "{clinic}/hooks"
secret_env = "CLINIC_SECRET"
conclusions = true
[advisers]
kind = "fagsystem/fhir"
url = "{advisers}/r4"
"""
NEEDED = {"municipality.number", "unit.organisation_number", "person.work_mobile",  # what is told as it is
          "unit.fagsystem", "municipality.archive", "delivery.target", "target.name",  # whom it is told to
          "municipality.language", "person.language"}
MARK = re.compile(r"planted-([a-z_.]+)-([0-9a-f-]{36})")
KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CONCLUSION = "Enighet om ro om morgenen."
BROTHER = synthetic(PARTS["owner"].born, 9)  # of another plan, which the school alone takes part in


class Outside:
    """The systems at the edge, what each was sent, and the worker that tells them."""

    def __init__(self, town: Asking) -> None:
        self.town, self.post, self.sent = town, Post(town), dict[str, list[tuple[str, str]]]()
        records, webhook, fhir = Records(None, ()), Fagsystem(), Edge()
        self.answers: dict[str, Callable[[Call], Said]] = {
            "school": lambda call: Said(200, answered(records, call.body)[2], {"Content-Type": "text/xml"}),
            "clinic": webhook.answer,
            "advisers": lambda call: fhir.answer(replace(call, path=call.path.removeprefix("/r4")))}

    def at(self, system: str) -> Callable[[Call], Said]:
        def answer(call: Call) -> Said:
            head = f"{call.method} {call.path} {json.dumps(dict(call.headers))}"
            self.sent.setdefault(system, []).append((head, call.body.decode()))
            return self.answers[system](call)
        return answer

    async def go(self) -> None:
        """With a text of its own in every row and column that holds one."""
        with psycopg.connect(plain(self.town.url)) as connection:
            connection.execute("set session_replication_role = replica")
            for column in (c for table in Base.metadata.tables.values() for c in table.columns):
                if type(column.type) is Text and str(column) not in NEEDED:
                    connection.execute(f"update {column.table} set {column.name} = 'planted-{column}-' || id "
                                       f"where {column.name} is not null")
        await self.post.go()
        self.town.now += DAY

    async def agreed(self, plan: str, *names: str) -> None:
        made = (await done(
            self.town, "stafettholder", "draftConsent", planId=plan,
            texts=[{"language": "NB", "text": "Ja."}], validUntil=str((self.town.now + 60 * DAY).date()),
            names=[{"personId": self.person(name)} for name in names]))["consent"]
        await done(self.town, "stafettholder", "sendConsent", consentId=made["id"])
        for by in ("guardian1", "guardian2"):
            await done(self.town, by, "signConsent", consentId=made["id"], method="DEMO_BANKID",
                       hash=made["texts"][0]["hash"])

    def person(self, part: str) -> str:
        return f"Person:{self.town.town.persons[part]}"


@pytest.fixture
def outside(own_town: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    monkeypatch.setenv("CLINIC_SECRET", SECRET)
    made, file = Outside(own_town), tmp_path / "targets.toml"
    with ExitStack() as edges, psycopg.connect(plain(own_town.url)) as connection:
        urls = {system: edges.enter_context(edge(made.at(system))) for system in SERVICES.values()}
        for unit, system in SERVICES.items():
            connection.execute("update unit set fagsystem = %s where name = %s", (system, unit))
        connection.execute("update delivery d set target = u.fagsystem from unit u where u.id = d.unit_id")
        connection.commit()
        file.write_text(TABLES.format(**urls), "utf-8")
        told: dict[str, Target] = {**targets(file), "archive": made.post.archive}
        made.post.worker = replace(made.post.worker, targets=told)
        own_town.hub = replace(own_town.hub, targets=told)
        yield made


async def lived(outside: Outside) -> None:
    """Two plans: of the cast's child, whom all three hear of, and of a brother, whom the school does."""
    await outside.go()
    plan = f"Plan:{outside.town.town.plan}"
    await outside.agreed(plan, "nurse", "former")
    await done(outside.town, "admin", "switchConclusions", on=True)
    await done(outside.town, "nurse", "sendConclusion", planId=plan, conclusion=CONCLUSION,
               heldOn=str(outside.town.now.date()))
    guardians = [{"name": PARTS[part].name, "identityNumber": PARTS[part].identity_number,
                  "mobile": "+4740000000"} for part in ("guardian1", "guardian2")]
    brother: dict[str, Any] = await done(
        outside.town, "stafettholder", "createPlan", unitId=f"Unit:{outside.town.town.units['Nordmo skole']}",
        owner={"name": "Bo Nordmo", "identityNumber": BROTHER}, guardians=guardians)
    await outside.agreed(brother["plan"]["id"])
    await outside.go()
    await done(outside.town, "admin", "replaceStafettholder", planId=plan, personId=outside.person("nurse"),
               reason="Syk")  # with the teacher the school is out of it
    await outside.go()
    await done(outside.town, "nurse", "closePlan", planId=plan, reason="OTHER")
    for _ in range(2):
        await outside.go()


async def test_nobody_outside_ever_saw_more_than_is_theirs(outside: Outside) -> None:
    await lived(outside)
    town = outside.town.town
    teacher, nurse = (str(town.persons[part]) for part in ("stafettholder", "nurse"))
    holders = {"school": {teacher}, "clinic": {teacher, nurse}, "advisers": {teacher, nurse}}
    units = {str(town.units[PARTS[part].unit or ""]) for part in ("stafettholder", "nurse")}
    ids = {str(key) for table in Base.metadata.tables
           for (key,) in rows(outside.town, f"select id from {table}")}
    private = {number for (number,) in rows(
        outside.town, "select work_mobile from person where work_mobile is not null and not (id = any(%s))",
        [town.persons[part] for part in ("stafettholder", "nurse")])}
    called = dict[str, set[str]]()
    for system, calls in outside.sent.items():
        heads, bodies = ("\n".join(each) for each in zip(*calls, strict=True))
        assert set(MARK.findall(heads + bodies)) - {("unit.name", key) for key in units} == {
            (f"person.{told}", key) for told in ("name", "position") for key in holders[system]}
        facts = {str(key) for (key,) in rows(
            outside.town, "select id from delivery where target = %s", system)}
        told = set(KEY.findall(MARK.sub("", heads + bodies))) - facts
        assert not told & ids
        called[system] = told
        numbers = {PARTS["owner"].identity_number, *([BROTHER] if system == "school" else [])}
        assert numbers == set(re.findall(r"\b\d{11}\b", bodies)), "whom it had a participant for, alone"
        assert not [number for number in numbers if number in heads]
        assert not [number for number in private if number in bodies]
        assert not [part for part in PARTS.values() if str(part.born) in bodies or part.name in bodies]
    assert {system: len(references) for system, references in called.items()} == {
        "school": 2, "clinic": 1, "advisers": 1}, "a reference for each plan that it was told of"
    assert len(set().union(*called.values())) == 4, "and none is another's"


async def test_a_conclusion_was_seen_by_the_one_system_that_it_was_for_in_one_message_of_its_own(
        outside: Outside) -> None:
    await lived(outside)
    seen = [(system, json.loads(body)) for system, calls in outside.sent.items() for head, body in calls
            if CONCLUSION in head + body]
    ((system, event),) = seen
    assert (system, event["type"].rpartition(".")[2], event["data"]["conclusion"]) == (
        "clinic", "conclusion", CONCLUSION)
    assert rows(outside.town, "select from conclusion") == []
