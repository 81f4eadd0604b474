"""What fagsystemer ask by themselves: of whom they were told, for the family, and every request, for local
administrators."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0021", "0020", None, None

ONCE, READER = "access_log_once_an_hour", ("municipality_id", "plan_id", "person_id")
WHAT = ("hour", "elements", "action")


def upgrade() -> None:
    op.create_table(
        "system_request", sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("organisation_number", sa.Text(), nullable=False),
        sa.Column("supplier_number", sa.Text(), nullable=True),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("municipality_id", "id"))
    op.create_index("system_request_at_idx", "system_request", ["municipality_id", "at"])
    for name in ("unit_id", "consent_id"):
        op.add_column("access_log", sa.Column(name, sa.Uuid(), nullable=True))
    op.drop_constraint(ONCE, "access_log")
    op.create_unique_constraint(ONCE, "access_log", [*READER, "unit_id", *WHAT],
                                postgresql_nulls_not_distinct=True)
    op.create_index("plan_owner_id_idx", "plan", ["municipality_id", "owner_id"])
    for statement in ROLES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("plan_owner_id_idx", "plan")
    op.execute("delete from access_log where unit_id is not null")  # it names nobody who read
    op.drop_constraint(ONCE, "access_log")
    op.create_unique_constraint(ONCE, "access_log", [*READER, *WHAT])
    for name in ("consent_id", "unit_id"):
        op.drop_column("access_log", name)
    op.drop_table("system_request")
