"""Every attribute asks for the agreed right, and every field, order and filter of GraphQL is such an attribute."""
from collections.abc import Iterator

import pytest
from graphql import GraphQLEnumType, GraphQLField, GraphQLInputObjectType, GraphQLNonNull, get_named_type
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
from tests.support.questions import SCHEMA, is_list, kind, leads_to

ALL: dict[str, Noun] = {**NOUNS, **{made.__name__: made for made in Made.__subclasses__()}}
SEEN_WITH_THE_ROW = {Right.PUBLIC, Right.SHELL}


def held_of(noun: Noun, name: str) -> Held:
    """How a relationship, a column or a computed field is held. AttributeError: it is none of these."""
    to = way(noun, name)
    found: Held = to.held if to else noun.holding(name) or getattr(noun, name).held
    return found


def computed(noun: Noun) -> dict[str, Held]:
    return {name: field.held for name, field in vars(noun).items() if isinstance(getattr(field, "held", None), Held)}


def attributes(noun: Noun) -> Iterator[str]:
    yield from computed(noun)
    yield from (name for name, there in vars(noun).items() if isinstance(there, type) and issubclass(there, Made))
    if issubclass(noun, Made):
        yield from noun.shown
    else:
        yield from (*noun.__table__.columns.keys(), *inspect(noun).relationships.keys())


def keys() -> set[str]:
    """To other rows, and the municipality; a row's own id is as open as the row."""
    return {f"{name}.{column.name}" for name, noun in NOUNS.items() for column in noun.__table__.columns
            if column.name.endswith("_id") or column.info.get("to")}


def fields() -> Iterator[tuple[str, GraphQLField, str]]:
    """All that Query leads to as rows under a mask, and so by the compiler."""
    called = {of for name in schema.called for of in reachable(leads_to(kind("Query").fields[name]) or kind("Query"))}
    yield from ((of.name, field, name) for of in reachable(kind("Query")) - called for name, field in of.fields.items())


def other_base() -> type[Base]:
    """What is mapped below it leaves the house's own tables alone."""
    class Apart(Base):
        __abstract__ = True
        metadata = MetaData()
        _sa_registry = registry(metadata=metadata, type_annotation_map=Base.type_annotation_map)
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
    """Where nothing else was agreed, an attribute asks for the right to its rows, or to those that it leads to."""
    assert {name: noun.__right__ for name, noun in ALL.items()} == ROWS
    found = {f"{name}.{a}": held_of(noun, a).right for name, noun in ALL.items() for a in attributes(noun)}
    usual = {f"{name}.{a}": (to.noun if (to := way(noun, a)) else noun).__right__
             for name, noun in ALL.items() for a in attributes(noun)}
    agreed = usual | BESIDES | dict.fromkeys(NOBODYS | keys(), Right.NEVER)
    assert found == agreed


def test_every_right_is_one_bit_since_a_mask_is_asked_for_any_of_several() -> None:
    assert {right for right in (*ROWS.values(), *BESIDES.values()) if right.bit_count() != 1} == set()


def test_every_field_of_a_noun_is_an_attribute_that_somebody_may_see_and_may_be_null() -> None:
    for of, field, name in fields():
        if of in ALL and name != "id":
            right = held_of(ALL[of], python_name(field, name)).right
            assert right is not Right.NEVER, f"{of}.{name} is shown to nobody"
            assert right in SEEN_WITH_THE_ROW or not isinstance(field.type, GraphQLNonNull), f"{of}.{name} must be nullable"


def test_every_type_is_a_noun_or_what_nouns_come_in() -> None:
    of_rows = {of for of, _, _ in fields()}
    assert {of for of in of_rows if of not in ALL and not of.endswith(("Connection", "Edge"))} == {"Query", "PageInfo"}
    assert {noun.__name__ for noun in root.NOUNS} == {name for name in NOUNS if ROWS[name] is not Right.NEVER}
    assert {of.name for of in SCHEMA.get_possible_types(SCHEMA.type_map["Node"])} == {n.__name__ for n in root.NOUNS}


def test_every_question_is_answered_from_rows_or_by_a_call() -> None:
    asked = {python_name(field, name) for name, field in kind("Query").fields.items()}
    assert asked == ROOTS.keys() - {"archived"} | schema.called.keys()


def test_every_order_and_filter_is_an_attribute_that_somebody_may_see() -> None:
    tests = set()
    for _, field, name in fields():
        to = leads_to(field)
        noun = ALL.get(to.name.removesuffix("Connection")) if to else None
        for given in (field.args.get("orderBy"), field.args.get("filter")):
            of = get_named_type(given.type) if given else None
            if isinstance(of, GraphQLEnumType):
                tests |= {(noun, value.value.lower().removesuffix("_desc")) for value in of.values.values()}
            if isinstance(of, GraphQLInputObjectType):
                tests |= {(noun, python_name(part, key)) for key, part in of.fields.items()}
    special = {(NOUNS[noun], name) for noun, name in TESTS}
    assert special - tests == set()
    assert {(noun, name) for noun, name in tests - special if held_of(noun, name).right is Right.NEVER} == set()


def test_every_list_counts_towards_the_size_of_a_question() -> None:
    assert {name for _, field, name in fields() if is_list(field) and leads_to(field)} == root.USUAL.keys()


def test_what_a_field_tells_of_other_columns_names_columns() -> None:
    told = {column for noun in ALL.values() for how in computed(noun).values() for column in how.tells}
    assert told - {str(column) for table in Base.metadata.tables.values() for column in table.columns} == set()


def test_a_relationship_says_how_it_is_held() -> None:
    assert [str(r) for noun in NOUNS.values() for r in inspect(noun).relationships if "held" not in r.info] == []

