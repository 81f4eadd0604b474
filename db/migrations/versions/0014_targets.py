"""How it is with each receiver that a municipality tells something: paused, at rest, measured, checked."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0014", "0013", None, None

MOMENTS = ("resting_until", "paused_at", "measured_at", "oldest_unconfirmed_at", "checked_at")
COUNTS = ("failures", "waiting", "attempts", "failed")


def upgrade() -> None:
    op.create_table(
        "target", sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in MOMENTS),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in COUNTS),
        sa.Column("pause_reason", sa.String(40), nullable=True),
        sa.Column("paused_by_id", sa.Uuid(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("municipality_id", "id"),
        sa.UniqueConstraint("municipality_id", "name"),
        sa.ForeignKeyConstraint(["municipality_id", "paused_by_id"], ["person.municipality_id", "person.id"],
                                name="target_paused_by_id_fkey"))
    op.create_index("delivery_attempt_started", "delivery_attempt", ["municipality_id", "started_at"])
    for statement in ROLES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("delivery_attempt_started", "delivery_attempt")
    op.drop_table("target")
