"""How large a question may be: what is parsed, counted and validated stays small, whoever wrote it."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import graphql.validation.rules.overlapping_fields_can_be_merged as overlapping
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    IntValueNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    parse,
    validate,
)
from graphql.validation.validate import ValidationAbortedError

from schema.errors import too_large

LIMITS = {
    # the text: 1,000 fields, indented, a line each, come to some 28,000 characters
    "length": 32_000, "tokens": 4_000, "comments": 1_000,
    # the document, which is validated whole, whichever operation is meant
    "operations": 10, "fragments": 100,
    # each operation, its fragments spread; a spread is a field, too, or those that hold little would be free
    "depth": 15,  # the usual question for the schema itself is exactly so deep
    "fields": 1_500, "aliases": 50,
    "nesting": 60,  # braces in braces: the stack must hold while this is counted
    "cost": 1_000_000,  # values in the answer, as far as can be told before it is made
    # each field
    "directives": 4,  # there are but @skip and @include
    "key": 63,  # bytes of a response key: PostgreSQL cuts longer column names
    # graphql-core compares fields of one name in pairs, with all that is below, and meters that. By its own
    # budget of 500,000 it took up to 290 ms, by this up to 30; 60 fragments side by side are within it.
    "overlaps": 20_000,
}
overlapping.MAX_COMPLEXITY_BUDGET = LIMITS["overlaps"]  # the library's own setting, for the whole process
ERRORS = 5  # each costs a search for what may have been meant; the usual hundred took four times as long

Rows = tuple[tuple[str, ...], int]  # of one list: the variables that say how many, and how many if none does
Price = dict[tuple[Rows, ...], int]  # a sum of products: the lists on the way down whose rows vary → times


@dataclass
class Size:
    """How large a selection is, its fragments spread."""
    depth: int = 0
    fields: int = 0
    aliases: int = 0
    price: Price = field(default_factory=dict)

    def add(self, other: "Size", rows: int | Rows = 1) -> None:
        """Counts another beside this one, its price once for each of `rows`."""
        self.depth = max(self.depth, other.depth)
        self.fields += other.fields
        self.aliases += other.aliases
        times, lists = (rows, ()) if isinstance(rows, int) else (1, (rows,))
        for further, cost in other.price.items():
            self.price[lists + further] = self.price.get(lists + further, 0) + cost * times


def read(text: str) -> DocumentNode:
    """The document; GraphQLError where the text is too long or can't be read."""
    hold("length", len(text))
    try:
        return parse(text, max_lexical_tokens=LIMITS["tokens"], max_comments=LIMITS["comments"])
    except GraphQLSyntaxError as error:
        if error.description.startswith("Document contains more than"):
            raise too_large("tokens", LIMITS["tokens"]) from None
        raise


def check(document: DocumentNode, usual: Mapping[str, int]) -> dict[str | None, Price]:
    """Raises GraphQLError on a document that is too large; gives each operation's price, for `afford`.

    `usual`: how many rows a list has that says no number itself, by the field's name; any other field is one.
    Comes before validation, which is slow on such documents. Walks through each fragment twice at most."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    fragments = [d for d in document.definitions if isinstance(d, FragmentDefinitionNode)]
    hold("operations", len(operations))
    hold("fragments", len(fragments))
    measuring = Measuring({d.name.value: d for d in fragments}, usual)
    for fragment in fragments:  # spread or not: validation reads them all
        measuring.selections(fragment.selection_set)
    return {d.name.value if d.name else None: measuring.selections(d.selection_set).price for d in operations}


def afford(price: Price, variables: Mapping[str, Any]) -> None:
    """Raises GraphQLError where the answer may hold too many values; `variables` as coerced, with defaults.

    For each request: a price has one term, and another for each way that variables size lists in lists."""
    hold("cost", sum(times * prod(rows(variables, *of) for of in lists) for lists, times in price.items()))


def errors(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """The first few errors of validation; none where the document is valid."""
    found = validate(schema, document, max_errors=ERRORS)
    plain = [error for error in found if not isinstance(error, ValidationAbortedError)]
    return plain or [too_large("overlaps", LIMITS["overlaps"]) for _ in found]


def hold(limit: str, size: int, *where: Node) -> None:
    """Raises GraphQLError where the size is over the limit."""
    if size > LIMITS[limit]:
        raise too_large(limit, LIMITS[limit], *where)


class Measuring:
    """One pass over a document. It stops where a limit is passed: nothing much larger is walked into."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], usual: Mapping[str, int]) -> None:
        self.fragments, self.usual, self.known = fragments, usual, dict[str, Size]()

    def selections(self, chosen: SelectionSetNode, nesting: int = 1) -> Size:
        hold("nesting", nesting, chosen)
        if not chosen.selections:  # graphql-core lets it pass, but there is nothing to answer
            raise GraphQLError("A selection names at least one field.", chosen)
        total = Size()
        for node in chosen.selections:
            hold("directives", len(node.directives or ()), node)
            self.add(total, node, nesting)
            hold("depth", total.depth, node)
            hold("fields", total.fields, node)
            hold("aliases", total.aliases, node)
        return total

    def add(self, total: Size, node: SelectionNode, nesting: int) -> None:
        total.fields += 1
        if isinstance(node, FieldNode):
            self.field(total, node, nesting)
        elif isinstance(node, FragmentSpreadNode):
            total.add(self.spread(node.name.value, nesting))
        elif isinstance(node, InlineFragmentNode):
            total.add(self.selections(node.selection_set, nesting + 1))

    def field(self, total: Size, node: FieldNode, nesting: int) -> None:
        hold("key", len((node.alias or node.name).value), node)
        below = self.selections(node.selection_set, nesting + 1) if node.selection_set else Size()
        aliases = below.aliases + (node.alias is not None)
        total.add(Size(below.depth + 1, below.fields, aliases, below.price), self.rows(node))
        total.price[()] = total.price.get((), 0) + 1

    def spread(self, name: str, nesting: int) -> Size:
        """A fragment's size, measured once. One that is missing or leads to itself is not valid: nothing."""
        if name not in self.known:
            self.known[name] = Size()
            if name in self.fragments:
                self.known[name] = self.selections(self.fragments[name].selection_set, nesting + 1)
        return self.known[name]

    def rows(self, node: FieldNode) -> int | Rows:
        """How many a list may have: as written, as a variable will say, or as is usual."""
        usual = self.usual.get(node.name.value, 1)
        sizes = [a.value for a in node.arguments or () if a.name.value in ("first", "last")]
        written = [int(v.value) if len(v.value) < 10 else 10**9 for v in sizes if isinstance(v, IntValueNode)]
        if written:
            return max(1, *written)  # never less, or a list of -1,000 would pay for another
        asked = tuple(v.name.value for v in sizes if isinstance(v, VariableNode))
        return (asked, usual) if asked else usual


def rows(variables: Mapping[str, Any], names: tuple[str, ...], usual: int) -> int:
    """How many rows the variables ask for: of `first` and `last`, usually one is null."""
    given = [value for name in names if isinstance(value := variables.get(name), int)]
    return max(1, *given) if given else usual
