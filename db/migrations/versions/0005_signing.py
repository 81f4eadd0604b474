"""Signing: the form in several languages, the sign-in that confirms it, and the PDFs beside it."""
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from db.migrations.guards import ROLES

revision, down_revision, branch_labels, depends_on = "0005", "0004", None, None

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


DOCUMENT_OF = {"plan_id": "plan", "consent_id": "consent", "signer_id": "person", "by_id": "person"}
KIND = sa.Enum("PAPER", "SIGNED_FORM", name="documentkind", native_enum=False, length=40)


def key() -> tuple[sa.Column[int], sa.Column[UUID]]:
    return (sa.Column("municipality_id", sa.SmallInteger(), nullable=False),
            sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False))


def pdf() -> tuple[sa.Column[str], sa.Column[bytes]]:
    return sa.Column("sha256", sa.Text(), nullable=False), sa.Column("sealed", sa.LargeBinary(), nullable=False)


def pointing(table: str, **to: str) -> tuple[sa.Constraint, ...]:
    """The key, and where the columns point to."""
    return (sa.PrimaryKeyConstraint("municipality_id", "id"), *(
        sa.ForeignKeyConstraint(["municipality_id", column], [f"{there}.municipality_id", f"{there}.id"],
                                name=f"{table}_{column}_fkey") for column, there in to.items()))


def upgrade() -> None:
    op.create_table(
        "consent_text", *key(),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in FORM),
        *pointing("consent_text", plan_id="plan", consent_id="consent"),
        sa.UniqueConstraint("municipality_id", "consent_id", "language"))
    for column in ("plan_id", "hash"):
        op.create_index(f"consent_text_{column}_idx", "consent_text", ["municipality_id", column])
    op.add_column("consent_signature", sa.Column("language", sa.Text(), nullable=True))
    op.add_column("consent_signature", sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("consent_signature_one_token", "consent_signature", ["transaction"], unique=True,
                    postgresql_where=sa.text("method = 'BANKID'"))
    op.create_index("consent_signature_one_sign_in", "consent_signature",
                    ["municipality_id", "person_id", "signed_in_at"], unique=True)
    op.create_table(
        "upload", *key(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        *pdf(), *pointing("upload", person_id="person"))
    op.create_index("upload_person_id_idx", "upload", ["municipality_id", "person_id"])
    op.create_index("ix_upload_uploaded_at", "upload", ["uploaded_at"])
    op.create_table(
        "consent_document", *key(),
        *(sa.Column(name, sa.Uuid(), nullable=name in ("signer_id", "by_id")) for name in DOCUMENT_OF),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        *pdf(), *pointing("consent_document", **DOCUMENT_OF))
    for name, columns in (("consent_id", ["consent_id", "id"]), ("plan_id", ["plan_id"]), ("sha256", ["sha256"])):
        op.create_index(f"consent_document_{name}_idx", "consent_document", ["municipality_id", *columns])
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
    for table in ("consent_text", "consent_document", "upload"):
        op.drop_table(table)
