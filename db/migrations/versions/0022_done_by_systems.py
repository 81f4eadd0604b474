"""Plans that a fagsystem has opened for a plan creator say so; and its idempotency keys are its organisation's."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0022", "0021", None, None

ONCE, THROUGH = "replay_municipality_id_person_id_key_field_key", "opened_through_id"


def upgrade() -> None:
    op.add_column("plan", sa.Column(THROUGH, sa.Uuid(), nullable=True))
    op.create_foreign_key("plan_opened_through_id_fkey", "plan", "unit", ["municipality_id", THROUGH],
                          ["municipality_id", "id"])
    op.add_column("replay", sa.Column("organisation_number", sa.Text(), nullable=True))
    op.alter_column("replay", "person_id", nullable=True)
    op.drop_constraint(ONCE, "replay")
    op.create_unique_constraint("replay_once", "replay", [
        "municipality_id", "person_id", "organisation_number", "key", "field"], postgresql_nulls_not_distinct=True)
    for statement in ROLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("delete from replay where person_id is null")
    op.drop_constraint("replay_once", "replay")
    op.create_unique_constraint(ONCE, "replay", ["municipality_id", "person_id", "key", "field"])
    op.alter_column("replay", "person_id", nullable=False)
    op.drop_column("replay", "organisation_number")
    op.drop_constraint("plan_opened_through_id_fkey", "plan")
    op.drop_column("plan", THROUGH)
