"""Alerts of targets to local administrators: deliveries that belong to no plan, and news that grow old."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0015", "0014", None, None

WAITING = "state not in ('CONFIRMED', 'CANCELLED', 'EXPIRED')"
IN_ORDER = ["municipality_id", "plan_id", "target", "seq"]


def upgrade() -> None:
    op.add_column("target", sa.Column("blocked", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("target", sa.Column("fault_since", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "alert", sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("municipality_id", "id"),
        sa.ForeignKeyConstraint(["municipality_id", "target_id"], ["target.municipality_id", "target.id"],
                                name="alert_target_id_fkey"))
    op.create_index("alert_open", "alert", ["municipality_id", "target_id", "kind"], unique=True,
                    postgresql_where=sa.text("ended_at is null"))
    op.add_column("delivery", sa.Column("alert_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("delivery_alert_id_fkey", "delivery", "alert", ["municipality_id", "alert_id"],
                          ["municipality_id", "id"])
    for table in ("delivery", "delivery_attempt"):
        op.alter_column(table, "plan_id", nullable=True)
    op.drop_constraint("delivery_municipality_id_plan_id_target_seq_key", "delivery")
    op.create_unique_constraint("delivery_municipality_id_plan_id_target_seq_key", "delivery", IN_ORDER,
                                postgresql_nulls_not_distinct=True)
    op.drop_index("delivery_waiting", "delivery")
    op.create_index("delivery_waiting", "delivery", IN_ORDER, postgresql_where=sa.text(WAITING))
    for statement in ROLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("delete from delivery_attempt where plan_id is null")
    op.execute("delete from delivery where plan_id is null")
    op.drop_index("delivery_waiting", "delivery")
    op.create_index("delivery_waiting", "delivery", IN_ORDER,
                    postgresql_where=sa.text("state not in ('CONFIRMED', 'CANCELLED')"))
    op.drop_constraint("delivery_municipality_id_plan_id_target_seq_key", "delivery")
    op.create_unique_constraint("delivery_municipality_id_plan_id_target_seq_key", "delivery", IN_ORDER)
    for table in ("delivery", "delivery_attempt"):
        op.alter_column(table, "plan_id", nullable=False)
    op.drop_column("delivery", "alert_id")
    op.drop_table("alert")
    op.drop_column("target", "fault_since")
    op.drop_column("target", "blocked")
