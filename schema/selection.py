"""Turns a valid operation into what `db.read` understands: fragments spread, @skip and @include decided."""
from collections.abc import Mapping
from enum import Enum
from typing import Any, NoReturn

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    ObjectValueNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_required_argument,
    value_from_ast,
)

from db.read.selection import Asked, Given, Selection
from db.read.source import NOUNS
from schema.errors import BAD_USER_INPUT

Fragments = Mapping[str, FragmentDefinitionNode]


def python_name(definition: Any, name: str) -> str:
    """The attribute's name: Strawberry's definition of a field, input field or argument has it."""
    known = definition.extensions.get("strawberry-definition")
    return known.python_name if known else name


def shape(kind: Any, value: Any) -> Any:
    """What of a variable may change the statement: null or not, a Boolean, an enum's name, an id's noun."""
    kind = get_nullable_type(kind)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(kind, GraphQLEnumType):
        return value.value if isinstance(value, Enum) else value
    if isinstance(kind, GraphQLInputObjectType):
        return tuple((k, shape(kind.fields[k].type, v)) for k, v in value.items())
    if getattr(kind, "name", "") != "ID":
        return "given"
    noun = str(value).partition(":")[0]
    return noun if noun in NOUNS else ""  # whatever else stands there makes no statement of its own


class Reading:
    """One operation being read, with its variables."""

    def __init__(self, schema: GraphQLSchema, fragments: Fragments, variables: Mapping[str, Any]) -> None:
        self.schema, self.fragments, self.variables = schema, fragments, variables

    def select(self, kind: GraphQLObjectType, sets: list[SelectionSetNode | None]) -> Selection:
        found: dict[str, list[FieldNode]] = {}
        self.collect(kind, sets, found, set())
        return Selection(kind.name, tuple(self.asked(kind, key, nodes) for key, nodes in found.items()))

    def collect(self, kind: GraphQLObjectType, sets: list[Any], found: dict[str, list[FieldNode]],
                seen: set[str]) -> None:
        """The fields that apply to a type, by response key, in the order of the document."""
        for node in (n for s in sets if s for n in s.selections if self.wanted(n)):
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
                continue
            fragment: Any = node
            if isinstance(node, FragmentSpreadNode):
                fragment = None if node.name.value in seen else self.fragments[node.name.value]
                seen.add(node.name.value)
            if fragment is not None and applies(fragment, kind):
                self.collect(kind, [fragment.selection_set], found, seen)

    def wanted(self, node: Any) -> bool:
        tests = {d.name.value: self.truth(d.arguments[0].value) for d in node.directives or ()}
        return not tests.get("skip", False) and tests.get("include", True)

    def truth(self, node: ValueNode) -> bool:
        if isinstance(node, VariableNode):
            value = self.variables[node.name.value]
            return bool(value) if value is not None else missing("if", node)
        return isinstance(node, BooleanValueNode) and node.value

    def asked(self, kind: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Asked:
        name = nodes[0].name.value
        if name == "__typename":
            is_root = kind in (self.schema.query_type, self.schema.mutation_type)
            return Asked(key, kind.name if is_root else name)
        definition = kind.fields[name]
        arguments = self.arguments(definition, nodes[0])
        below: Any = get_named_type(definition.type)
        if below.name == "Node":
            nouns = {t.name: t for t in self.schema.get_possible_types(below)}
            below = nouns.get(arguments["id"].shape)
        sets = [n.selection_set for n in nodes]
        opened = self.select(below, sets) if isinstance(below, GraphQLObjectType) and sets[0] else None
        return Asked(key, python_name(definition, name), opened, arguments)

    def arguments(self, definition: Any, node: FieldNode) -> dict[str, Any]:
        """The arguments that are given and not null, by their Python names."""
        written = {a.name.value: a.value for a in node.arguments or ()}
        found = {}
        for name, argument in definition.args.items():
            value = self.value(argument.type, written[name]) if name in written else None
            if value is not None:
                found[python_name(argument, name)] = value
            elif isinstance(argument.type, GraphQLNonNull) and (
                    name in written or is_required_argument(argument)):  # else it has a default
                missing(name, node)
        return found

    def value(self, kind: Any, node: ValueNode) -> Any:
        if isinstance(node, VariableNode):
            return self.variable(kind, self.variables.get(node.name.value), (node.name.value,))
        if isinstance(node, ObjectValueNode):
            fields = get_nullable_type(kind).fields
            written = {f.name.value: f.value for f in node.fields}
            return {python_name(fields[k], k): self.value(fields[k].type, v) for k, v in written.items()}
        return self.literal(kind, value_from_ast(node, kind, dict(self.variables)))

    def variable(self, kind: Any, value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, dict):
            fields = get_nullable_type(kind).fields
            return {python_name(fields[k], k): self.variable(fields[k].type, v, (*path, k))
                    for k, v in value.items()}
        return None if value is None else Given(path, shape=shape(kind, value), many=listed(kind))

    def literal(self, kind: Any, value: Any) -> Given | None:
        return None if value is None else Given(literal=value, shape=shape(kind, value), many=listed(kind))


def given(asked: Asked, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments' values by their Python names."""
    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: read(v) for k, v in value.items() if v is not None}
        return value.read(variables)
    return {name: read(value) for name, value in asked.arguments.items()}


def missing(argument: str, node: Node) -> NoReturn:
    """A variable with a default may stand where null may not, and then be given as null."""
    raise GraphQLError(f"Argument '{argument}' must not be null.", node, extensions={"code": BAD_USER_INPUT})


def listed(kind: Any) -> bool:
    return isinstance(get_nullable_type(kind), GraphQLList)


def applies(fragment: Any, kind: GraphQLObjectType) -> bool:
    on = fragment.type_condition
    return on is None or on.name.value in (kind.name, *(i.name for i in kind.interfaces))
