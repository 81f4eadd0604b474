"""Facts change with the ledger or not at all, whoever connects; and what was written down stays as it was."""
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, IntegrityConstraintViolation
from sqlalchemy import Column, delete, event, insert, inspect, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql.visitors import iterate

from db.engine import READER, WRITER, options, plain
from db.gate.ledger import facts_of
from db.rules.words import PlanStatus
from db.seeds.parts import Town
from db.tables import Base
from db.tables.consent import Consent, ConsentName
from db.tables.municipality import Municipality
from db.tables.person import Person
from db.tables.plan import Plan, StatusChange
from tests.support.asking import DAY, NOW, Asking
from tests.support.embedded import Server, name_of
from tests.support.ledger import switched, taking_part

FORBIDDEN: dict[str, Any] = {
    "update": update(Plan).values(owner_id=UUID(int=1)), "delete": delete(ConsentName),
    "insert": insert(StatusChange).values(status=PlanStatus.ACTIVE),
    "by table": delete(Base.metadata.tables["participant"]),
    "of persons": update(Person).values(birth_date=date(2000, 1, 1)),
    "of settings": update(Municipality).values(consent_age=16),
    "returning": update(Consent).values(withdrawn_at=None).returning(Consent.id),
    "text": text("update consent set withdrawn_at = null")}


@pytest.fixture(scope="module")
async def refusing(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    """A town where everything that is tried is refused, so that the tries can share it."""
    asking = Asking(postgres.fresh(name_of(template[0])))
    asking.town = template[1]
    async with asking.writer(NOW - DAY) as session, session.begin():
        session.add(switched(asking, on=False))
    yield await asking.open()
    await asking.close()


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_a_statement_that_would_pass_the_ledger_by_is_refused(refusing: Asking, statement: str) -> None:
    async with refusing.writer(NOW) as session, session.begin():
        with pytest.raises(TypeError, match="decides rights"):
            await session.execute(FORBIDDEN[statement])


GUARDED = {  # every column that the rule asks about, with a change of it
    "plan": ("owner_id = stafettholder_id", "type = 'INDIVIDUAL_PLAN'"),
    "element_switch": ("plan_type = 'INDIVIDUAL_PLAN'", "element = 'CALENDAR'", "is_on = true",
                       "since = '{now}'"),
    "status_change": ("status = 'CLOSED'", "since = '{now}'"),
    "participant": ("role = 'GUARDIAN'", "unit_id = null", "since = '{now}'", "until = '{now}'",
                    "accepted_at = null", "must_declare = true", "declared_at = '{now}'",
                    "person_id = '{stranger}' where person_id = '{nurse}'"),
    "consent": ("sent_at = null", "opened_at = '{now}'", "valid_until = '{now}'", "withdrawn_at = '{now}'",
                "superseded_at = '{now}'", "declined_at = '{now}'"),
    "consent_name": ("person_id = '{stranger}'", "unit_id = '{unit}', person_id = null", "held_back = 0",
                     "whereabouts = true", "consent_id = '{consent}'"),
    "person": ("birth_date = '2000-01-01'", "address_protection = 'CONFIDENTIAL'"),
    "municipality": ("consent_age = 16",)}
RAW = [
    *(f"update {table} set {change}" for table, changes in GUARDED.items() for change in changes),
    "delete from status_change", "delete from consent_name",
    "delete from participant where person_id = '{former}'",
    *(f"create temporary table copied as select * from {table} limit 1; update copied set id = uuidv7(){new};"
      f"insert into {table} select * from copied" for table, new in {
          "plan": ", type = 'INDIVIDUAL_PLAN'", "participant": ", person_id = '{stranger}'",
          "status_change": "", "consent": "", "consent_name": "", "element_switch": ""}.items())]


@pytest.mark.parametrize("statement", RAW)
async def test_whoever_connects_can_not_change_facts_without_regranting(
        refusing: Asking, statement: str) -> None:
    """Not even the owner of the tables: a load that brings its own ledger turns the triggers off."""
    town = refusing.town
    known = {**town.persons, "consent": town.consent, "unit": town.units["PPT Nordmo"]}
    with psycopg.connect(plain(refusing.url)) as connection:
        assert connection.execute(statement.format(**known, now=NOW).encode()).rowcount > 0
        with pytest.raises(IntegrityConstraintViolation, match="without re-granting"):
            connection.commit()


async def test_every_column_that_the_rule_asks_about_is_guarded(refusing: Asking) -> None:
    read: set[tuple[str, str]] = set()

    def note(state: ORMExecuteState) -> None:
        statement: Any = state.statement
        read.update((each.table.name, each.name) for each in iterate(statement) if isinstance(each, Column))
    async with refusing.writer(NOW) as session:
        event.listen(session.sync_session, "do_orm_execute", note)
        await session.run_sync(facts_of, (refusing.town.municipality, refusing.town.plan))
    keys = {"municipality_id", "id", "plan_id"}
    assert {(table, column) for table, column in read if column not in keys} == {
        (table, change.partition(" ")[0]) for table, changes in GUARDED.items() for change in changes}


async def test_objects_that_are_written_in_bulk_are_refused_at_the_commit(refusing: Asking) -> None:
    """They pass by all that a session remembers."""
    ways: list[Callable[[Session], object]] = [
        lambda s: s.bulk_save_objects([taking_part(refusing, "stranger")]),
        lambda s: s.bulk_insert_mappings(inspect(StatusChange), [{
            "municipality_id": refusing.town.municipality, "plan_id": refusing.town.plan,
            "status": PlanStatus.ACTIVE, "since": NOW}]),
        lambda s: s.bulk_update_mappings(inspect(Person), [{
            "municipality_id": refusing.town.municipality, "id": refusing.town.persons["owner"],
            "birth_date": date(2000, 1, 1)}])]
    for way in ways:
        with pytest.raises(IntegrityError, match="without re-granting"):
            async with refusing.writer(NOW) as session, session.begin():
                await session.run_sync(way)


async def test_the_reader_may_select_and_write_the_logs_and_nothing_else(refusing: Asking) -> None:
    with psycopg.connect(plain(refusing.url)) as connection:
        rights = connection.execute(
            "select table_name, privilege_type from information_schema.role_table_grants "
            "where grantee = %s and privilege_type <> 'SELECT'", [READER]).fetchall()
    assert set(rights) == {(log, "INSERT") for log in ("access_log", "search_log", "system_request")}
    for statement in (
            "update consent set withdrawn_at = null", "delete from access_grant", "delete from access_log",
            "insert into access_grant select * from access_grant", "truncate access_log"):
        with pytest.raises(InsufficientPrivilege):
            await refusing.reader.rows(statement, [])


def as_writer(asking: Asking) -> psycopg.Connection:
    return psycopg.connect(plain(asking.url), options=options(WRITER, 5000))


@pytest.mark.parametrize("statement", [
    "update access_grant set mask = -1", "update access_grant set valid_until = null",
    "update access_grant set recorded_at = valid_from", "update access_grant set person_id = person_id",
    "update access_log set elements = 0", "update access_log set person_id = person_id",
    "update search_log set sought = ''", "update status_change set since = since",
    *(f"delete from {table}" for table in (
        "access_grant", "access_log", "search_log", "status_change", "consent", "consent_name",
        "consent_signature", "plan", "person")),
    "truncate access_grant", "truncate access_log", "drop table access_log",
    "alter table plan disable trigger all", "set session_replication_role = replica"])
async def test_the_writer_can_not_change_what_was_written_down(refusing: Asking, statement: str) -> None:
    with as_writer(refusing) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement.encode())


async def test_a_row_of_the_ledger_that_is_superseded_stays_so(refusing: Asking) -> None:
    """Superseding is the only change there is, and it happens once."""
    refusal = pytest.raises(IntegrityConstraintViolation, match="superseded once")
    with as_writer(refusing) as connection, refusal:
        connection.execute("update access_grant set superseded_at = null where superseded_at is not null")
