"""What the database itself refuses: roles that can't do more than they must, a ledger that is only added to, and facts
that are changed without re-granting. With them, Procrastinate's tables."""
from alembic import op
from procrastinate.schema import SchemaManager

from db.migrations.guards import FACTS, REGRANTED, ROLES

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None

REFUSE = """
create function refuse_ungranted() returns trigger language plpgsql as $$
declare
    kept record := coalesce(new, old);
    wanted text := tg_argv[0] || ':' || case tg_argv[1] when 'id' then kept.id else (to_jsonb(kept)->>tg_argv[1])::uuid end;
begin
    if strpos(coalesce(current_setting('hub.regranted', true), ''), wanted) = 0 then
        raise exception 'what decides rights was changed without re-granting: % %', tg_table_name, wanted
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$
"""

SUPERSEDE = """
create function refuse_waking() returns trigger language plpgsql as $$
begin
    raise exception 'a row of the ledger is superseded once' using errcode = 'integrity_constraint_violation';
end $$;
create trigger access_grant_superseded_once before update on access_grant
    for each row when (old.superseded_at is not null) execute function refuse_waking()
"""


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    connection.execute(SchemaManager.get_schema())
    for statement in ROLES:
        connection.execute(statement)
    connection.execute(REFUSE)
    connection.execute(SUPERSEDE)
    for statement in REGRANTED:
        connection.execute(statement)


def downgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    for table, *_ in FACTS:
        connection.execute(f"drop trigger if exists {table}_regranted on {table}")
    connection.execute("drop function refuse_ungranted")
    connection.execute("drop function refuse_waking cascade")
    names = [row[0] for row in connection.execute("select tablename from pg_tables where tablename like 'procrastinate%'")]
    connection.execute(f"drop table {', '.join(names)} cascade")
    routines = connection.execute("select oid::regprocedure from pg_proc where proname like 'procrastinate%'").fetchall()
    for (routine,) in routines:
        connection.execute(f"drop function if exists {routine} cascade")
    types = connection.execute("select typname from pg_type where typname like 'procrastinate%' and typtype in ('e','c')")
    for (name,) in types.fetchall():
        connection.execute(f"drop type if exists {name} cascade")
    connection.execute("drop owned by hub_reader, hub_writer")  # their rights here; the roles may serve other databases
