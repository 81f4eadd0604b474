"""What a unit is to note in its own fagsystem by hand, and who of it has answered."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0023", "0022", None, None

TO = {"plan_id": "plan", "delivery_id": "delivery", "unit_id": "unit"}


def upgrade() -> None:
    op.create_table(
        "task", sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in TO),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("municipality_id", "id"),
        sa.UniqueConstraint("municipality_id", "delivery_id"),
        *(sa.ForeignKeyConstraint(["municipality_id", column], [f"{table}.municipality_id", f"{table}.id"],
                                  name=f"task_{column}_fkey") for column, table in TO.items()))
    for column in ("plan_id", "unit_id"):
        op.create_index(f"task_{column}_idx", "task", ["municipality_id", column])
    op.create_index("task_reminding", "task", ["remind_at"],
                    postgresql_where=sa.text("remind_at is not null"))
    op.add_column("delivery", sa.Column("answered_by_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("delivery_answered_by_id_fkey", "delivery", "person",
                          ["municipality_id", "answered_by_id"], ["municipality_id", "id"])
    for statement in ROLES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("delivery", "answered_by_id")
    op.drop_table("task")
