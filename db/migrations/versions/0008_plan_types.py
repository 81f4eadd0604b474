"""Elements of each type of plan, switched on and off by the municipality; the ledger says what a type lacks. Consent
templates are published, by whom and when."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import REGRANTED, ROLES

revision, down_revision, branch_labels, depends_on = "0008", "0007", None, None

TYPES = ("STAFETTLOGG", "INDIVIDUAL_PLAN", "INDIVIDUAL_EDUCATION_PLAN")
ELEMENTS = ("OVERVIEW", "GOALS", "ACTIVITIES", "COMMENTS", "MESSAGES", "CALENDAR", "TIMELINE", "PARTICIPANTS", "LIFE_AREAS",
            "PROFESSIONAL_PLANS", "DOCUMENTS", "MAPPING", "ACCESS_LOG", "CONSENT", "ADMINISTRATION")


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def upgrade() -> None:
    op.create_table(
        "element_switch",
        sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("plan_type", words("plantype", *TYPES), nullable=False),
        sa.Column("element", words("element", *ELEMENTS), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["municipality_id", "by_id"], ["person.municipality_id", "person.id"],
                                name="element_switch_by_id_fkey"),
        sa.PrimaryKeyConstraint("municipality_id", "id"))
    op.create_index("element_switch_plan_type_idx", "element_switch", ["municipality_id", "plan_type"])
    op.add_column("access_grant", sa.Column("absent", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("consent_template", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update consent_template set published_at = uuid_extract_timestamp(id)")
    op.alter_column("consent_template", "published_at", nullable=False)
    op.add_column("consent_template", sa.Column("by_id", sa.Uuid(), nullable=True))
    op.drop_constraint("consent_template_municipality_fkey", "consent_template")
    op.create_foreign_key("consent_template_by_id_fkey", "consent_template", "person", ["municipality_id", "by_id"],
                          ["municipality_id", "id"])
    # the clock comes to every plan, and grants anew what its type has; what it lacks holds nothing yet
    op.execute("update plan set next_change_at = now() where next_change_at is null or next_change_at > now()")
    for statement in (*REGRANTED, *ROLES):
        op.execute(statement)


def downgrade() -> None:
    op.create_foreign_key("consent_template_municipality_fkey", "consent_template", "municipality", ["municipality_id"],
                          ["municipality_id"])
    op.drop_column("consent_template", "by_id")
    op.drop_column("consent_template", "published_at")
    op.drop_column("access_grant", "absent")
    op.drop_table("element_switch")
