"""One operation on its way: what came in, what is known of it, and how its rows are read and told."""
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson
from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode

from db.read.compile import Statement
from db.read.page import NOBODY
from db.read.selection import Asked, Selection
from resolvers.context import Context, Viewer
from schema import limits
from schema.errors import masked


@dataclass(frozen=True, repr=False)  # this and the answer hold what no trace may print
class Request:
    """What came in, from whom; `safe` takes queries alone."""
    query: str
    operation_name: str | None
    variables: dict[str, Any]
    viewer: Viewer
    language: str
    idempotency_key: str | None = None
    safe: bool = False


@dataclass(frozen=True, repr=False)
class Answer:
    """`started` False: a request error, so no `data` at all. Values of `data` may be JSON text already."""
    data: dict[str, Any] | None
    errors: list[dict[str, Any]] = field(default_factory=list)
    started: bool = True


@dataclass(frozen=True)
class Document:
    """A valid document, its operations' fragments and prices."""
    text: str
    ast: DocumentNode
    fragments: dict[str, FragmentDefinitionNode]
    prices: Mapping[str | None, limits.Price]


@dataclass(frozen=True)
class Operation:
    """One operation with its variables: everything that answering it needs."""
    document: Document
    node: OperationDefinitionNode
    values: Any  # graphql-core's coerced variables, with where each came from
    shapes: Hashable

    @property
    def variables(self) -> dict[str, Any]:
        coerced: dict[str, Any] = self.values.coerced
        return coerced


@dataclass(frozen=True)
class Made:
    """The statement of an operation's shape, its called fields, and the order of all."""
    statement: Statement | None
    called: tuple[Asked, ...]
    keys: tuple[str, ...]


def spend(ctx: Context, fields: Sequence[Asked]) -> None:
    """Takes what a new question costs from its client's budget."""
    if ctx.hub.spend:
        ctx.hub.spend((ctx.viewer.municipality, ctx.viewer.person or ctx.viewer.client), size(fields))


def size(fields: Sequence[Asked]) -> int:
    return sum(1 + (size(asked.below.fields) if asked.below else 0) for asked in fields)


def known(variables: Mapping[str, Any], ctx: Context) -> dict[str, Any]:
    """The variables, and what no GraphQL variable is named as."""
    return {**variables, "$municipality": ctx.viewer.municipality, "$viewer": ctx.viewer.person or NOBODY,
            "$now": ctx.now, "$mark": ctx.hub.seal.mark}


async def rows(statement: Statement, variables: Mapping[str, Any], ctx: Context) -> Answer:
    """The bytes of each root field, untouched. BadArgument: one can't be read with, and nothing is asked."""
    values = statement.values(known(variables, ctx))
    try:
        row = await ctx.hub.reader.answer(statement.sql, values)
    except Exception as error:  # noqa: BLE001  whatever it is, the asker gets one sentence
        return Answer({}, [masked(error, ctx.language, [key]) for key in statement.keys])
    return Answer({k: orjson.Fragment(v) if v else None for k, v in zip(statement.keys, row, strict=True)})


def told(value: Any, selection: Selection | None) -> Any:
    """A value of ours as the selection asks for it."""
    if selection is None or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [told(item, selection) for item in value]
    return {f.key: selection.noun if f.name == "__typename" else told(getattr(value, f.name), f.below)
            for f in selection.fields}


def hashed(operation: Operation) -> bytes:
    """SHA-256 of document, operation and variables: the same idempotency key must come with the same."""
    name = operation.node.name and operation.node.name.value
    asked = orjson.dumps([name, operation.variables], option=orjson.OPT_SORT_KEYS, default=str)
    return sha256(operation.document.text.encode() + b"\0" + asked).digest()


def refused(*errors: dict[str, Any]) -> Answer:
    return Answer(None, list(errors), started=False)
