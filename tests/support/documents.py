"""Random valid GraphQL questions: fields, aliases, fragments, directives, variables of every kind."""
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
)
from hypothesis import strategies as st

FIELDS, DEPTH = 25, 6
ALIASES = ("select", "order", "t1", "n", "at", "mask", "value", "more", "plan_id", "root0", "row", "id2",
           "__x", "Title", "user")
OFTEN = frozenset({"plans", "plan", "node", "goals", "accessLog", "edges"})
LEFT_OUT = frozenset({  # of what a cursor is, and what must not be asked at random, tests of their own tell
    "after", "before", "cursor", "startCursor", "endCursor", "explainAccess", "consentPreview", "visibility",
    "hasStafettlogg", "scope", "period", "birthDate", "identityNumber"})
VALUES: Mapping[str, Sequence[Any]] = {  # by name of the argument or of the scalar
    "first": (0, 1, 2, 3, 20), "last": (0, 1, 2, 20), "level": (0, 1, 2, 3, 2**31 - 1), "year": (2026,),
    "consentExpiresWithinDays": (-1, 0, 20, 64, 65, 2**31 - 1), "Boolean": (True, False),
    "search": ("", "o", "IO", "%", "_", "\\", "åse", "ÆRLIG", '"', "' or 1=1 --", "$1"),
    "name": ("berg", "LI", "  Tone ", "%%", "ø😀"), "target": ("archive", "fagsystem", "Archive", ""),
    "DateTime": ("2026-11-13T10:00:00+00:00", "2026-08-14T12:00:00.000001+02:00", "1970-01-01T00:00:00Z")}


@dataclass(frozen=True)
class Document:
    """A question, one root field or more, and some values for its variables to be asked with, in turn."""
    text: str
    variables: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Variable:
    """One variable: how it is declared, and what its values are made from."""
    definition: str
    argument: str
    kind: Any
    may_lack: bool


@dataclass
class Author:
    """Writes one document; a response key means the same field with the same arguments everywhere in it."""
    draw: Any
    schema: GraphQLSchema
    ids: Sequence[str]
    variables: dict[str, Variable] = field(default_factory=dict)
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)  # name → type and body
    fields: int = 0

    def some(self, *of: Any) -> Any:
        return self.draw(st.sampled_from(of))

    def rarely(self) -> bool:
        return self.some(False, False, False, True)  # type: ignore[no-any-return]

    def document(self) -> Document:
        query = self.schema.query_type
        assert query is not None
        body = self.selection(query, 0)
        given = f"({', '.join(v.definition for v in self.variables.values())})" if self.variables else ""
        spread = [f"fragment {name} on {kind} {text}" for name, (kind, text) in self.fragments.items()]
        text = "\n".join((f"query Q{given} {body}" if given or self.rarely() else body, *spread))
        return Document(text, tuple(self.given() for _ in range(3 if self.variables else 1)))

    def given(self) -> dict[str, Any]:
        """Values for the variables; one that may be left out sometimes is."""
        return {name: self.plain(variable.kind, variable.argument)
                for name, variable in self.variables.items() if not (variable.may_lack and self.rarely())}

    def selection(self, kind: Any, depth: int, prefix: str = "") -> str:
        items = [self.item(kind, depth, prefix)
                 for _ in range(self.draw(st.integers(1, 5 if depth < 3 else 3)))]
        if self.rarely():
            items.append(items[0])  # the same again is merged
        return "{ " + " ".join(items) + " }"

    def item(self, kind: Any, depth: int, prefix: str) -> str:
        if isinstance(kind, GraphQLInterfaceType):
            return self.of_interface(kind, depth)
        match self.some("field", "field", "field", "field", "field", "field", "typename", "inline", "spread"):
            case "typename":
                return f"{self.some('', 'noun: ')}__typename{self.directive()}"
            case "inline":
                on = self.some("", f" on {kind.name}", *(f" on {i.name}" for i in kind.interfaces))
                inner = next((i for i in kind.interfaces if on.endswith(i.name)), kind)
                body = "{ id __typename }" if inner is not kind else self.selection(kind, depth + 1, prefix)
                return f"...{on}{self.directive()} {body}"
            case "spread" if not prefix:
                return f"...{self.spread(kind, depth)}{self.directive()}"
            case _:
                return self.asked(kind, depth, prefix)

    def of_interface(self, kind: GraphQLInterfaceType, depth: int) -> str:
        """Fields of two nouns must not meet in one response key, so each has its noun's name before it."""
        nouns = self.schema.get_possible_types(kind)
        match self.some("id", "typename", "itself", "noun", "noun", "noun"):
            case "id":
                return f"id{self.directive()}"
            case "typename":
                return f"__typename{self.directive()}"
            case "itself":
                return f"... on {kind.name}{self.directive()} {{ id __typename }}"
            case _:
                noun = self.some(*nouns)
                return f"... on {noun.name}{self.directive()} {self.selection(noun, depth + 1, noun.name)}"

    def spread(self, kind: GraphQLObjectType, depth: int) -> str:
        """The name of a fragment on the type, one there is already or a new one."""
        known = [name for name, (on, _) in self.fragments.items() if on == kind.name]
        if known and self.some(True, False):
            return str(self.some(*known))
        body = self.selection(kind, depth + 1)  # before it is known: it must not lead to itself
        name = f"F{len(self.fragments)}"
        self.fragments[name] = (kind.name, body)
        return name

    def asked(self, kind: GraphQLObjectType, depth: int, prefix: str) -> str:
        """A field; where the document is large enough already, one without any below."""
        self.fields += 1
        small = self.fields > FIELDS or depth > DEPTH
        names = [name for name, f in kind.fields.items()
                 if name not in LEFT_OUT and not (small and below(f.type))]
        if not names:
            return "__typename"
        name = self.some(*names, *(name for name in names if name in OFTEN for _ in range(5)))
        definition = kind.fields[name]
        arguments = self.arguments(definition.args)
        inner = below(definition.type)
        head = f"{self.key(name, arguments, prefix)}{name}{arguments}"
        said = [f"{head}{self.directive()}{f' {self.selection(inner, depth + 1)}' if inner else ''}"
                for _ in range(self.some(1, 1, 1, 2))]  # twice: what each asks for is merged
        return " ".join(said)

    def key(self, name: str, arguments: str, prefix: str) -> str:
        """The alias with its colon, or nothing."""
        alias = (f"{prefix}_{self.some(*ALIASES)}" if prefix
                 else self.some(*ALIASES) if self.rarely() else name)
        while self.keys.setdefault(alias, (name, arguments)) != (name, arguments):
            alias += "x"
        return "" if alias == name else f"{alias}: "

    def directive(self) -> str:
        if not self.rarely():
            return ""
        test = self.argument(GraphQLNonNull(GraphQLBoolean), "if")
        return f" @{self.some('skip', 'include')}(if: {test})"

    def arguments(self, of: Mapping[str, Any]) -> str:
        given: list[str] = []
        for name, argument in of.items():
            double = name == "last" and any(g.startswith("first") for g in given)
            needed = isinstance(argument.type, GraphQLNonNull)
            if name not in LEFT_OUT and not double and (needed or self.some(True, False)):
                given.append(f"{name}: {self.argument(argument.type, name)}")
        return f"({', '.join(given)})" if given else ""

    def argument(self, kind: GraphQLInputType, name: str) -> str:
        """A literal, or a variable: one there is already or a new one."""
        if self.some(True, False):
            return self.literal(kind, name)
        known = [v for v, of in self.variables.items() if (of.argument, str(of.kind)) == (name, str(kind))]
        if known and self.some(True, False):
            return f"${self.some(*known)}"
        variable, default = f"v{len(self.variables)}", self.rarely()
        # what has a default may stand where null may not
        loose = get_nullable_type(kind) if default else kind
        said = f" = {self.constant(self.value(get_nullable_type(kind), name), kind)}" if default else ""
        may_lack = default or not isinstance(kind, GraphQLNonNull)
        self.variables[variable] = Variable(f"${variable}: {loose}{said}", name, kind, may_lack)
        return f"${variable}"

    def literal(self, kind: GraphQLInputType, name: str) -> str:
        """Written in the document; inside an object there may be variables again."""
        inner = get_nullable_type(kind)
        if not isinstance(kind, GraphQLNonNull) and self.rarely():
            return "null"
        if isinstance(inner, GraphQLInputObjectType):
            given = (f"{n}: {self.argument(inner.fields[n].type, n)}" for n in self.few(inner))
            return "{" + ", ".join(given) + "}"
        return self.constant(self.value(inner, name), kind)

    def plain(self, kind: Any, name: str) -> Any:
        """A value as a variable has it, or null."""
        null = not isinstance(kind, GraphQLNonNull) and self.rarely() and self.rarely()
        return None if null else self.value(get_nullable_type(kind), name)

    def value(self, inner: Any, name: str) -> Any:
        match inner:
            case GraphQLList():
                item = inner.of_type
                many = [self.plain(item, name) for _ in range(self.some(0, 1, 2))]
                return many[0] if len(many) == 1 and self.some(True, False) else many
            case GraphQLInputObjectType():
                return {n: self.plain(inner.fields[n].type, n) for n in self.few(inner)}
            case GraphQLEnumType():
                return self.some(*inner.values)
            case _ if str(inner) == "ID":
                return self.some(*self.ids)
            case _:
                return self.some(*VALUES.get(name, VALUES.get(str(inner), ("x",))))

    def few(self, kind: GraphQLInputObjectType) -> list[str]:
        """Some fields of an input object: one of many seldom leaves a row over."""
        names = [name for name in kind.fields if name not in LEFT_OUT]
        return list(dict.fromkeys(self.some(*names) for _ in range(self.some(0, 1, 1, 1, 2))))

    def constant(self, value: Any, kind: Any) -> str:
        """A value as it is written in a document."""
        inner = get_nullable_type(kind)
        if isinstance(value, list):
            return f"[{', '.join(self.constant(v, inner.of_type) for v in value)}]"
        if isinstance(value, dict):
            given = (f"{n}: {self.constant(v, inner.fields[n].type)}" for n, v in value.items())
            return "{" + ", ".join(given) + "}"
        bare = value is not None and isinstance(get_named_type(inner), GraphQLEnumType)
        return str(value) if bare else json.dumps(value, ensure_ascii=False)


def below(kind: Any) -> Any:
    """The type whose fields must be chosen; None of a leaf."""
    inner = get_named_type(kind)
    return inner if isinstance(inner, GraphQLObjectType | GraphQLInterfaceType) else None


@st.composite
def documents(draw: Any, schema: GraphQLSchema, ids: Sequence[str]) -> Document:
    return Author(draw, schema, ids).document()
