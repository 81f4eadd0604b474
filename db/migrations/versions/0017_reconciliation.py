"""What targets hold by their own word, beside what they have confirmed: each night, with a report."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0017", "0016", None, None


def upgrade() -> None:
    op.create_table(
        "reconciliation", sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0")
          for name in ("same", "missing", "different", "unanswered")),
        sa.PrimaryKeyConstraint("municipality_id", "id"),
        sa.ForeignKeyConstraint(["municipality_id", "target_id"], ["target.municipality_id", "target.id"],
                                name="reconciliation_target_id_fkey"))
    op.create_index("reconciliation_target", "reconciliation", ["municipality_id", "target_id", "started_at"])
    op.add_column("delivery", sa.Column("record", sa.String(40), nullable=True))
    op.add_column("delivery", sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True))
    for statement in ROLES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("delivery", "compared_at")
    op.drop_column("delivery", "record")
    op.drop_table("reconciliation")
