"""What GraphQL's own reference executor answers over plain objects, to compare the compiled answer with."""
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
from graphql import (
    ExecutionResult,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    get_named_type,
    parse,
)
from graphql.pyutils import camel_to_snake

from schema.root import schema
from tests.support.asking import Asking

Row = dict[str, Any]
SDL: GraphQLSchema = build_schema(str(schema))
ROOTS = ("viewer", "municipality", "units(first: 100)", "consentTemplates(first: 100)",
         "deliveries(first: 100)", "targets(first: 100)", "overdueArchiving(first: 100)",
         "systemRequests(first: 100)")
TESTS: dict[str, Callable[[Row, Any], bool]] = {  # a filter's fields that are more than "equal"
    "search": lambda row, v: (
        v.lower() in row["shortName"].lower() or v.lower() in row["owner"]["name"].lower()),
    "consentExpiresWithinDays": lambda row, v: (
        (left := row["consentExpiresInDays"]) is not None and left <= v),
    "neverArchived": lambda row, v: (row["lastArchivedAt"] is None) == v,
    "changedSince": lambda row, v: datetime.fromisoformat(row["changedAt"]) >= datetime.fromisoformat(v),
    "inForceAt": lambda row, v: (
        (at := datetime.fromisoformat(v)) >= datetime.fromisoformat(row["publishedAt"])
        and (row["replacedAt"] is None or at < datetime.fromisoformat(row["replacedAt"]))),
    "unit": lambda row, v: row["unit"] is not None and row["unit"]["id"] == v,
    "stafettholder": lambda row, v: row["stafettholder"]["id"] == v,
    "plan": lambda row, v: row["plan"] == v}


def whole(kind: GraphQLObjectType, without: frozenset[str] = frozenset()) -> str:
    """A selection of everything that the type leads to."""
    fields = (f"{n}{many(f)}{chosen(f.type)}" for n, f in kind.fields.items() if n not in without)
    return "{ __typename " + " ".join(fields) + " }"


def many(definition: Any) -> str:
    return "(first: 20)" if "first" in definition.args else ""  # enough, and within the limit of cost


def chosen(kind: Any) -> str:
    below = get_named_type(kind)
    return f" {whole(below)}" if isinstance(below, GraphQLObjectType) else ""


class Oracle:
    """All that one viewer may see, asked for plainly: objects that the reference executor walks."""

    def __init__(self, seen: Row) -> None:
        self.seen = seen
        self.nodes = {row["id"]: row for row in walk(seen) if "id" in row and row["__typename"] != "Person"}
        self.nodes |= {row["id"]: row for row in walk(seen["viewer"]) if "id" in row}

    @property
    def ids(self) -> list[str]:
        """Of every noun that can be seen, and of nothing; most often the plan that has most in it."""
        nouns: dict[str, list[str]] = {}
        for key in self.nodes:
            nouns.setdefault(key.partition(":")[0], []).append(key)
        some = [key for keys in nouns.values() for key in keys[:4]] + [
            "Plan:00000000-0000-0000-0000-000000000000", "Nope:1", "", self.seen["employees"][0]["id"]]
        return some + nouns["Plan"][:1] * len(some)

    def answer(self, text: str, variables: Mapping[str, Any]) -> ExecutionResult:
        return execute_sync(SDL, parse(text), variable_values=dict(variables), root_value=self.seen,
                            field_resolver=self.field, type_resolver=lambda value, *_: value["__typename"])

    def field(self, source: Row, info: Any, **given: Any) -> Any:
        """The value of the name; a list as its arguments ask for it."""
        name, args = info.field_name, {k: v for k, v in given.items() if v is not None}
        if source is self.seen and name in ROOT:
            return ROOT[name](self, args)
        value = source[name]
        kind = get_named_type(info.return_type).name
        if kind.endswith("Connection"):
            return value and connected(kind, picked(rows_of(value), args), args)
        return picked(value, args)[:args.get("first", 100)] if isinstance(value, list) else value


def rows_of(connection: Row) -> list[Row]:
    return [edge["node"] for edge in connection["edges"]]


def walk(value: Any) -> Iterator[Row]:
    if isinstance(value, dict):
        if "__typename" in value:
            yield value
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from walk(item)


def picked(rows: list[Row], args: Row) -> list[Row]:
    """Filtered and ordered: nulls last, then by id."""
    wanted = {k: v for k, v in args.get("filter", {}).items() if v is not None}
    kept = [row for row in rows if all(meets(row, name, value) for name, value in wanted.items())]
    return ordered(kept, args["orderBy"]) if "orderBy" in args else kept


def meets(row: Row, name: str, value: Any) -> bool:
    if name in TESTS:
        return bool(TESTS[name](row, value))
    return bool(row[name] in value) if isinstance(value, list) else bool(row[name] == value)


def ordered(rows: list[Row], order: str) -> list[Row]:
    first, *rest = order.removesuffix("_DESC").lower().split("_")
    name = first + "".join(word.title() for word in rest)

    def key(row: Row) -> Any:
        return row["id"] if name == "created" else row["owner"]["name"] if name == "ownerName" else row[name]
    by_id = sorted(rows, key=lambda row: row["id"])
    known = [row for row in by_id if key(row) is not None]
    unknown = [row for row in by_id if key(row) is None]
    return sorted(known, key=key, reverse=order.endswith("_DESC")) + unknown


def connected(kind: str, rows: list[Row], args: Row) -> Row:
    """A page from either end, after the Relay connection specification."""
    backwards = "last" in args
    size: int = args["last"] if backwards else args.get("first", 50)
    page = rows[len(rows) - size if size < len(rows) else 0:] if backwards else rows[:size]
    info = {"__typename": "PageInfo", "hasNextPage": not backwards and len(rows) > size,
            "hasPreviousPage": backwards and len(rows) > size}
    edges = [{"__typename": kind.replace("Connection", "Edge"), "node": row} for row in page]
    return {"__typename": kind, "edges": edges, "pageInfo": info, "totalCount": len(rows)}


def one(oracle: Oracle, noun: str, args: Row) -> Row | None:
    return oracle.nodes.get(args["id"]) if args["id"].startswith(noun) else None


def found(oracle: Oracle, args: Row) -> list[Row] | None:
    """A search, for those who may: employees by a part of their name."""
    if not oracle.seen["searches"]:
        return None
    name = args["search"].get("name")
    hits = [] if name is None else [
        row for row in oracle.seen["employees"] if name.strip().lower() in row["name"].lower()]
    return hits[:args.get("first", 100)]


ROOT: dict[str, Any] = {
    "plan": lambda oracle, args: one(oracle, "Plan:", args),
    "node": lambda oracle, args: one(oracle, "", args),
    "unit": lambda oracle, args: one(oracle, "Unit:", args),
    "consentTemplate": lambda oracle, args: one(oracle, "ConsentTemplate:", args),
    "persons": found, "statistics": lambda oracle, args: None, "verifyConsent": lambda oracle, args: None,
    "declarationToSign": lambda oracle, args: None, "systemOptions": lambda oracle, args: None,
    "deliveriesPreview": lambda oracle, args: {"__typename": "DeliveriesPreview", "count": 0},
    "previewDelivery": lambda oracle, args: None,
    "fagsystemTasks": lambda oracle, args: connected("FagsystemTaskConnection", [], args),
    "person": lambda oracle, args: next(
        (row for row in oracle.seen["employees"]
         if row["id"] == args["id"] and oracle.seen["searches"]), None)}


async def seen_by(asking: Asking, part: str) -> Oracle:
    """Asks for everything: the roots one by one, each plan field by field, the employees by name."""
    kinds: Any = SDL.type_map
    seen: Row = {"__typename": "Query"}
    for root in ROOTS:
        name = root.partition("(")[0]
        seen |= await told(asking, part, f"{{ {root}{chosen(kinds['Query'].fields[name].type)} }}")
    plans = await told(asking, part, "{ plans(first: 100) { edges { node { id } } } }")
    seen["plans"] = {"edges": [
        {"node": await plan_of(asking, part, row["id"])} for row in rows_of(plans["plans"])]}
    plan_of_delivery: dict[str, str] = {}
    for row in rows_of(seen["plans"]):
        plan_of_delivery |= {delivery["id"]: row["id"] for delivery in row["deliveries"] or ()}
    for row in rows_of(seen["deliveries"]):
        row["plan"] = plan_of_delivery[row["id"]]
    searches = (f'{{ persons(search: {{name: "{name}"}}) {whole(kinds["Person"])} }}'
                for name in ("Berg", "Dahl", "Haug", "Lie", "Lund", "Moe", "Vik"))
    employees = [await told(asking, "stafettholder", search) for search in searches]
    seen["employees"] = sorted((row for hits in employees for row in hits["persons"]),
                               key=lambda row: row["name"])
    seen["searches"] = part == "stafettholder"
    return Oracle(seen)


async def plan_of(asking: Asking, part: str, key: str) -> Row:
    kind: Any = SDL.type_map["Plan"]
    row: Row = {}
    for name in kind.fields:
        only = whole(kind, frozenset(kind.fields) - {name})
        row |= (await told(asking, part, f"query($id: ID!) {{ plan(id: $id) {only} }}", id=key))["plan"]
    return row


async def told(asking: Asking, part: str, query: str, **variables: Any) -> Row:
    """Without the access log: the rows are the same for all questions."""
    answer = await asking.answer(part, query, log=False, **variables)
    assert not answer.errors, answer.errors
    data: Row = orjson.loads(orjson.dumps(answer.data))
    return data


def stored_name(field: str) -> str:
    return camel_to_snake(field)
