"""The migrations make what the models say, and take away what they made."""
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic import command

from db.engine import READER, WRITER
from db.migrations import config, downgrade, upgrade
from db.migrations.guards import APPEND_ONLY, NEVER_DELETED
from db.rules.words import PlanStatus, PlanType
from db.seeds.parts import Town
from db.tables import Base
from tests.support.embedded import Server, name_of
from tests.support.histories import Level, Past, Status, at, founded, lived

OURS = """
    select 'table', relname::text from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'S', 'v', 'i')
    union all select 'function', proname from pg_proc where pronamespace = 'public'::regnamespace
    union all select 'type', typname from pg_type where typnamespace = 'public'::regnamespace
    union all select 'right', grantee::regrole::text from pg_namespace, aclexplode(nspacl)
        where nspname = 'public' and grantee::regrole::text like 'hub_%'"""


@pytest.fixture(scope="module")
def migrated(postgres: Server) -> Iterator[str]:
    url = postgres.fresh()
    upgrade(url)
    yield url
    postgres.drop(url)


def asked(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_the_models_are_what_the_migrations_make(migrated: str) -> None:
    command.check(config(migrated))


def test_every_model_has_its_table(migrated: str) -> None:
    listed = asked(migrated, "select tablename from pg_tables where schemaname = 'public'")
    found = {name for (name,) in listed if not name.startswith("procrastinate_")}
    assert set(Base.metadata.tables) <= found
    assert found - set(Base.metadata.tables) == {"alembic_version"}


def test_what_was_made_can_be_taken_away_and_made_again(postgres: Server) -> None:
    url = postgres.fresh()
    before = asked(url, OURS)
    for _ in range(2):
        upgrade(url)
        downgrade(url)
        left = {row for row in asked(url, OURS) if row not in before and "alembic_version" not in row[1]}
        assert left == set()
    postgres.drop(url)


def test_moving_to_where_one_is_does_nothing(migrated: str) -> None:
    before = sorted(asked(migrated, OURS))
    upgrade(migrated)
    assert sorted(asked(migrated, OURS)) == before


def test_plans_that_were_there_are_said_to_have_been_where_they_are_since_they_were_opened(
        postgres: Server) -> None:
    url = postgres.fresh()
    upgrade(url, "0003")
    unit = founded(url, 8, {"schools": 1}, {}).units["schools 1"]
    statuses = [Status(at(2026, 3, 4), PlanStatus.CLOSED), Status(at(2026, 3), PlanStatus.DRAFT)]
    lived(url, 8, [Past(unit, PlanType.STAFETTLOGG, statuses, [Level(at(2026, 3), 1)])])
    upgrade(url)
    assert asked(url, "select unit_id, since, reason, by_id from unit_change") == [
        (unit, at(2026, 3), None, None)]
    postgres.drop(url)


FORMS = """select consent_id, language, text, hash from consent_text order by 1"""
SIGNED = "select id, language, hash, transaction from consent_signature order by 1"


def test_what_was_signed_before_there_were_languages_is_kept_as_it_was_signed(
        postgres: Server, template: tuple[str, Town]) -> None:
    url = postgres.fresh(name_of(template[0]))
    before = [asked(url, query) for query in (FORMS, SIGNED)]
    downgrade(url, "0003")
    assert asked(url, "select id, language, text, hash from consent order by 1") == before[0]
    upgrade(url)
    assert [asked(url, query) for query in (FORMS, SIGNED)] == before
    postgres.drop(url)


def refused(url: str, role: str, statement: str) -> bool:
    """Whether the role may not, by its grants: the statement is planned and not run."""
    try:
        with psycopg.connect(url, options=f"-c role={role}") as connection:
            connection.execute(f"explain {statement}")
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def test_the_roles_are_there_and_sign_in_nowhere(migrated: str) -> None:
    roles = asked(migrated, f"""select rolname, rolcanlogin, rolsuper from pg_roles
        where rolname in ('{READER}', '{WRITER}')""")
    assert sorted(roles) == [(READER, False, False), (WRITER, False, False)]


def test_a_reader_reads_and_adds_to_the_logs_and_no_more(migrated: str) -> None:
    for table in Base.metadata.tables:
        assert not refused(migrated, READER, f"select * from {table}"), table
        assert refused(migrated, READER, f"update {table} set id = id"), table
        assert refused(migrated, READER, f"delete from {table}"), table
        assert refused(migrated, READER, f"insert into {table} default values") == (
            table not in ("access_log", "search_log", "system_request")), table


def test_a_writer_adds_to_what_is_kept_for_ever_and_changes_it_nowhere(migrated: str) -> None:
    for table in Base.metadata.tables:
        assert not refused(migrated, WRITER, f"insert into {table} default values"), table
        assert refused(migrated, WRITER, f"update {table} set id = id") == (table in APPEND_ONLY), table
        assert refused(migrated, WRITER, f"delete from {table}") == (
            table in APPEND_ONLY + NEVER_DELETED), table
    assert not refused(migrated, WRITER, "update access_grant set superseded_at = now()")
    assert refused(migrated, WRITER, "update access_grant set mask = 0")


def test_what_decides_rights_can_not_be_changed_without_granting_anew(migrated: str) -> None:
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute("""
            insert into municipality (municipality_id, number, organisation_number, name, language,
                                      consent_age, guardians_sign_too, consent_days, threshold)
            values (9, '3299', '999999999', 'X', 'nb', 15, true, 365, 5)""")
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="without re-granting"):
            connection.execute("update municipality set consent_age = 16")
        connection.execute("update municipality set name = 'Y'")
        connection.execute("delete from municipality")
