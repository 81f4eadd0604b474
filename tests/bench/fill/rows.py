"""Rows on their way into the database, table by table."""
from collections import defaultdict
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from uuid_utils.compat import uuid7

MUNICIPALITY = 1


class Rows:
    """What is made and not yet copied."""

    def __init__(self) -> None:
        self.tables: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, table: str, **values: Any) -> UUID:
        """The new row's id."""
        row = {"municipality_id": MUNICIPALITY, "id": uuid7(), **values}
        self.tables[table].append(row)
        return UUID(str(row["id"]))

    def copy(self, connection: psycopg.Connection) -> None:
        """Empties itself into the database."""
        for table, rows in self.tables.items():
            columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
            into = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), columns)
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row(tuple(row.values()))
        self.tables.clear()
