"""Contact details at work and in private, what is hidden of them, and versions against lost updates."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0007", "0006", None, None

TEXTS = ("telephone", "work_email", "work_mobile", "work_telephone")
SWITCHES = ("hides_telephone", "shows_private")
# An employee's e-mail and mobile were shown wherever they took part, so they were those of the work; not of one who is
# a relative in some plan, whose number may be the private one: that closes.
AT_WORK = """update person p set work_email = email, work_mobile = mobile, email = null, mobile = null
  where position is not null and not exists (
    select from participant t where (t.municipality_id, t.person_id) = (p.municipality_id, p.id)
      and t.role in ('OWNER', 'GUARDIAN', 'NEXT_OF_KIN'))"""


def upgrade() -> None:
    for column in TEXTS:
        op.add_column("person", sa.Column(column, sa.Text(), nullable=True))
    for column in SWITCHES:
        op.add_column("person", sa.Column(column, sa.Boolean(), nullable=False, server_default="false"))
    op.alter_column("person", "hides_mobile", server_default="false")
    op.add_column("person", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("participant", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.execute(AT_WORK)
    for statement in ROLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("""update person set email = coalesce(email, work_email), mobile = coalesce(mobile, work_mobile)
      where position is not null""")
    op.drop_column("participant", "version")
    op.drop_column("person", "version")
    op.alter_column("person", "hides_mobile", server_default=None)
    for column in (*SWITCHES, *TEXTS):
        op.drop_column("person", column)
