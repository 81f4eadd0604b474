"""Deletion: the requests, a count of what changes in a plan, and the one function that leaves a tombstone."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES
from db.rules.rights import ARCHIVE_BY_CUSTOM, Right

revision, down_revision, branch_labels, depends_on = "0010", "0009", None, None

TO = {"plan_id": "plan", "by_id": "person"}
STATES = sa.Enum("ASKED", "WITHDRAWN", "REFUSED", name="deletionstate", native_enum=False, length=40)
GONE = ("owner_id", "stafettholder_id", "short_name")  # what a tombstone lacks
LOG, WHOLE = int(Right.ACCESS_LOG_READ), int(ARCHIVE_BY_CUSTOM)

# Nothing can be written under a tombstone.
COUNT = """
create function count_change() returns trigger language plpgsql as $$
declare
    kept record := coalesce(new, old);
    gone timestamptz;
begin
    if tg_table_name = 'plan' then
        gone := old.deleted_at;
        update plan set revision = revision + 1 where (municipality_id, id) = (kept.municipality_id, kept.id);
    else
        update plan set revision = revision + 1
            where (municipality_id, id) = (kept.municipality_id, kept.plan_id) returning deleted_at into gone;
    end if;
    if gone is not null then
        raise exception 'the plan is deleted' using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$
"""

REVISION = """
create function plan_revision(home smallint, one uuid) returns bigint language plpgsql as $$
begin
    set constraints counted immediate;
    return (select revision from plan where (municipality_id, id) = (home, one));
end $$
"""

DELETABLE = f"""
create function deletable(home smallint, gone uuid, at timestamptz) returns boolean language sql
    set search_path = public, pg_temp as $$
select exists (select from plan p where (p.municipality_id, p.id) = (home, gone)
  and p.deleted_at is null and p.recorded_status = 'CLOSED'
  and exists (select from deletion_request r
    join access_grant g on (g.municipality_id, g.plan_id, g.person_id) = (r.municipality_id, r.plan_id, r.by_id)
    where (r.municipality_id, r.plan_id) = (home, gone) and r.state = 'ASKED' and g.superseded_at is null
      and g.valid_from <= at and (g.valid_until is null or g.valid_until > at) and g.mask & {LOG} <> 0)
  and exists (select from delivery d where (d.municipality_id, d.plan_id) = (home, gone) and d.kind = 'ARCHIVED'
    and d.state = 'CONFIRMED' and d.elements & {WHOLE} = {WHOLE} and d.revision = p.revision)
  and not exists (select from delivery d where (d.municipality_id, d.plan_id) = (home, gone)
    and d.state not in ('CONFIRMED', 'CANCELLED') and (d.kind <> 'NOTICE' or d.state = 'SENT'))
  and not exists (select from (
    select distinct on (d.unit_id, d.target) d.kind from delivery d
    where (d.municipality_id, d.plan_id) = (home, gone) and d.unit_id is not null
      and (d.state <> 'CANCELLED' or d.attempt_count > 0)
    order by d.unit_id, d.target, d.seq desc) last where kind in ('OPENED', 'HOLDER_CHANGED', 'CORRECTED')))
$$
"""

# All that stands under a plan goes, whatever tables there are; but for what is kept and names nobody. It goes
# in one statement, at whose end foreign keys are looked at. Of the ledger, what it said of those who worked in
# the plan is kept: the family's intervals turn on birthdays. Then who is in nothing else goes: the foreign
# keys tell. A log of searches keeps who was looked for, and by whom, but not a name that was typed in.
DELETE = """
create function delete_plan(home smallint, gone uuid, at timestamptz) returns void language plpgsql
    security definer set search_path = public, pg_temp as $$
declare
    people uuid[];
    one uuid;
    emptied text;
begin
    perform from plan where (municipality_id, id) = (home, gone) for update;
    perform plan_revision(home, gone);
    if not deletable(home, gone, at) then
        raise exception 'the plan can not be deleted' using errcode = 'integrity_constraint_violation';
    end if;
    people := array(select id from person where municipality_id = home and position is null and id in (
        select owner_id from plan where (municipality_id, id) = (home, gone)
        union select person_id from participant where (municipality_id, plan_id) = (home, gone)));
    delete from access_grant where (municipality_id, plan_id) = (home, gone) and (
        person_id = any (people) or person_id in (select person_id from participant
            where (municipality_id, plan_id) = (home, gone) and role not in ('STAFETTHOLDER', 'PROVIDER')));
    update access_grant set superseded_at = greatest(at, recorded_at)
        where (municipality_id, plan_id) = (home, gone) and superseded_at is null;
    select 'with ' || string_agg(format(
            'd%s as (delete from %s where (municipality_id, plan_id) = ($1, $2))', conrelid, conrelid::regclass),
            ', ') || ', delivered as (delete from delivery where (municipality_id, plan_id) = ($1, $2)
                and (kind <> ''ARCHIVED'' or state <> ''CONFIRMED'')
                and notice is distinct from ''DELETION_DONE'') select'
        into emptied from pg_constraint
        where contype = 'f' and confrelid = 'plan'::regclass and conname = conrelid::regclass || '_plan_id_fkey'
            and conrelid::regclass::text not in ('status_change', 'level_change', 'consent', 'access_grant', 'delivery');
    execute emptied using home, gone;
    update status_change set by_id = null where (municipality_id, plan_id) = (home, gone);
    update level_change set reason = null where (municipality_id, plan_id) = (home, gone);
    update delivery set body_sealed = null,
            ordered_by = case when ordered_by = any (people) then null else ordered_by end
        where (municipality_id, plan_id) = (home, gone) and kind = 'ARCHIVED';
    update plan set successor_id = null where municipality_id = home and gone in (id, successor_id);
    update plan set owner_id = null, stafettholder_id = null, short_name = null, next_evaluation_date = null,
            next_change_at = null, protected = false, deleted_at = at
        where (municipality_id, id) = (home, gone);
    foreach one in array people loop
        begin
            delete from replay where (municipality_id, person_id) = (home, one);
            delete from upload where (municipality_id, person_id) = (home, one);
            delete from person where (municipality_id, id) = (home, one);
            update search_log set sought = '' where municipality_id = home and one = any (search_log.found);
        exception when foreign_key_violation then null;
        end;
    end loop;
    perform set_config('hub.regranted',
                       concat_ws('|', current_setting('hub.regranted', true), 'plan:' || gone), true);
end $$
"""


def upgrade() -> None:
    op.create_table(
        "deletion_request",
        sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in TO),
        sa.Column("state", STATES, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        *(sa.ForeignKeyConstraint(["municipality_id", column], [f"{table}.municipality_id", f"{table}.id"],
                                  name=f"deletion_request_{column}_fkey") for column, table in TO.items()),
        sa.PrimaryKeyConstraint("municipality_id", "id"))
    op.create_index("deletion_request_plan_id_idx", "deletion_request", ["municipality_id", "plan_id"])
    op.create_index("deletion_request_once", "deletion_request", ["municipality_id", "plan_id", "by_id"], unique=True,
                    postgresql_where=sa.text("state = 'ASKED'"))
    op.add_column("plan", sa.Column("revision", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("plan", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("delivery", sa.Column("revision", sa.BigInteger(), nullable=True))
    for name in GONE:
        op.alter_column("plan", name, nullable=True)
    op.create_check_constraint("plan_or_tombstone", "plan", " and ".join(f"{name} is not null" for name in GONE)
                               + " or deleted_at is not null")
    for statement in (COUNT, REVISION, DELETABLE, DELETE, *ROLES):
        op.execute(statement)


def downgrade() -> None:
    """Fails where there are tombstones: what they lack nobody can give back."""
    for function in ("delete_plan", "deletable", "plan_revision", "count_change"):
        op.execute(f"drop function {function} cascade")
    op.drop_constraint("plan_or_tombstone", "plan")
    for name in GONE:
        op.alter_column("plan", name, nullable=False)
    op.drop_column("delivery", "revision")
    for name in ("deleted_at", "revision"):
        op.drop_column("plan", name)
    op.drop_table("deletion_request")
