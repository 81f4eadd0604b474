"""What the schema lets one ask for, and what questions do ask for, in the same words."""
from collections.abc import Iterable, Iterator

from graphql import (
    EnumValueNode,
    FieldNode,
    GraphQLArgument,
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
    """Fields, their arguments, the fields of inputs, and the values of enums that are given."""
    fields = {f"{of}.{name}": field for of in reachable(kind("Query")) for name, field in of.fields.items()}
    arguments = {f"{path}({name})": given for path, field in fields.items()
                 for name, given in field.args.items()}
    return {*fields, *arguments, *(word for given in arguments.values() for word in parts(given))}


def parts(given: GraphQLArgument) -> Iterator[str]:
    of = get_named_type(given.type)
    if isinstance(of, GraphQLInputObjectType):
        yield from (f"{of}.{name}" for name in of.fields)
    if isinstance(of, GraphQLEnumType):
        yield from (f"{of}.{name}" for name in of.values)


def reachable(of: GraphQLObjectType) -> set[GraphQLObjectType]:
    """A type, and all that its fields lead to."""
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
    """Collects what documents name."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types, self.found = types, set[str]()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        field = f"{self.types.get_parent_type()}.{node.name.value}"
        self.found |= {field, *(f"{field}({given.name.value})" for given in node.arguments or ())}

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        self.found.add(f"{get_named_type(self.types.get_parent_input_type())}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: object) -> None:
        self.found.add(f"{get_named_type(self.types.get_input_type())}.{node.value}")
