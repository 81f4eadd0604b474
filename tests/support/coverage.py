"""What can be asked for by the schema, and what questions do ask for, in the same words: so that nothing is left out."""
from collections.abc import Iterable, Iterator
from typing import Any

from graphql import (
    EnumValueNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    visit,
)

from tests.support.questions import SCHEMA, kind, leads_to


def askable() -> set[str]:
    """Fields, their arguments, the fields of inputs, and the orders of lists."""
    return {word for of in reachable(kind("Query")) for name, field in of.fields.items()
            for word in (f"{of}.{name}", *(f"{of}.{name}({given})" for given in field.args),
                         *(word for given in field.args.values() for word in inside(get_named_type(given.type))))}


def inside(given: Any) -> Iterator[str]:
    if isinstance(given, GraphQLInputObjectType):
        yield from (f"{given}.{name}" for name in given.fields)
    if isinstance(given, GraphQLEnumType):
        yield from (f"{given}.{name}" for name in given.values)


def reachable(of: GraphQLObjectType) -> set[GraphQLObjectType]:
    found = {of}
    for field in of.fields.values():
        to = leads_to(field)
        found |= reachable(to) if to else set()
    return found


def asked(texts: Iterable[str]) -> set[str]:
    types = TypeInfo(SCHEMA)
    mentioned = Mentioned(types)
    for text in texts:
        visit(parse(text), TypeInfoVisitor(types, mentioned))
    return mentioned.found


class Mentioned(Visitor):
    """Collects what a document names."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types, self.found = types, set[str]()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        field = f"{self.types.get_parent_type()}.{node.name.value}"
        self.found |= {field, *(f"{field}({given.name.value})" for given in node.arguments or ())}

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        self.found.add(f"{get_named_type(self.types.get_parent_input_type())}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: Any) -> None:
        self.found.add(f"{get_named_type(self.types.get_input_type())}.{node.value}")
