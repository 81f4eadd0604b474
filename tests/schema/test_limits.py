"""Large questions are refused before they cost anything, and ordinary ones never are."""
import sys
from collections.abc import Callable
from math import prod
from typing import Any
from unittest.mock import patch

import pytest
from graphql import FragmentDefinitionNode, GraphQLError, build_schema, get_introspection_query, parse
from hypothesis import given, strategies as st

from integrations.words import LANGUAGES
from schema import limits
from schema.errors import TOO_LARGE, formatted

USUAL = {"plans": 100, "goals": 10, "activities": 10}
SCHEMA = build_schema("""
  type Query { viewer: Person  plans(first: Int, last: Int, orderBy: Order, filter: Filter): [Plan!] }
  type Plan { id: ID!  shortName: String  status: String  level: Int  owner: Person  parent: Plan
              goals(first: Int, filter: Filter, orderBy: Order): [Goal!] }
  type Goal { id: ID!  title: String  activities(first: Int): [Activity!]  plan: Plan }
  type Activity { id: ID!  title: String  responsible: Person }
  type Person { id: ID!  name: String  phone: String }
  enum Order { ID TITLE }
  input Filter { status: String, level: Int }
""")

ORDINARY = """
  query Plans($first: Int = 20) {
    plans(first: $first) {
      id shortName status level owner { ...Name }
      goals { id title activities { id title responsible { ...Name } } }
    }
  }
  fragment Name on Person { id name }
"""


def asked(text: str, **variables: Any) -> list[GraphQLError]:
    """As schema/execute asks, without the answer."""
    document = limits.read(text)
    for price in limits.check(document, USUAL).values():
        limits.afford(price, variables)
    return limits.errors(SCHEMA, document)


def refused(text: str, **variables: Any) -> str:
    """The limit that refuses the question."""
    with pytest.raises(GraphQLError) as error:
        raise asked(text, **variables)[0]
    extensions = error.value.extensions or {}
    assert extensions["code"] == TOO_LARGE
    assert extensions["most"] == limits.LIMITS[extensions["limit"]]
    return str(extensions["limit"])


def work(act: Callable[[], object]) -> int:
    """How many Python functions are called: the same on every machine, and 0.1–0.3 µs each."""
    count = 0

    def called(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(called)
    try:
        act()
    except GraphQLError:
        pass
    finally:
        sys.setprofile(None)
    return count


def spread(count: int, fragment: str, last: str = "id", on: str = "Plan") -> str:
    """`{plans{...F0}}` and fragments of which each names the next as {next}."""
    named = [f"fragment F{i} on {on} {{{fragment.replace('NEXT', f'...F{i + 1}')}}}" for i in range(count)]
    return "{plans{...F0}} " + " ".join(named) + f" fragment F{count} on {on} {{{last}}}"


BOMBS = {
    "60 fragments, each spread twice": ("nesting", spread(60, "id NEXT NEXT")),
    "40 fragments, each spread twice": ("fields", spread(40, "id NEXT NEXT")),
    "10 fragments, each two levels": ("depth", spread(10, "parent {parent {NEXT}}")),
    "a thousand spreads of next to nothing": ("fields", spread(30, "NEXT NEXT NEXT NEXT")),
    "1,000 aliases": ("aliases", "{" + " ".join(f"a{i}:viewer{{id}}" for i in range(600)) + "}"),
    "aliases by fragments": ("aliases", spread(6, "a: id b: level NEXT NEXT")),
    "fifty levels": ("depth", "{plans{" + "parent{" * 50 + "id" + "}" * 52),
    "inline fragments in one another": ("nesting", "{plans{" + "... on Plan{" * 150 + "id" + "}" * 152),
    "a megabyte": ("length", "{viewer{" + "name " * 200_000 + "}}"),
    "tokens": ("tokens", "{viewer{" + "id " * 5_000 + "}}"),
    "comments": ("tokens", "{viewer{id}}" + "#\n" * 1_001),
    "directives": ("directives", "{viewer" + "@include(if: true)" * 5 + "{id}}"),
    "operations": ("operations", " ".join(f"query Q{i} {{viewer{{id}}}}" for i in range(11))),
    "fragments that nobody spreads": (
        "fragments", "{viewer{id}}" + " ".join(f"fragment F{i} on Plan{{id}}" for i in range(101))),
    "one fragment that nobody spreads": (
        "depth", "{viewer{id}} fragment F on Plan{" + "parent{" * 16 + "id" + "}" * 17),
    "one field, over and over": ("overlaps", "{plans{" + "id " * 400 + "}}"),
    "fields of one name, and more below": ("overlaps", "{plans{" + "owner{id name phone}" * 200 + "}}"),
    "conflicts": (
        "overlaps", "{plans{" + " ".join(f"goals(first: {i % 9}){{id title}}" for i in range(200)) + "}}"),
    "a long alias": ("key", "{" + "a" * 64 + ": viewer{id}}"),
    "rows in rows": ("cost", "{plans(first: 1000){goals(first: 1000){id}}}"),
    "rows by fragments": (
        "cost", "{plans(first: 500){...P}} fragment P on Plan{goals(first: 500){activities{id}}}"),
    "a number of 5,000 digits": ("cost", "{plans(first: " + "9" * 5_000 + "){id}}"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_question_that_is_too_large_is_refused(bomb: str) -> None:
    limit, text = BOMBS[bomb]
    assert refused(text) == limit


@pytest.mark.parametrize("bomb", BOMBS)
def test_refusing_costs_little(bomb: str) -> None:
    """As measured at first, 250,000 calls take 50 ms."""
    assert work(lambda: asked(BOMBS[bomb][1])) < 250_000


def wide(count: int, inside: str) -> str:
    fields = (f'a{i}: plans(first: 1, filter: {{status: "x"}}) {{{inside}}}' for i in range(count))
    return "{" + " ".join(fields) + "}"


WORST = {
    "plain fields": wide(48, "id shortName status level owner{id name phone} parent{id shortName status}"),
    "arguments": wide(48, "goals(first: 3, filter: {level: 1}, orderBy: ID) {id activities(first: 1) {id}}"),
    "a list for a number": "{plans(first: [" + "1 " * 3_900 + "]) {id}}",
    "wrong names": "{plans{" + " ".join(f"shortNamx{i}" for i in range(950)) + "}}",
    "fragments side by side": (
        "{plans{" + " ".join(f"...F{i}" for i in range(60)) + "}}"
        + " ".join(f"fragment F{i} on Plan{{id}}" for i in range(60))),
    "operations over one chain of fragments": (
        " ".join(f"query Q{i}($x: Int){{plans(first: $x){{...F0}}}}" for i in range(10))
        + spread(55, "goals(first: $x){id} NEXT").removeprefix("{plans{...F0}}")),
}


@pytest.mark.parametrize("document", WORST)
def test_validating_what_is_let_through_costs_little(document: str) -> None:
    """As measured at first, 350,000 calls take 50 ms."""
    read = limits.read(WORST[document])
    limits.check(read, USUAL)
    assert work(lambda: limits.errors(SCHEMA, read)) < 350_000


def test_counting_takes_time_with_the_text_and_not_with_what_it_spreads() -> None:
    def counted(fragments: int) -> int:
        document = limits.read(spread(fragments, "NEXT NEXT", "id"))
        return work(lambda: limits.check(document, USUAL))
    assert counted(8) < 2.5 * counted(4)


def test_an_ordinary_question_passes() -> None:
    assert asked(ORDINARY, first=20) == []


@pytest.mark.parametrize("more", [True, False])
def test_the_usual_question_for_the_schema_passes(more: bool) -> None:
    assert asked(get_introspection_query(
        specified_by_url=more, directive_is_repeatable=more, schema_description=more,
        input_value_deprecation=more, one_of=more)) == []


@pytest.mark.parametrize(("text", "variables", "cost"), [
    ("{viewer{id name}}", {}, 3),
    ("{plans(first: 7){id}}", {}, 1 + 7),
    ("{plans{id}}", {}, 1 + 100),
    ("{plans(first: 2){goals(last: 3){id}}}", {}, 1 + 2 * (1 + 3)),
    ("query($n: Int){plans(first: $n){goals{id}}}", {"n": 5}, 1 + 5 * (1 + 10)),
    ("query($n: Int){plans(first: $n){goals{id}}}", {}, 1 + 100 * (1 + 10)),
    ("query($n: Int){plans(first: $n){goals(first: $n){id}}}", {"n": 5}, 1 + 5 * (1 + 5)),
    ("query($n: Int, $m: Int){plans(first: $n, last: $m){id}}", {"n": None, "m": 4}, 1 + 4),
    ("query($n: Int){plans(first: $n){...G}} fragment G on Plan{goals(first: $n){id}}", {"n": 3}, 1 + 3 * 4),
    ("{plans(first: 3){...on Plan{id} ...P}} fragment P on Plan{level status}", {}, 1 + 3 * 3),
    ("{plans(first: -1000){id} viewer{id}}", {}, 1 + 1 + 2),
    ("query($n: Int){plans(first: $n){id}}", {"n": -1000}, 1 + 1),
])
def test_the_cost_is_the_values_that_an_answer_may_hold(
        text: str, variables: dict[str, Any], cost: int, monkeypatch: pytest.MonkeyPatch) -> None:
    [price] = limits.check(limits.read(text), USUAL).values()
    monkeypatch.setitem(limits.LIMITS, "cost", cost)
    limits.afford(price, variables)
    monkeypatch.setitem(limits.LIMITS, "cost", cost - 1)
    with pytest.raises(GraphQLError, match="cost"):
        limits.afford(price, variables)


def test_each_operation_has_its_own_price() -> None:
    prices = limits.check(limits.read("query A {viewer{id}} query B {plans{id}}"), USUAL)
    assert prices == {"A": {(): 2}, "B": {(): 101}}
    assert limits.check(limits.read("{viewer{id}}"), USUAL) == {None: {(): 2}}


def test_an_alias_of_63_characters_passes() -> None:
    assert asked("{" + "a" * 63 + ": viewer{id}}") == []


def test_fragments_that_lead_to_themselves_end() -> None:
    [first, *_] = asked("{plans{...A}} fragment A on Plan{id ...B} fragment B on Plan{parent{...A}}")
    assert "within itself" in first.message


def test_a_selection_of_nothing_is_not_valid() -> None:
    with pytest.raises(GraphQLError, match="at least one field"):
        asked("{viewer{}}")


def test_only_the_first_errors_are_told() -> None:
    assert len(asked(WORST["wrong names"])) == limits.ERRORS


def test_what_cannot_be_read_says_where() -> None:
    with pytest.raises(GraphQLError) as error:
        limits.read("{viewer{id}")
    assert formatted(error.value, "nb")["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}
    assert formatted(error.value, "nb")["locations"] == [{"line": 1, "column": 12}]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("bomb", BOMBS)
def test_every_limit_is_said_in_every_language(bomb: str, language: str) -> None:
    with pytest.raises(GraphQLError) as error:
        raise asked(BOMBS[bomb][1])[0]
    said = formatted(error.value, language)
    assert said["message"] != error.value.message
    assert said["extensions"]["code"] == TOO_LARGE


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Small documents whose fragments spread only later ones."""
    def selection(first: int, levels: int) -> str:
        leaves = st.sampled_from(["id", "a: id", "shortName"])
        spreads = [st.sampled_from([f"...F{i}" for i in range(first, 3)])] if first < 3 else []
        heads = st.sampled_from(["goals(first: $n)", "goals(first: 2)", "b: goals", "... on Plan", "parent"])
        nested = st.builds(lambda head: head + "{" + selection(first, levels - 1) + "}", heads)
        below = [nested] if levels else []
        return " ".join(draw(st.lists(st.one_of(leaves, *spreads, *below), min_size=1, max_size=3)))
    fragments = " ".join(f"fragment F{i} on Plan{{{selection(i + 1, 1)}}}" for i in range(3))
    return f"query($n: Int){{plans{{{selection(0, 3)}}}}} {fragments}"


@given(documents(), st.integers(0, 5))
def test_what_is_counted_is_the_document_written_out(text: str, rows: int) -> None:
    """Against the plain way, that walks into every spread anew."""
    document = parse(text)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}

    def written_out(chosen: Any) -> tuple[int, int, int, int]:
        depth = fields = aliases = cost = 0
        for node in chosen.selections:
            inside = (fragments[node.name.value] if node.kind == "fragment_spread" else node).selection_set
            below = written_out(inside) if inside else (0, 0, 0, 0)
            own = node.kind == "field"
            said = [a.value for a in node.arguments or ()] if own else []
            sizes = [int(v.value) if v.kind == "int_value" else max(rows, 1) for v in said]
            times = sizes[0] if sizes else USUAL.get(node.name.value, 1) if own else 1
            depth, fields = max(depth, below[0] + own), fields + 1 + below[1]
            aliases += below[2] + (own and node.alias is not None)
            cost += own + times * below[3]
        return depth, fields, aliases, cost

    operation: Any = document.definitions[0]
    with patch.dict(limits.LIMITS, dict.fromkeys(limits.LIMITS, 10**6)):
        size = limits.Measuring(fragments, USUAL).selections(operation.selection_set)
    costs = (cost * prod(limits.rows({"n": rows}, *of) for of in lists) for lists, cost in size.price.items())
    assert (size.depth, size.fields, size.aliases, sum(costs)) == written_out(operation.selection_set)
