"""A question asked before and after a change that is never committed.

Where every test had a copy of the database, PostgreSQL planned every question in each: that was most of the
proof's time. On one connection they are planned once."""
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, NoReturn

import psycopg
from psycopg.pq import TransactionStatus

from db.engine import READER, Reader, options, plain
from tests.support.crowd import AskingCrowd, Crowd
from tests.support.scramble import scramble
from tests.support.theirs import Chosen

# What is changed meets no trigger and no foreign key; what is asked is planned once for all who ask.
ALONE = " -c session_replication_role=replica -c plan_cache_mode=force_generic_plan"


class OneReader(Reader):
    """Answers on one connection, in the transaction that it is in."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    async def answer(self, sql: str, values: Sequence[Any]) -> list[bytes | None]:
        with psycopg.RawCursor(self.connection) as cursor:
            found = cursor.execute(sql, values).pgresult
            return [found.get_value(0, n) for n in range(found.nfields)] if found else []

    async def rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        with psycopg.RawCursor(self.connection) as cursor:
            return cursor.execute(sql, values).fetchall()


class Trial(AskingCrowd):
    """Asks as any of the crowd."""

    def __init__(self, crowd: Crowd, connection: psycopg.Connection) -> None:
        super().__init__(crowd)
        self.connection = connection
        self.reader = OneReader(connection)
        self.hub = replace(self.hub, reader=self.reader, writer=_refused)

    def scramble(self, part: str, archive: Chosen | None = None) -> int:
        """How many rows were changed or added, of what this part may not see."""
        self.connection.prepare_threshold = None
        self.connection.execute("set local role none")
        changed = scramble(self.connection, self.viewer(part), self.now, archive)
        self.connection.execute(f"set local role {READER}")
        self.connection.prepare_threshold = 0
        return changed


def _refused(_: datetime) -> NoReturn:
    raise AssertionError("a trial writes nothing: it would stay, and in another database")


@contextmanager
def line(url: str) -> Iterator[psycopg.Connection]:
    """A connection for many trials."""
    with psycopg.connect(plain(url), autocommit=True, prepare_threshold=None,
                         options=options(READER, 60_000) + ALONE) as connection:
        connection.prepared_max = None
        for statement in ("set role none", "create temp table first ()", f"set role {READER}"):
            connection.execute(statement)  # a session's first temporary table has all planned anew
        connection.prepare_threshold = 0
        yield connection


@contextmanager
def trial(crowd: Crowd, connection: psycopg.Connection) -> Iterator[Trial]:
    """Begun and rolled back below the driver, which else forgets all that it has prepared."""
    connection.pgconn.exec_(b"begin")
    try:
        yield Trial(crowd, connection)
        assert connection.info.transaction_status == TransactionStatus.INTRANS
    finally:
        connection.pgconn.exec_(b"rollback")
