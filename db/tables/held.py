"""Says which right each mapped attribute asks for, and lets no attribute be mapped without one."""
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnClause,
    ColumnElement,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    FromClause,
    LargeBinary,
    Select,
    SmallInteger,
    Text,
    Uuid,
    literal_column,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column, relationship
from uuid_utils.compat import uuid7

from db.rules.rights import Right


@dataclass(frozen=True)
class Asking:
    """Who asks, where, when, and the mask that holds on this path: SQL expressions, never values.

    The mask is one piece of text, for every attribute asks it: compiled ten times as fast."""
    municipality: ColumnElement[int]
    viewer: ColumnElement[UUID]
    now: ColumnElement[Any]
    mask: ColumnClause[int]


Rule = Callable[[Any, Asking], ColumnElement[bool]]


@dataclass(frozen=True)
class Held:
    """The right an attribute asks for; `rule`: besides the right, which rows show the value;
    `tells`: of a computed field, the columns it tells something of to those who lack their right."""
    right: Right
    rule: Rule | None = None
    tells: tuple[str, ...] = ()


def held(right: Right, *column: Any, rule: Rule | None = None, to: str | None = None,
         **options: Any) -> MappedColumn[Any]:
    """A column and the right it asks for.

    `to` names the table whose row it points to, in the same municipality."""
    return mapped_column(*column, info={"held": Held(right, rule), "to": to}, **options)


def link(column: str, right: Right | None = None, rule: Rule | None = None, **options: Any) -> Any:
    """A relationship along "Noun.column" of either side, for reading only.

    It asks for its noun's right or for `right`. Changes set the columns: with the municipality in every key,
    one column would belong to several relationships."""
    noun = column.partition(".")[0]
    return relationship(foreign_keys=f"[{noun}.municipality_id, {column}]", viewonly=True,
                        info={"held": right and Held(right, rule)}, **options)


def made(noun: type["Made"]) -> Any:
    """A list of rows that the statement makes; for reading only."""
    return noun


def computed(right: Right, tells: tuple[str, ...] = ()) -> Callable[[Any], Any]:
    """A field that is an SQL expression over the row, the right it asks for, and what it tells on purpose."""
    def mark(expression: Any) -> Any:
        expression.held = Held(right, tells=tells)
        return expression
    return mark


class Base(DeclarativeBase):
    """A noun: `__right__` opens its rows on every road that leads to them, `__order__` sorts them.

    The municipality stands first in every key, so that a table can be sharded by it
    and no row can point to a neighbour's."""
    __abstract__ = True
    __right__: Right
    __order__: str = "id"
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy's own form
        datetime: DateTime(timezone=True), date: Date(), int: BigInteger, str: Text, bytes: LargeBinary,
        UUID: Uuid(), StrEnum: Enum(StrEnum, native_enum=False, length=40)}

    municipality_id: Mapped[int] = held(Right.NEVER, SmallInteger, primary_key=True, sort_order=-2)
    id: Mapped[UUID] = held(Right.NEVER, primary_key=True, default=uuid7, server_default=text("uuidv7()"),
                            sort_order=-1)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__dict__.get("__abstract__"):
            return
        unheld = [c.key for c in cls.__table__.columns if "held" not in c.info]
        if unheld or "__right__" not in cls.__dict__:
            raise TypeError(f"{cls.__name__}: no right is declared for {unheld or 'its rows (__right__)'}")
        cls.__table__.columns["id"].info["held"] = Held(cls.__right__)
        cls._point()

    @classmethod
    def _point(cls) -> None:
        """Foreign keys with the municipality in them.

        A table that points nowhere else points to its municipality."""
        table: Any = cls.__table__
        pointing = [(c.name, c.info["to"]) for c in table.columns if c.info.get("to")]
        for name, to in pointing:
            table.append_constraint(ForeignKeyConstraint(
                ["municipality_id", name], [f"{to}.municipality_id", f"{to}.id"],
                name=f"{table.name}_{name}_fkey"))
        if not pointing and cls.__name__ != "Municipality" and not cls.__dict__.get("__loose__"):
            table.c.municipality_id.append_foreign_key(
                ForeignKey("municipality.municipality_id", name=f"{table.name}_municipality_fkey"))

    @classmethod
    def holding(cls, name: str) -> Held | None:
        """How a column is held; None where the attribute is computed."""
        column = cls.__table__.columns.get(name)
        return None if column is None else column.info["held"]

    @staticmethod
    def visible(row: Any, asking: Asking) -> ColumnElement[bool] | None:
        """The row rule; None where the right to the noun is enough."""
        return None


class Row:
    """The columns of a noun, or of rows that the statement makes, under an alias; each made when asked for,
    as text.

    Aliases of a mapped table copy every column and foreign key, which took half the time of compiling.
    What is text brings no FROM along: a subselect stands among the rows around it without being told so."""

    def __init__(self, noun: type[Base] | FromClause, name: str) -> None:
        self._rows, self._name = noun if isinstance(noun, FromClause) else noun.__table__, name

    def __getattr__(self, column: str) -> ColumnElement[Any]:
        return literal_column(self[column], self._rows.columns[column].type)

    def __getitem__(self, column: str) -> str:
        """The same as text."""
        return f'"{self._name}"."{column}"'


class Made(ABC):
    """A noun whose rows no table keeps: the statement makes them from constants and the row above."""
    __right__: Right
    __order__: str
    shown: tuple[str, ...]  # the columns that may be asked for, under the noun's right

    @classmethod
    @abstractmethod
    def rows(cls, asking: Asking, above: Any) -> Select[Any]:
        """The rows below one row."""

    @classmethod
    def holding(cls, name: str) -> Held | None:
        """How a column is held; None where the attribute is computed."""
        return Held(cls.__right__) if name in cls.shown else None

    @staticmethod  # noqa: B027  there is nothing to ask
    def visible(row: Any, asking: Asking) -> None:
        """Every row that is made is for the one who asks."""


Noun = type[Base] | type[Made]


def allows(right: Right, asking: Asking) -> ColumnElement[bool]:
    """Whether the mask on this path has the right."""
    return literal_column(f"{asking.mask.name} & {int(right)} <> 0", Boolean)
