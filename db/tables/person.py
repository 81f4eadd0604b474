"""Persons, one record each across all plans of a municipality, and the posts they hold outside plans."""
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    Index,
    Integer,
    Select,
    Text,
    UniqueConstraint,
    and_,
    collate,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.rules.words import AddressProtection, Channel, Post
from db.tables.held import Asking, Base, Row, Rule, allows, held, link
from db.tables.unit import Unit, UnitGroup


def unprotected(person: Any, asking: Asking) -> ColumnElement[bool]:
    """Where an address is protected, contact details are for oneself and whom the consent names for it."""
    return or_(person.address_protection == AddressProtection.NONE, allows(Right.PROTECTED, asking),
               person.id == asking.viewer)


def not_employed(person: Any, asking: Asking) -> ColumnElement[bool]:
    """A plan tells when its child was born, and its family; not how old the teacher is."""
    return or_(person.position.is_(None), person.id == asking.viewer)


def private(person: Any, asking: Asking) -> ColumnElement[bool]:
    """One who works here is called at work: what else is theirs they alone see, unless they show it."""
    return and_(or_(person.position.is_(None), person.shows_private, person.id == asking.viewer),
                unprotected(person, asking))


def unless(hides: str, rule: Rule) -> Rule:
    """`rule`, and that the person does not hide such numbers."""
    def shown(person: Any, asking: Asking) -> ColumnElement[bool]:
        return and_(or_(~getattr(person, hides), person.id == asking.viewer), rule(person, asking))
    return shown


def mendable(person: Any, asking: Asking) -> ColumnElement[bool]:
    """The version is for those who may change what it counts: not that an employee has changed something."""
    return and_(or_(person.position.is_(None), person.id == asking.viewer), unprotected(person, asking))


def findable(person: Any) -> ColumnElement[bool]:
    """Whom a search may find: nobody whose address is protected (domain.md §2)."""
    return person.address_protection == literal_column(f"'{AddressProtection.NONE}'")  # type: ignore[no-any-return]


def likely(person: Any, name: ColumnElement[str], born: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether somebody of this name and birth date is likely the person: born on the same day, and of the
    name they have one word at least in common."""
    return and_(person.birth_date == born, _words(person.name).bool_op("&&")(_words(name)))


def _words(name: Any) -> ColumnElement[Any]:
    """The words of a name as they are compared: in small letters without marks, so that å, ä and æ are a, and
    ö and ø are o; parted at spaces, hyphens, points and the like."""
    small = func.casefold(collate(name, "pg_unicode_fast"))
    marked = func.normalize(small, literal_column("NFKD", Text))
    bare = func.regexp_replace(marked, _text(r"[\u0300-\u036f]"), _text(""), _text("g"))
    alike = func.translate(bare, _text("æøđłŧŋ"), _text("aodltn"))
    words = func.regexp_split_to_array(alike, _text("[[:space:][:punct:]]+"))
    return func.array_remove(words, _text(""), type_=ARRAY(Text))


def _text(said: str) -> ColumnElement[str]:
    return literal_column(f"'{said}'", Text)


class Person(Base):
    __tablename__ = "person"
    __right__ = Right.SHELL
    __table_args__ = (UniqueConstraint("municipality_id", "identity_mark"),
                      Index("person_name_idx", "municipality_id", "name"),
                      Index("person_birth_date_idx", "municipality_id", "birth_date"))
    identity_sealed: Mapped[bytes | None] = held(Right.NEVER)
    identity_mark: Mapped[bytes | None] = held(Right.NEVER)  # a keyed hash, to find a person by their number
    name: Mapped[str] = held(Right.SHELL)
    birth_date: Mapped[date] = held(Right.OVERVIEW_READ, rule=not_employed)
    email: Mapped[str | None] = held(Right.CONTACT, rule=private)
    mobile: Mapped[str | None] = held(Right.CONTACT, rule=unless("hides_mobile", private))  # numbers: E.164
    telephone: Mapped[str | None] = held(Right.CONTACT, rule=unless("hides_telephone", private))
    work_email: Mapped[str | None] = held(Right.CONTACT, rule=unprotected)
    work_mobile: Mapped[str | None] = held(Right.CONTACT, rule=unless("hides_mobile", unprotected))
    work_telephone: Mapped[str | None] = held(Right.CONTACT, rule=unless("hides_telephone", unprotected))
    hides_mobile: Mapped[bool] = held(Right.OWN, default=False, server_default="false")
    hides_telephone: Mapped[bool] = held(Right.OWN, default=False, server_default="false")
    shows_private: Mapped[bool] = held(Right.OWN, default=False, server_default="false")  # of an employee
    version: Mapped[int] = held(Right.EDIT_PERSON, Integer, rule=mendable, default=1, server_default="1")
    position: Mapped[str | None] = held(Right.POSITION)
    workplace_id: Mapped[UUID | None] = held(Right.NEVER, to="unit")
    language: Mapped[str | None] = held(Right.OWN)
    channel: Mapped[Channel | None] = held(Right.OWN)  # of notices; null: SMS where there is a mobile
    joined_at: Mapped[datetime | None] = held(Right.NEVER)  # the first invitation that they accepted
    address_protection: Mapped[AddressProtection] = held(Right.NEVER, default=AddressProtection.NONE)
    workplace: Mapped[Unit | None] = link("Person.workplace_id", Right.WHEREABOUTS, unprotected)
    assignments: Mapped[list["Assignment"]] = link("Assignment.person_id", Right.OWN)


class Assignment(Base):
    """A post outside plans, in one unit, in one group, or (neither given) in the whole municipality."""
    __tablename__ = "assignment"
    __right__ = Right.OWN
    __table_args__ = (Index("assignment_person_id_idx", "municipality_id", "person_id"),
                      CheckConstraint("unit_id is null or group_id is null", name="assignment_scope"),
                      CheckConstraint("post <> 'UNIT_ADMINISTRATOR' or unit_id is not null",
                                      name="assignment_of_a_unit"),
                      CheckConstraint("post <> 'GROUP_ADMINISTRATOR' or group_id is not null",
                                      name="assignment_of_a_group"))
    person_id: Mapped[UUID] = held(Right.NEVER, to="person")
    unit_id: Mapped[UUID | None] = held(Right.NEVER, to="unit")
    group_id: Mapped[UUID | None] = held(Right.NEVER, to="unit_group")
    post: Mapped[Post] = held(Right.OWN)
    since: Mapped[datetime] = held(Right.OWN)
    until: Mapped[datetime | None] = held(Right.OWN)
    unit: Mapped[Unit | None] = link("Assignment.unit_id")
    group: Mapped[UnitGroup | None] = link("Assignment.group_id")


def keeps(asking: Asking) -> ColumnElement[bool]:
    """Whether the viewer is a local administrator now: `rules.post.check_keeps`."""
    post, table = Row(Assignment, "keeper"), Assignment.__table__.alias("keeper")
    held_now: Select[Any] = select(literal_column("1")).select_from(table).where(
        post.municipality_id == asking.municipality, post.person_id == asking.viewer,
        post.post == literal_column(f"'{Post.LOCAL_ADMINISTRATOR}'"), post.since <= asking.now,
        or_(post.until.is_(None), post.until > asking.now))
    return held_now.exists()
