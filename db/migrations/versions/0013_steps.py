"""How far a delivery of several calls has come."""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision, branch_labels, depends_on = "0013", "0012", None, None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("steps", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("delivery", "steps")
