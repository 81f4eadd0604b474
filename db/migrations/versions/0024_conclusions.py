"""Conclusions of meetings on their way to a service's fagsystem: gone, whoever writes it, when that has them."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0024", "0023", None, None

TO = {"plan_id": "plan", "delivery_id": "delivery", "unit_id": "unit", "by_id": "person"}
FORGET = (
    """create function forget_conclusion() returns trigger language plpgsql set search_path = public, pg_temp as $$
       begin
           delete from conclusion where (municipality_id, delivery_id) = (new.municipality_id, new.id);
           return null;
       end $$""",
    """create trigger conclusion_forgotten after update of state on delivery for each row
       when (new.kind = 'CONCLUSION' and new.state in ('CONFIRMED', 'CANCELLED', 'EXPIRED'))
       execute function forget_conclusion()""")


def upgrade() -> None:
    op.create_table(
        "conclusion", sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in TO),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("municipality_id", "id"),
        sa.UniqueConstraint("municipality_id", "delivery_id"),
        *(sa.ForeignKeyConstraint(["municipality_id", column], [f"{table}.municipality_id", f"{table}.id"],
                                  name=f"conclusion_{column}_fkey") for column, table in TO.items()))
    op.create_index("conclusion_plan_id_idx", "conclusion", ["municipality_id", "plan_id"])
    op.add_column("municipality", sa.Column("sends_conclusions", sa.Boolean(), nullable=False,
                                            server_default="false"))
    for statement in (*FORGET, *ROLES):
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop trigger conclusion_forgotten on delivery")
    op.execute("drop function forget_conclusion")
    op.drop_column("municipality", "sends_conclusions")
    op.drop_table("conclusion")
