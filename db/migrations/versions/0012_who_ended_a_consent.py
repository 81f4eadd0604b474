"""Who declined or withdrew a consent, and who wrote it down for them. Of those before it is not known."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0012", "0011", None, None

COLUMNS = ("ended_by_id", "entered_by_id")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("consent", sa.Column(name, sa.Uuid(), nullable=True))
        op.create_foreign_key(f"consent_{name}_fkey", "consent", "person",
                              ["municipality_id", name], ["municipality_id", "id"])


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_constraint(f"consent_{name}_fkey", "consent")
        op.drop_column("consent", name)
