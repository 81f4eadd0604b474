"""The database deletes a plan where the rule would, and nowhere else, whoever asks it to and whatever is
written meanwhile."""
import asyncio
from datetime import timedelta
from itertools import product
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, IntegrityConstraintViolation

from db.engine import WRITER, options, plain
from db.migrations.guards import UNCOUNTED
from db.rules.deletion import check_delete
from db.rules.rights import ARCHIVE, ARCHIVE_BY_CUSTOM, Element, Right
from db.rules.words import PlanStatus
from db.tables import Base
from db.write import deletion
from db.write.find import NOBODY, Who, lock, transaction
from tests.support.asking import Asking
from tests.support.changing import change, refused, rows
from tests.support.refusal import code
from tests.support.tombstones import delete, ready

DELETABLE = "select deletable(%s::smallint, %s, %s)"
ASKED = {  # who asks, and how their request stands
    "nobody": "state = 'WITHDRAWN'", "refused": "state = 'REFUSED'", "a guardian": "state = 'ASKED'",
    "one who is not of the family": "state = 'ASKED', by_id = (select stafettholder_id from plan)"}
WHOLE, NO_GOALS = int(ARCHIVE_BY_CUSTOM), int(ARCHIVE & ~Right.GOALS_READ)
NOW = "revision = (select revision from plan)"
ARCHIVED = {
    "as it is": f"{NOW}, elements = {WHOLE}, state = 'CONFIRMED'",
    "in part": f"{NOW}, elements = {NO_GOALS}, state = 'CONFIRMED'",
    "before a change": f"revision = (select revision - 1 from plan), elements = {WHOLE}, state = 'CONFIRMED'",
    "long ago": f"revision = null, elements = {WHOLE}, state = 'CONFIRMED'",
    "not after all": f"{NOW}, elements = {WHOLE}, state = 'CANCELLED'",
    "not yet": f"{NOW}, elements = {WHOLE}, state = 'ACCEPTED'"}
CHOOSE = """insert into archive_switch (municipality_id, plan_type, element, is_on, since)
  select municipality_id, type, %s, %s, %s from plan"""
CHOICES: dict[str, list[tuple[Element, bool]]] = {  # by the municipality, for the plan's type
    "nothing": [], "less": [(Element.OVERVIEW, False)],
    "less, then as before": [(Element.OVERVIEW, False), (Element.OVERVIEW, True)],
    "more": [(Element.ACCESS_LOG, True)],
    "what can't be": [(Element.GOALS, False), (Element.ADMINISTRATION, True)]}
HELD = {  # by the version
    "without goals": ARCHIVE & ~Right.GOALS_READ, "without overview": ARCHIVE & ~Right.OVERVIEW_READ,
    "the usual": ARCHIVE_BY_CUSTOM, "all": ARCHIVE | Right.ACCESS_LOG_READ}
TOLD = {  # the last that a service hears
    "of the end": "kind = 'CLOSED', state = 'CONFIRMED', unit_id = unit, notice = null",
    "of the end, on its way": "kind = 'CLOSED', state = 'DEAD', unit_id = unit, notice = null",
    "of the opening": "kind = 'OPENED', state = 'CONFIRMED', unit_id = unit, notice = null",
    "of the opening, perhaps": "kind = 'OPENED', state = 'CANCELLED', unit_id = unit, notice = null",
    "nothing; a notice can't be told": "kind = 'NOTICE', state = 'DEAD', unit_id = null",
    "nothing; a notice is going out": "kind = 'NOTICE', state = 'SENT', unit_id = null"}


@pytest.fixture
async def town(own_town: Asking) -> Asking:
    """The cast's plan, that could be deleted; of its deliveries two are left."""
    plan = await ready(own_town)
    with psycopg.connect(plain(own_town.url)) as connection:
        connection.execute("delete from delivery_attempt")
        connection.execute("delete from delivery where kind <> 'ARCHIVED' and id <> ("
                           "select id from delivery where kind = 'OPENED' order by id limit 1)")
    assert rows(own_town, "select count(*) from delivery where plan_id = %s", plan) == [(2,)]
    return own_town


Connection = psycopg.Connection[Any]


def past_all(town: Asking) -> Connection:
    """Past everything that keeps a plan whole."""
    replica = "-c session_replication_role=replica"
    return psycopg.connect(plain(town.url), autocommit=True, options=replica)


def put(by: Connection, asked: str, status: PlanStatus, archived: str, told: str) -> None:
    """The plan in one state."""
    fact = TOLD[told].replace("unit_id = unit", "unit_id = (select unit_id from plan)")
    guardian = "(select person_id from participant where role = 'GUARDIAN' limit 1)"
    for statement in (f"update deletion_request set by_id = {guardian}",
                      f"update deletion_request set {ASKED[asked]}",
                      f"update plan set recorded_status = '{status}'",
                      f"update delivery set {ARCHIVED[archived]} where version is not null",
                      f"update delivery set attempt_count = 1, {fact} where version is null"):
        assert by.execute(statement.encode()).rowcount == 1


async def rule_refuses(town: Asking) -> bool:
    async with transaction(town.writer, town.now) as session:
        who = Who(town.town.municipality, NOBODY, town.now)
        ending = await deletion.ending(session, who, await lock(session, who, town.town.plan))
    return code(lambda: check_delete(ending)) is not None


async def test_the_database_looks_at_what_the_rule_looks_at(town: Asking) -> None:
    may, about = [], (town.town.municipality, town.town.plan, town.now)
    with past_all(town) as by:
        for state in product(ASKED, PlanStatus, ARCHIVED, TOLD):
            put(by, *state)
            ((deletable,),) = by.execute(DELETABLE, about).fetchall()
            assert deletable != await rule_refuses(town), state
            may += [state] if deletable else []
    assert may == [("a guardian", PlanStatus.CLOSED, "as it is", told)
                   for told in ("of the end", "nothing; a notice can't be told")]


async def test_what_a_version_must_hold_is_what_is_chosen_for_the_type_today(town: Asking) -> None:
    may, about = [], (town.town.municipality, town.town.plan, town.now)
    with past_all(town) as by:
        put(by, "a guardian", PlanStatus.CLOSED, "as it is", "of the end")
        for choice, held in product(CHOICES, HELD):
            by.execute("delete from archive_switch")
            for n, (element, on) in enumerate(CHOICES[choice]):
                by.execute(CHOOSE, [element, on, town.now + timedelta(n)])
            by.execute("update delivery set elements = %s where version is not null", [int(HELD[held])])
            ((deletable,),) = by.execute(DELETABLE, about).fetchall()
            assert deletable != await rule_refuses(town), (choice, held)
            may += [(choice, held)] if deletable else []
    assert may == [
        ("nothing", "the usual"), ("nothing", "all"), ("less", "without overview"), ("less", "the usual"),
        ("less", "all"), ("less, then as before", "the usual"), ("less, then as before", "all"),
        ("more", "all"), ("what can't be", "the usual"), ("what can't be", "all")]


def as_writer(town: Asking) -> Connection:
    return psycopg.connect(plain(town.url), options=options(WRITER, 5000))


async def test_the_hub_itself_deletes_by_the_function_alone_and_it_refuses(town: Asking) -> None:
    call = "select delete_plan(%s::smallint, %s, %s)"
    about = (town.town.municipality, town.town.plan, town.now)
    with past_all(town) as by:
        put(by, "a guardian", PlanStatus.PASSIVE, "as it is", "of the end")
    refusal = pytest.raises(IntegrityConstraintViolation, match="can not be deleted")
    with as_writer(town) as connection, refusal:
        connection.execute(call, about)
    for table in ("plan", "goal", "comment", "consent", "person", "deletion_request"):
        with as_writer(town) as connection, pytest.raises(InsufficientPrivilege):
            connection.execute(f"delete from {table}".encode())
    with pytest.raises(InsufficientPrivilege):
        await town.reader.rows("select delete_plan($1::smallint, $2, $3)", about)


async def test_nothing_is_written_under_a_tombstone(town: Asking) -> None:
    plan, someone = town.town.plan, town.town.persons["nurse"]
    await delete(town)
    for statement in (
            "insert into overview (municipality_id, plan_id, version) values (1, %s, 1)",
            "insert into level_change (municipality_id, plan_id, level, since) values (1, %s, 1, now())",
            "update plan set recorded_status = 'ACTIVE' where id = %s",
            f"update plan set owner_id = '{someone}' where id = %s"):
        refusal = pytest.raises(IntegrityConstraintViolation, match="is deleted")
        with as_writer(town) as connection, refusal:
            connection.execute(statement.encode(), [plan])
            connection.commit()


async def test_every_table_under_a_plan_counts_its_changes_or_is_known_to_be_none(town: Asking) -> None:
    counted = {table for (table,) in rows(
        town, "select tgrelid::regclass::text from pg_trigger where tgfoid = 'count_change'::regproc")}
    under = {table.name for table in Base.metadata.tables.values()
             if "plan_id" in table.columns and table.columns["plan_id"].info.get("to")}
    assert counted == (under - set(UNCOUNTED)) | {"plan"}


@pytest.mark.parametrize("statement", [
    "update overview set strengths = 'x' where plan_id = %s",
    "update consent set withdrawn_at = now() where plan_id = %s and superseded_at is null"])
async def test_a_deletion_waits_for_what_is_being_written_and_then_asks_for_another_archiving(
        town: Asking, statement: str) -> None:
    with psycopg.connect(plain(town.url)) as connection:
        connection.execute("select from plan for no key update")
        connection.execute("select set_config('hub.regranted', %s, true)", [f"plan:{town.town.plan}"])
        deleting = asyncio.create_task(
            change(town, "admin", "deletePlan", planId=f"Plan:{town.town.plan}"))
        await asyncio.sleep(0.3)
        assert not deleting.done()
        connection.execute(statement.encode(), [town.town.plan])
    assert [error["code"] for error in (await deleting)["errors"]] == ["ARCHIVE_FIRST"]


async def test_one_who_writes_while_it_is_deleted_comes_to_a_plan_that_never_was(town: Asking) -> None:
    consent = f"Consent:{town.town.consent}"
    with psycopg.connect(plain(town.url)) as connection:
        connection.execute("select from plan for no key update")
        deleting = asyncio.create_task(change(town, "admin", "deletePlan", planId=f"Plan:{town.town.plan}"))
        await asyncio.sleep(0.3)
        writing = asyncio.create_task(change(town, "guardian1", "withdrawConsent", consentId=consent))
        await asyncio.sleep(0.3)
        assert not (deleting.done() or writing.done())
    assert (await deleting)["errors"] == []
    assert [error["code"] for error in (await writing)["errors"]] == ["NOT_FOUND"]


async def test_a_version_that_is_on_its_way_is_waited_for(town: Asking) -> None:
    await change(town, "stafettholder", "archivePlan", planId=f"Plan:{town.town.plan}", elements=None)
    assert await refused(town, "admin", "deletePlan", planId=f"Plan:{town.town.plan}") == [
        ("TELL_FIRST", "planId")]


async def test_a_wish_stands_while_the_one_who_asks_is_of_the_family(town: Asking) -> None:
    with psycopg.connect(plain(town.url)) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update access_grant set superseded_at = now() where person_id = %s",
                           [town.town.persons["guardian2"]])
    assert await refused(town, "admin", "deletePlan", planId=f"Plan:{town.town.plan}") == [
        ("DELETION_NOT_ASKED", "planId")]
