"""Every attribute asks for the agreed right, and what GraphQL shows, sorts and filters by is an attribute."""
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    get_named_type,
    is_abstract_type,
)
from sqlalchemy import MetaData, inspect
from sqlalchemy.orm import Mapped, mapped_column, registry

from db.read.filter import TESTS
from db.read.root import ROOTS
from db.read.source import NOUNS, way
from db.rules.rights import Right
from db.tables.held import Base, Held, Made, Noun, held
from schema import root
from schema.root import schema
from schema.selection import python_name
from tests.support.agreed import BESIDES, NOBODYS, ROWS
from tests.support.coverage import reachable
from tests.support.questions import SCHEMA, is_list, is_page, kind, leads_to

ALL: dict[str, Noun] = {**NOUNS, **{made.__name__: made for made in Made.__subclasses__()}}
SEEN_WITH_THE_ROW = {Right.PUBLIC, Right.SHELL}


def held_of(noun: Noun, name: str) -> Held:
    """How a relationship, a column or a computed field is held. AttributeError: it is none of these."""
    to = way(noun, name)
    found: Held = to.held if to else noun.holding(name) or getattr(noun, name).held
    return found


def usual(noun: Noun, name: str) -> Right:
    """Asked for where nothing else was agreed: the right to its rows, or to those that it leads to."""
    to = way(noun, name)
    return (to.noun if to else noun).__right__


def computed(noun: Noun) -> dict[str, Held]:
    fields = {name: getattr(value, "held", None) for name, value in vars(noun).items()}
    return {name: how for name, how in fields.items() if isinstance(how, Held)}


def attributes(noun: Noun) -> Iterator[str]:
    yield from computed(noun)
    yield from (name for name, to in vars(noun).items() if isinstance(to, type) and issubclass(to, Made))
    if issubclass(noun, Made):
        yield from noun.shown
    else:
        yield from (*noun.__table__.columns.keys(), *inspect(noun).relationships.keys())


def keys() -> set[str]:
    """Columns that point to other rows, or to the municipality; a row's own id is as open as the row."""
    return {f"{name}.{column.name}" for name, noun in NOUNS.items() for column in noun.__table__.columns
            if column.name.endswith("_id") or column.info.get("to")}


def fields() -> Iterator[tuple[str, str, GraphQLField]]:
    """All that Query leads to as rows under a mask: the type, the field's name, the field."""
    query = kind("Query")
    roots = {name: field for name, field in query.fields.items()
             if python_name(field, name) not in schema.called}
    yield from (("Query", name, field) for name, field in roots.items())
    shown = {of for field in roots.values() for to in [leads_to(field)] if to for of in reachable(to)}
    yield from ((of.name, name, field) for of in shown for name, field in of.fields.items())


def listings() -> Iterator[tuple[Noun, GraphQLField]]:
    """The fields that show rows of a noun."""
    for _, _, field in fields():
        to = leads_to(field)
        noun = ALL.get(to.name.removesuffix("Connection")) if to else None
        if noun is not None:
            yield noun, field


def orders_and_filters() -> Iterator[tuple[Noun, str]]:
    """The attributes by which the rows of a noun can be sorted or chosen."""
    for noun, field in listings():
        for given in (field.args[name] for name in ("orderBy", "filter") if name in field.args):
            of = get_named_type(given.type)
            if isinstance(of, GraphQLEnumType):
                yield from ((noun, value.value.lower().removesuffix("_desc")) for value in of.values.values())
            elif isinstance(of, GraphQLInputObjectType):
                yield from ((noun, python_name(part, name)) for name, part in of.fields.items())


def other_base() -> type[Base]:
    """What is mapped below it leaves the hub's own tables alone."""
    class Apart(Base):
        __abstract__ = True
        metadata = MetaData()
        _sa_registry = registry(metadata=metadata, type_annotation_map=Base.registry.type_annotation_map)
    return Apart


def test_a_column_without_a_right_is_not_mapped() -> None:
    with pytest.raises(TypeError, match=r"Diary: no right is declared for \['entry'\]"):
        class Diary(other_base()):  # type: ignore[misc]
            __tablename__ = "diary"
            __right__ = Right.SHELL
            entry: Mapped[str] = mapped_column()


def test_a_table_without_a_right_to_its_rows_is_not_mapped() -> None:
    with pytest.raises(TypeError, match="Diary: no right is declared for its rows"):
        class Diary(other_base()):  # type: ignore[misc]
            __tablename__ = "diary"
            entry: Mapped[str] = held(Right.SHELL)


def test_every_right_is_the_agreed_one() -> None:
    found = {f"{name}.{a}": held_of(noun, a).right for name, noun in ALL.items() for a in attributes(noun)}
    agreed = {f"{name}.{a}": usual(noun, a) for name, noun in ALL.items() for a in attributes(noun)}
    assert {name: noun.__right__ for name, noun in ALL.items()} == ROWS
    assert found == agreed | BESIDES | dict.fromkeys(NOBODYS | keys(), Right.NEVER)


def test_every_right_is_one_bit_for_a_mask_is_asked_for_any_of_several() -> None:
    assert {right for right in (*ROWS.values(), *BESIDES.values()) if right.bit_count() != 1} == set()


def test_every_field_of_a_noun_is_an_attribute_that_somebody_may_see() -> None:
    shown = {f"{of}.{name}": held_of(ALL[of], python_name(field, name)).right
             for of, name, field in fields() if of in ALL}
    assert {name for name, right in shown.items() if right is Right.NEVER} == set()


def test_every_field_that_can_be_withheld_can_be_null() -> None:
    strict = [(of, name, field) for of, name, field in fields()
              if of in ALL and name != "id" and isinstance(field.type, GraphQLNonNull)]
    assert [f"{of}.{name}" for of, name, field in strict
            if held_of(ALL[of], python_name(field, name)).right not in SEEN_WITH_THE_ROW] == []


def test_every_type_is_a_noun_or_what_nouns_come_in() -> None:
    others = {of for of, _, _ in fields()} - ALL.keys()
    assert {of for of in others if not of.endswith(("Connection", "Edge"))} == {"Query", "PageInfo"}


def test_every_noun_that_somebody_may_see_has_an_id_for_all() -> None:
    node = SCHEMA.type_map["Node"]
    assert is_abstract_type(node)
    asked_for = {noun.__name__ for noun in root.NOUNS}
    assert asked_for == {of.name for of in SCHEMA.get_possible_types(node)}
    assert asked_for == {name for name, noun in NOUNS.items() if noun.__right__ is not Right.NEVER}


def test_every_question_is_answered_from_rows_or_by_a_call() -> None:
    asked = {python_name(field, name) for name, field in kind("Query").fields.items()}
    assert asked == (ROOTS.keys() - {"archived"}) | schema.called.keys()


def test_every_order_and_filter_is_an_attribute_that_somebody_may_see() -> None:
    given, special = set(orders_and_filters()), {(NOUNS[noun], name) for noun, name in TESTS}
    assert special <= given
    assert {name for noun, name in given - special if held_of(noun, name).right is Right.NEVER} == set()


def test_every_list_counts_towards_the_size_of_a_question() -> None:
    pages = {name for name, field in kind("Query").fields.items() if is_page(field)}
    lists = {name for _, name, field in fields() if is_list(field) and leads_to(field)}
    assert lists | pages == root.USUAL.keys()


def test_what_a_field_tells_of_other_columns_names_columns() -> None:
    told = {column for noun in ALL.values() for how in computed(noun).values() for column in how.tells}
    assert told <= {str(column) for table in Base.metadata.tables.values() for column in table.columns}


def test_every_relationship_says_how_it_is_held() -> None:
    links = [relation for noun in NOUNS.values() for relation in inspect(noun).relationships]
    assert [str(relation) for relation in links if "held" not in relation.info] == []
