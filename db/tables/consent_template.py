"""The municipality's consent forms, from which a plan's own is drafted; a version is never altered."""
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    UniqueConstraint,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Mapped

from db.rules.language import LEFTWARD_SCRIPTS, RIGHT_TO_LEFT
from db.rules.rights import Right
from db.rules.words import Direction, PlanType
from db.tables.held import Asking, Base, Row, computed, held
from db.tables.person import keeps


def _quoted(words: frozenset[str]) -> list[ColumnElement[str]]:
    return [literal_column(f"'{word}'") for word in sorted(words)]


def direction_of(language: ColumnElement[str]) -> ColumnElement[Any]:
    """`rules.language.direction`, said in SQL."""
    first, second = (func.split_part(language, literal_column("'-'"), literal_column(n)) for n in "12")
    named = func.length(second) == literal_column("4")
    leftward = or_(and_(named, second.in_(_quoted(LEFTWARD_SCRIPTS))),
                   and_(~named, first.in_(_quoted(RIGHT_TO_LEFT))))
    return case((leftward, Direction.RTL.value), else_=Direction.LTR.value)


class ConsentTemplate(Base):
    """A form in one language. A new version is a new form: it takes the place of the old in all of them."""
    __tablename__ = "consent_template"
    __right__ = Right.PUBLIC
    __table_args__ = (UniqueConstraint("municipality_id", "plan_type", "language", "version"),)
    plan_type: Mapped[PlanType] = held(Right.PUBLIC)
    language: Mapped[str] = held(Right.PUBLIC)
    version: Mapped[int] = held(Right.PUBLIC, Integer)
    title: Mapped[str] = held(Right.PUBLIC)
    text: Mapped[str] = held(Right.PUBLIC)
    published_at: Mapped[datetime] = held(Right.PUBLIC)
    by_id: Mapped[UUID | None] = held(Right.NEVER, to="person")

    @computed(Right.PUBLIC)
    def direction(row: Any, asking: Asking) -> ColumnElement[Any]:
        return direction_of(row.language)

    @computed(Right.PUBLIC)
    def replaced_at(row: Any, asking: Asking) -> ColumnElement[Any]:
        """When the next version came; null of the one in use."""
        newer = Row(ConsentTemplate, "newer")
        return _newer(row, func.min(newer.published_at)).scalar_subquery()

    @staticmethod
    def visible(row: Any, asking: Asking) -> ColumnElement[bool]:
        """The newest version alone, for nobody shall start from a form that has been replaced; and the others
        to those who keep them."""
        return or_(newest(row), keeps(asking))


def newest(row: Any) -> ColumnElement[bool]:
    return ~_newer(row, literal_column("1")).exists()


def _newer(row: Any, told: ColumnElement[Any]) -> Select[Any]:
    """What is told of the versions after this one."""
    newer = Row(ConsentTemplate, "newer")
    return select(told).select_from(ConsentTemplate.__table__.alias("newer")).where(
        newer.municipality_id == row.municipality_id, newer.plan_type == row.plan_type,
        newer.version > row.version)

