"""Alembic's way in: the address comes from the caller or from DATABASE_URL, the models from db.tables."""
import os

from alembic import context
from sqlalchemy import create_engine

from db.engine import plain
from db.tables import Base

url = context.config.attributes.get("url") or os.environ["DATABASE_URL"]


def ours(_: object, name: str | None, kind: str, *__: object) -> bool:
    """Procrastinate keeps its own tables, and moves them by its own scripts."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


engine = create_engine(plain(url).replace("postgresql://", "postgresql+psycopg://"))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, include_object=ours,
                      transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
