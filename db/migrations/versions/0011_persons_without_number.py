"""Persons without an identity number are found by birth date and name."""
from alembic import op

revision, down_revision, branch_labels, depends_on = "0011", "0010", None, None


def upgrade() -> None:
    op.create_index("person_birth_date_idx", "person", ["municipality_id", "birth_date"])


def downgrade() -> None:
    op.drop_index("person_birth_date_idx", "person")
