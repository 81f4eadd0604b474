"""When to archive: what versions of a type hold, the municipality's days, and who was due on them. What a plan must
have in the archive before it is deleted is what is chosen for its type."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES
from db.rules.rights import ARCHIVE_BY_CUSTOM, Element, Right

revision, down_revision, branch_labels, depends_on = "0020", "0017", None, None

TYPES = ("STAFETTLOGG", "INDIVIDUAL_PLAN", "INDIVIDUAL_EDUCATION_PLAN")
ELEMENTS = ("OVERVIEW", "GOALS", "ACTIVITIES", "COMMENTS", "MESSAGES", "CALENDAR", "TIMELINE", "PARTICIPANTS", "LIFE_AREAS",
            "PROFESSIONAL_PLANS", "DOCUMENTS", "MAPPING", "ACCESS_LOG", "CONSENT", "ADMINISTRATION")
LOG, WHOLE = int(Right.ACCESS_LOG_READ), int(ARCHIVE_BY_CUSTOM)
CHOSEN = ("OVERVIEW", "MESSAGES", "CALENDAR", "TIMELINE", "LIFE_AREAS", "PROFESSIONAL_PLANS", "DOCUMENTS", "MAPPING",
          "ACCESS_LOG")  # a switch of any other counts for nothing
BITS = ", ".join(f"('{element}', {int(Element[element].read)}::bigint)" for element in CHOSEN)
AS_BEFORE = f"d.elements & {WHOLE} = {WHOLE}"
AS_CHOSEN = "d.elements & archived(home, p.type) = archived(home, p.type)"

ARCHIVED = f"""
create function archived(home smallint, kind text) returns bigint language sql stable
    set search_path = public, pg_temp as $$
select {WHOLE} & ~coalesce(bit_or(bit) filter (where not is_on), 0) | coalesce(bit_or(bit) filter (where is_on), 0)
from (select distinct on (element) element, is_on from archive_switch
      where (municipality_id, plan_type) = (home, kind) order by element, since desc, id desc) last
join (values {BITS}) bits (element, bit) using (element)
$$
"""


def deletable(whole: str) -> str:
    """As in 0010, but for what makes a version whole."""
    return f"""
create or replace function deletable(home smallint, gone uuid, at timestamptz) returns boolean language sql
    set search_path = public, pg_temp as $$
select exists (select from plan p where (p.municipality_id, p.id) = (home, gone)
  and p.deleted_at is null and p.recorded_status = 'CLOSED'
  and exists (select from deletion_request r
    join access_grant g on (g.municipality_id, g.plan_id, g.person_id) = (r.municipality_id, r.plan_id, r.by_id)
    where (r.municipality_id, r.plan_id) = (home, gone) and r.state = 'ASKED' and g.superseded_at is null
      and g.valid_from <= at and (g.valid_until is null or g.valid_until > at) and g.mask & {LOG} <> 0)
  and exists (select from delivery d where (d.municipality_id, d.plan_id) = (home, gone) and d.kind = 'ARCHIVED'
    and d.state = 'CONFIRMED' and {whole} and d.revision = p.revision)
  and not exists (select from delivery d where (d.municipality_id, d.plan_id) = (home, gone)
    and d.state not in ('CONFIRMED', 'CANCELLED') and (d.kind <> 'NOTICE' or d.state = 'SENT'))
  and not exists (select from (
    select distinct on (d.unit_id, d.target) d.kind from delivery d
    where (d.municipality_id, d.plan_id) = (home, gone) and d.unit_id is not null
      and (d.state <> 'CANCELLED' or d.attempt_count > 0)
    order by d.unit_id, d.target, d.seq desc) last where kind in ('OPENED', 'HOLDER_CHANGED', 'CORRECTED')))
$$
"""


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def table(name: str, *parts: sa.Column[object] | sa.Constraint) -> None:
    op.create_table(
        name, sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False), *parts,
        sa.PrimaryKeyConstraint("municipality_id", "id"))


def upgrade() -> None:
    table("archive_switch", sa.Column("plan_type", words("plantype", *TYPES), nullable=False),
          sa.Column("element", words("element", *ELEMENTS), nullable=False),
          sa.Column("is_on", sa.Boolean(), nullable=False), moment("since"),
          sa.Column("by_id", sa.Uuid(), nullable=True),
          sa.ForeignKeyConstraint(["municipality_id", "by_id"], ["person.municipality_id", "person.id"],
                                  name="archive_switch_by_id_fkey"))
    op.create_index("archive_switch_plan_type_idx", "archive_switch", ["municipality_id", "plan_type"])
    table("archive_campaign", moment("due_at"), moment("begun_at"), sa.UniqueConstraint("municipality_id", "due_at"),
          sa.ForeignKeyConstraint(["municipality_id"], ["municipality.municipality_id"],
                                  name="archive_campaign_municipality_fkey"))
    table("archive_due", sa.Column("plan_id", sa.Uuid(), nullable=False), moment("due_at"),
          moment("done_at", nullable=True), sa.UniqueConstraint("municipality_id", "plan_id", "due_at"),
          sa.ForeignKeyConstraint(["municipality_id", "plan_id"], ["plan.municipality_id", "plan.id"],
                                  name="archive_due_plan_id_fkey"))
    op.create_index("archive_due_waiting", "archive_due", ["id"], postgresql_where=sa.text("done_at is null"))
    op.add_column("municipality", sa.Column("archive_dates", sa.ARRAY(sa.Text()), nullable=False,
                                            server_default="{06-01,12-01}"))
    op.add_column("municipality", sa.Column("archive_dates_since", sa.DateTime(timezone=True), nullable=False,
                                            server_default=sa.func.now()))
    op.add_column("delivery", sa.Column("whole", sa.Boolean(), nullable=True))
    op.execute(f"update delivery set whole = elements & {WHOLE} = {WHOLE} where kind = 'ARCHIVED'")
    for statement in (ARCHIVED, deletable(AS_CHOSEN), *ROLES):
        op.execute(statement)


def downgrade() -> None:
    op.execute(deletable(AS_BEFORE))
    op.execute("drop function archived")
    op.drop_column("delivery", "whole")
    for name in ("archive_dates_since", "archive_dates"):
        op.drop_column("municipality", name)
    for name in ("archive_due", "archive_campaign", "archive_switch"):
        op.drop_table(name)
