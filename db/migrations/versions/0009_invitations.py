"""Invitations by single-use links, and declarations of confidentiality. Who took part before has accepted."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0009", "0008", None, None

UNGUARDED = "drop trigger participant_regranted on participant"
GUARDED = """create constraint trigger participant_regranted after {} on participant deferrable initially deferred
  for each row execute function refuse_ungranted('plan', 'plan_id')"""
BEFORE = "insert or delete or update of plan_id, person_id, role, unit_id, since, until"
JOINED = """update person set joined_at = part.since from (
  select municipality_id, person_id, min(since) as since from participant group by 1, 2) part
  where (person.municipality_id, person.id) = (part.municipality_id, part.person_id)"""
COLUMNS = ("accepted_at", "invited_until", "link_number", "link_hash", "must_declare", "declared_at")


def key(table: str, *columns: sa.Column) -> None:
    """A table of the municipality's, with an id of its own."""
    op.create_table(
        table, sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False), *columns,
        sa.PrimaryKeyConstraint("municipality_id", "id"))


def upgrade() -> None:
    op.add_column("municipality", sa.Column("invitation_days", sa.Integer(), nullable=False, server_default="30"))
    op.create_check_constraint("municipality_invitation_days", "municipality", "invitation_days > 0")
    op.add_column("person", sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(JOINED)
    for name, kind in (("accepted_at", sa.DateTime(timezone=True)), ("invited_until", sa.DateTime(timezone=True)),
                       ("link_hash", sa.LargeBinary()), ("declared_at", sa.DateTime(timezone=True))):
        op.add_column("participant", sa.Column(name, kind, nullable=True))
    op.add_column("participant", sa.Column("link_number", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("participant", sa.Column("must_declare", sa.Boolean(), nullable=False, server_default="false"))
    # rights stay as they are: each has accepted from the start, and nobody's door is shut behind their back
    op.execute(UNGUARDED)
    op.execute("update participant set accepted_at = since")
    op.execute(GUARDED.format("insert or delete or update"))
    op.create_index("participant_link", "participant", ["municipality_id", "link_hash"], unique=True,
                    postgresql_where=sa.text("link_hash is not null"))
    key("declaration_text", sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False), sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.municipality_id"],
                                name="declaration_text_municipality_fkey"),
        sa.UniqueConstraint("municipality_id", "language", "version"))
    key("declaration", sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.Text(), nullable=False), sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        *(sa.ForeignKeyConstraint(["municipality_id", f"{to}_id"], [f"{to}.municipality_id", f"{to}.id"],
                                  name=f"declaration_{to}_id_fkey") for to in ("plan", "participant")),
        sa.UniqueConstraint("municipality_id", "participant_id"))
    op.create_index("declaration_plan_id_idx", "declaration", ["municipality_id", "plan_id"])
    for statement in ROLES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("declaration")
    op.drop_table("declaration_text")
    op.execute(UNGUARDED)
    op.drop_index("participant_link", "participant")
    for column in COLUMNS:
        op.drop_column("participant", column)
    op.execute(GUARDED.format(BEFORE))
    op.drop_column("person", "joined_at")
    op.drop_column("municipality", "invitation_days")
