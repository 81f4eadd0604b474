"""Questions made from the schema itself: what is added to it is asked for, and nobody has to remember."""
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field as made_by
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_required_argument,
)

from schema.root import schema

SCHEMA: GraphQLSchema = schema._schema
PAGE = ("totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } "
        "edges { cursor node { %s } }")
SOME, WORDS = 40, 1_500  # aliases in one question; and words, of which most are fields
Road = tuple[str, ...]  # the fields that lead to a list


@dataclass(frozen=True)
class Question:
    text: str
    variables: Mapping[str, Any] = made_by(default_factory=dict)


@dataclass(frozen=True)
class Samples:
    """What is asked about: global ids, values to filter by, and cursors that somebody was given."""
    plans: list[str]
    nodes: Mapping[str, list[str]]  # by noun
    roots: Mapping[str, list[str]]  # arguments of the other root fields
    filters: Mapping[str, list[str]]  # by the filter's field
    cursors: Mapping[tuple[Road, str], list[str]]  # two of each list and order


def kind(name: str) -> GraphQLObjectType:
    found = SCHEMA.type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def leads_to(field: GraphQLField) -> GraphQLObjectType | None:
    """The type of object that a field shows, one or many."""
    shown = get_named_type(field.type)
    return shown if isinstance(shown, GraphQLObjectType) else None


def is_page(field: GraphQLField) -> bool:
    return get_named_type(field.type).name.endswith("Connection")


def known_by(page: GraphQLField) -> str:
    """What tells the rows of a page apart: their id, or all of them where no table keeps them."""
    row = kind(get_named_type(page.type).name.removesuffix("Connection"))
    return "id" if "id" in row.fields else whole(row)


def is_list(field: GraphQLField) -> bool:
    return "[" in str(field.type) or is_page(field)


def whole(of: GraphQLObjectType) -> str:
    """Every field, and all that lies below: the schema has no way back up."""
    below = {name: leads_to(field) for name, field in of.fields.items()}
    shown = (f"{name} {{ {whole(to)} }}" if to else name for name, to in below.items())
    return " ".join(["__typename", *shown])


def near(of: GraphQLObjectType) -> str:
    """The values of a row, and of the rows that it points to."""
    below = {name: leads_to(field)
             for name, field in of.fields.items() if not (is_list(field) and leads_to(field))}
    return " ".join(f"{name} {{ {near(to)} }}" if to else name for name, to in below.items())


def lists(of: GraphQLObjectType, road: Road = ()) -> Iterator[tuple[Road, GraphQLField]]:
    """Each list below a type that can be asked for in several ways, and the fields that lead to it."""
    for name, field in of.fields.items():
        to = leads_to(field)
        if "first" in field.args and not any(map(is_required_argument, field.args.values())):
            yield (*road, name), field
        if to is not None and not is_page(field):
            yield from lists(to, (*road, name))


def orders(field: GraphQLField) -> list[str]:
    order = get_named_type(field.args["orderBy"].type) if "orderBy" in field.args else None
    return list(order.values) if isinstance(order, GraphQLEnumType) else []


def pages(road: Road, field: GraphQLField, samples: Samples) -> Iterator[str]:
    """A page from each end in every order, and of a connection one beyond a cursor each way."""
    yield "first: 1"
    for order in orders(field):
        ways = ["first: 1", "first: 50"]
        if is_page(field):
            one, two = samples.cursors[road, order]
            ways = ["first: 1", "last: 1", f'first: 1, after: "{one}"', f'last: 1, before: "{two}"']
        yield from (f"{way}, orderBy: {order}" for way in ways)


def filters(field: GraphQLField, samples: Samples) -> Iterator[str]:
    """Every filter alone: each value of an enum or a Boolean, and the sample values of the rest."""
    found = get_named_type(field.args["filter"].type) if "filter" in field.args else None
    for name, given in (found.fields if isinstance(found, GraphQLInputObjectType) else {}).items():
        of = get_named_type(given.type)
        if isinstance(of, GraphQLEnumType):
            known = list(of.values)
        else:
            known = ["true", "false"] if of.name == "Boolean" else samples.filters[name]
        yield from (f"filter: {{{name}: {value}}}" for value in known)


def side_by_side(fields: Iterable[str]) -> list[str]:
    """Selections of as much as one question may hold, each field under an alias."""
    selections: list[list[str]] = [[]]
    for n, field in enumerate(fields):
        if len(selections[-1]) == SOME or len(" ".join([*selections[-1], field]).split()) > WORDS:
            selections.append([])
        selections[-1].append(f"a{n}: {field}")
    return [" ".join(some) for some in selections if some]


def inside(road: Road, plan: str, selection: str) -> str:
    """A selection at the end of a road that begins at the root, or at one plan."""
    for above in reversed(road):
        start = f'plan(id: "{plan}")' if above == "plan" else above
        selection = f"{start} {{ {selection} }}"
    return selection


def golden(samples: Samples) -> dict[str, Question]:
    """All that can be asked about the samples, by a name that says what is asked."""
    plan = f"query($id: ID!) {{ plan(id: $id) {{ {whole(kind('Plan'))} }} }}"
    asked = {f"plan {n}": Question(plan, {"id": key}) for n, key in enumerate(samples.plans)}
    for name, selections in (*of_roots(samples), *of_nodes(samples), *of_lists(samples)):
        more = {f"{name} {n}": Question(f"{{ {selection} }}") for n, selection in enumerate(selections)}
        assert not asked.keys() & more.keys(), "one would hide the other"
        asked |= more
    return asked


def of_roots(samples: Samples) -> Iterator[tuple[str, list[str]]]:
    for name, arguments in samples.roots.items():
        to = leads_to(kind("Query").fields[name])
        assert to is not None
        yield name, side_by_side(f"{name}{given} {{ {whole(to)} }}" for given in arguments)


def of_nodes(samples: Samples) -> Iterator[tuple[str, list[str]]]:
    for noun, ids in samples.nodes.items():
        shown = f"... on {noun} {{ {near(kind(noun))} }}"
        yield f"node {noun}", side_by_side(f'node(id: "{key}") {{ {shown} }}' for key in ids)


def of_lists(samples: Samples) -> Iterator[tuple[str, list[str]]]:
    for road, field in lists(kind("Query")):
        page, some = (PAGE % known_by(field), "totalCount") if is_page(field) else ("id", "id")
        asked = [*((given, page) for given in pages(road, field, samples)),
                 *((given, some) for given in filters(field, samples))]
        fields = side_by_side(f"{road[-1]}({given}) {{ {shown} }}" for given, shown in asked)
        yield f"{'.'.join(road)} pages", [
            inside(road[:-1], samples.plans[0], selection) for selection in fields]
