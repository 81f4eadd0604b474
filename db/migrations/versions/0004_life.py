"""What is kept of a plan's life, and of statistics when they were first told."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0004", "0003", None, None

# where each plan is now, and has been as far as anybody wrote down
OPENED_IN = """insert into unit_change (municipality_id, plan_id, unit_id, since, by_id)
  select p.municipality_id, p.id, p.unit_id, opened.since, opened.by_id from plan p cross join lateral (
    select since, by_id from status_change s where s.municipality_id = p.municipality_id and s.plan_id = p.id
    order by since, id limit 1) opened"""


def upgrade() -> None:
    op.create_table(
        "unit_change",
        sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        *(sa.ForeignKeyConstraint(["municipality_id", column], [f"{table}.municipality_id", f"{table}.id"],
                                  name=f"unit_change_{column}_fkey")
          for column, table in {"plan_id": "plan", "unit_id": "unit", "by_id": "person"}.items()),
        sa.PrimaryKeyConstraint("municipality_id", "id"))
    op.create_index("unit_change_plan_id_idx", "unit_change", ["municipality_id", "plan_id"])
    op.execute(OPENED_IN)
    op.add_column("plan", sa.Column("successor_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("plan_successor_id_fkey", "plan", "plan",
                          ["municipality_id", "successor_id"], ["municipality_id", "id"])
    op.create_table(
        "statistics_release",
        sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("half", sa.SmallInteger(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.municipality_id"],
                                name="statistics_release_municipality_fkey"),
        sa.PrimaryKeyConstraint("municipality_id", "id"),
        sa.UniqueConstraint("municipality_id", "year", "half"))
    for statement in ROLES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("statistics_release")
    op.drop_column("plan", "successor_id")
    op.drop_table("unit_change")
