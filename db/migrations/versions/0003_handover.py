"""The baton on its way from one stafettholder to the next."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0003", "0002", None, None

STATES = sa.Enum("PROPOSED", "ACCEPTED", "DECLINED", "LAPSED", "FORCED", name="handoverstate", native_enum=False, length=40)
TO = {"plan_id": "plan", "holder_id": "person", "successor_id": "person", "by_id": "person"}


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("state", STATES, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        *(sa.ForeignKeyConstraint(["municipality_id", column], [f"{table}.municipality_id", f"{table}.id"],
                                  name=f"handover_{column}_fkey") for column, table in TO.items()),
        sa.PrimaryKeyConstraint("municipality_id", "id"))
    op.create_index("handover_plan_id_idx", "handover", ["municipality_id", "plan_id"])
    op.create_index("handover_one_open", "handover", ["municipality_id", "plan_id"], unique=True,
                    postgresql_where=sa.text("state = 'PROPOSED'"))
    for statement in ROLES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("handover")
