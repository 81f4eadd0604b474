"""The consent form in several languages, each signed as it was read."""
import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0005", "0003", None, None

FORM = ("language", "text", "hash")
MOVE = """
insert into consent_text (municipality_id, plan_id, consent_id, language, text, hash)
  select municipality_id, plan_id, id, language, text, hash from consent;
update consent_signature s set language = c.language from consent c
  where (c.municipality_id, c.id) = (s.municipality_id, s.consent_id) and s.hash is not null"""
MOVE_BACK = """
update consent c set (language, text, hash) = (
  select language, text, hash from consent_text t
  where (t.municipality_id, t.consent_id) = (c.municipality_id, c.id) order by t.id limit 1)"""


def upgrade() -> None:
    op.create_table(
        "consent_text",
        sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in FORM),
        *(sa.ForeignKeyConstraint(["municipality_id", f"{table}_id"], [f"{table}.municipality_id", f"{table}.id"],
                                  name=f"consent_text_{table}_id_fkey") for table in ("plan", "consent")),
        sa.PrimaryKeyConstraint("municipality_id", "id"),
        sa.UniqueConstraint("municipality_id", "consent_id", "language"))
    op.create_index("consent_text_plan_id_idx", "consent_text", ["municipality_id", "plan_id"])
    op.add_column("consent_signature", sa.Column("language", sa.Text(), nullable=True))
    op.add_column("consent_signature", sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("consent_signature_one_token", "consent_signature", ["transaction"], unique=True,
                    postgresql_where=sa.text("method = 'BANKID'"))
    op.create_index("consent_signature_one_sign_in", "consent_signature",
                    ["municipality_id", "person_id", "signed_in_at"], unique=True)
    op.execute(MOVE)
    for name in FORM:
        op.drop_column("consent", name)
    for statement in ROLES:
        op.execute(statement)


def downgrade() -> None:
    for name in FORM:
        op.add_column("consent", sa.Column(name, sa.Text(), nullable=True))
    op.execute(MOVE_BACK)
    for name in FORM:
        op.alter_column("consent", name, nullable=False)
    for index in ("consent_signature_one_token", "consent_signature_one_sign_in"):
        op.drop_index(index, "consent_signature")
    for name in ("language", "signed_in_at"):
        op.drop_column("consent_signature", name)
    op.drop_table("consent_text")
