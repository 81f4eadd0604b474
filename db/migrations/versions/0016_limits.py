"""How much a target takes: whose turn it is, and how many are under way."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0016", "0015", None, None


def upgrade() -> None:
    op.add_column("target", sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("delivery", sa.Column("turn_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("delivery_under_way", "delivery", ["target"], postgresql_where=sa.text("state = 'SENT'"))


def downgrade() -> None:
    op.drop_index("delivery_under_way", "delivery")
    op.drop_column("delivery", "turn_at")
    op.drop_column("target", "taken_until")
