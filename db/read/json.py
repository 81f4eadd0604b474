"""Rows as JSON: an object from one row, an array from many."""
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select

# no GraphQL name can be "$", so no response key is ever taken for the row
ROW: ColumnElement[Any] = literal_column('"$"')
EMPTY: ColumnElement[Any] = literal_column("'[]'::json")
NOTHING: ColumnElement[Any] = literal_column("'{}'::json")


def as_object(rows: Select[Any]) -> ColumnElement[Any]:
    return select(func.row_to_json(ROW)).select_from(rows.subquery("$")).scalar_subquery()


def bare(columns: list[ColumnElement[Any]]) -> ColumnElement[Any]:
    """An object made of values of the rows around it."""
    return as_object(select(*columns))


def as_array(rows: Select[Any]) -> ColumnElement[Any]:
    many = select(func.coalesce(func.json_agg(func.row_to_json(ROW)), EMPTY))
    return many.select_from(rows.subquery("$")).scalar_subquery()
