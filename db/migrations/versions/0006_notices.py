"""Notices to people: over which channel, as deliveries to a person; and reminders, each told once."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0006", "0005", None, None

KINDS = ("CONSENT_TO_SIGN", "CONSENT_SIGNED", "CONSENT_DECLINED", "CONSENT_WITHDRAWN", "BATON_PROPOSED", "BATON_ANSWERED",
         "BATON_GIVEN", "CONSENT_EXPIRES", "SIGNERS_CHANGE")


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def upgrade() -> None:
    op.add_column("person", sa.Column("channel", words("channel", "SMS", "EMAIL"), nullable=True))
    op.add_column("municipality", sa.Column("sms", sa.Text(), nullable=True))
    op.add_column("municipality", sa.Column("email", sa.Text(), nullable=True))
    op.add_column("delivery", sa.Column("recipient_id", sa.Uuid(), nullable=True))
    op.add_column("delivery", sa.Column("notice", words("noticekind", *KINDS), nullable=True))
    op.add_column("delivery", sa.Column("channel", words("channel", "SMS", "EMAIL"), nullable=True))
    op.create_foreign_key("delivery_recipient_id_fkey", "delivery", "person", ["municipality_id", "recipient_id"],
                          ["municipality_id", "id"])
    op.add_column("municipality", sa.Column("reminder_days", sa.ARRAY(sa.Integer()), nullable=False,
                                            server_default="{60,30,7}"))
    op.create_table(
        "reminder",
        sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("about", words("noticekind", *KINDS), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["municipality_id", "plan_id"], ["plan.municipality_id", "plan.id"],
                                name="reminder_plan_id_fkey"),
        sa.PrimaryKeyConstraint("municipality_id", "id"),
        sa.UniqueConstraint("municipality_id", "plan_id", "about", "due_at"))
    # the clock comes to every plan that has a next moment, and finds its reminders
    op.execute("update plan set next_change_at = now() where next_change_at > now()")
    for statement in ROLES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("reminder")
    op.drop_column("municipality", "reminder_days")
    for column in ("channel", "notice", "recipient_id"):
        op.drop_column("delivery", column)
    op.drop_column("municipality", "email")
    op.drop_column("municipality", "sms")
    op.drop_column("person", "channel")
