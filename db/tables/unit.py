"""Units and their groups: one kindergarten, school or clinic, with its fagsystem."""
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.tables.held import Base, held, link


class UnitGroup(Base):
    __tablename__ = "unit_group"
    __right__ = Right.PUBLIC
    __order__ = "name"
    name: Mapped[str] = held(Right.PUBLIC)


class Unit(Base):
    __tablename__ = "unit"
    __right__ = Right.PUBLIC
    __order__ = "name"
    __table_args__ = (Index("unit_group_id_idx", "municipality_id", "group_id"),)
    group_id: Mapped[UUID] = held(Right.NEVER, to="unit_group")
    name: Mapped[str] = held(Right.PUBLIC)
    organisation_number: Mapped[str] = held(Right.PUBLIC)
    fagsystem: Mapped[str | None] = held(Right.NEVER)  # the name of the target that its records go to
    group: Mapped[UnitGroup] = link("Unit.group_id")
