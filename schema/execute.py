"""Answers an operation: parse, limits and validation once per document, compile once per shape,
then bytes."""
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import orjson
import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    type_from_ast,
)
from graphql.execution.values import get_argument_values, get_variable_values
from strawberry.types import get_object_definition
from strawberry.types.arguments import convert_arguments

from db.read.compile import Statement, compiled
from db.read.page import NOBODY, BadArgument
from db.read.selection import Asked, Given, Selection
from integrations.words import say
from resolvers.act import Done
from resolvers.context import Context, Hub, Viewer
from schema import limits
from schema.errors import BAD_USER_INPUT, METHOD_NOT_ALLOWED, formatted, masked, problem
from schema.node import UserError
from schema.recent import Recent
from schema.selection import Reading, given, shape

DOCUMENTS, STATEMENTS = 500, 500
TOUCHED = "$touched"  # no GraphQL variable is named so


@dataclass(frozen=True)
class Request:
    """What came in, from whom; `safe` takes queries alone."""
    query: str
    operation_name: str | None
    variables: dict[str, Any]
    viewer: Viewer
    language: str
    idempotency_key: str | None = None
    safe: bool = False


@dataclass(frozen=True)
class Answer:
    """`started` False: a request error, and the response holds no data.
    Values of `data` may be JSON text already."""
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


class HubSchema(strawberry.Schema):
    """Strawberry's schema; what asks for data never meets Strawberry's executor."""

    def __init__(self, *args: Any, usual: Mapping[str, int], called: Mapping[str, Any],
                 **options: Any) -> None:
        """`usual`: rows of a list that says no number; `called`:
        root fields that are no rows under a mask."""
        super().__init__(*args, **options)
        self.usual, self.called = usual, called
        self.documents: Recent[Document] = Recent(DOCUMENTS)
        self.statements: Recent[Made] = Recent(STATEMENTS)

    async def answer(self, request: Request, hub: Hub) -> Answer:
        """The answer, whatever was asked; nothing is raised."""
        ctx = Context(hub, request.viewer, hub.clock(), request.language, request.idempotency_key)
        try:
            operation = self.operation(request)
            if request.safe and operation.node.operation is not OperationType.QUERY:
                return refused(problem(METHOD_NOT_ALLOWED, "GET_CHANGES_NOTHING", ctx.language))
            if self.asks_for_schema(operation):
                return await self.schema_told(operation, request, ctx.language)
            if operation.node.operation is OperationType.MUTATION:
                return await self.change(operation, ctx)
            return await self.question(operation, ctx)
        except GraphQLError as error:
            return refused(formatted(error, ctx.language))
        except BadArgument as error:
            return refused(problem(BAD_USER_INPUT, error.code, ctx.language))

    def operation(self, request: Request) -> Operation:
        """GraphQLError where the document, the choice of operation or the variables are wrong."""
        document = self.documents.get(request.query, lambda: self.read(request.query))
        node = get_operation_ast(document.ast, request.operation_name)
        if node is None:
            raise GraphQLError("Name one operation of the document.", extensions={"code": BAD_USER_INPUT})
        values = get_variable_values(self._schema, node.variable_definitions or (), request.variables,
                                     max_errors=5)
        if isinstance(values, list):
            raise GraphQLError(values[0].message, values[0].nodes, extensions={"code": BAD_USER_INPUT})
        limits.afford(document.prices[node.name.value if node.name else None], values.coerced)
        return Operation(document, node, values, self.shapes(node, values.coerced))

    def read(self, text: str) -> Document:
        ast = limits.read(text)
        prices = limits.check(ast, self.usual)
        for error in limits.errors(self._schema, ast):
            raise error
        fragments = {d.name.value: d for d in ast.definitions if isinstance(d, FragmentDefinitionNode)}
        return Document(text, ast, fragments, prices)

    def shapes(self, node: OperationDefinitionNode, variables: Mapping[str, Any]) -> Hashable:
        kinds = {d.variable.name.value: d.type for d in node.variable_definitions or ()}
        return tuple((name, shape(type_from_ast(self._schema, kinds[name]), v))
                     for name, v in variables.items())

    def selection(self, operation: Operation) -> Selection:
        root: Any = self._schema.get_root_type(operation.node.operation)
        return self.reading(operation).select(root, [operation.node.selection_set])

    def reading(self, operation: Operation) -> Reading:
        return Reading(self._schema, operation.document.fragments, operation.variables)

    def asks_for_schema(self, operation: Operation) -> bool:
        """Whether it asks for the schema, which Strawberry answers;
        GraphQLError where it asks for data as well."""
        names = {nodes[0].name.value for nodes in self.roots(operation).values()}
        asked = names & {"__schema", "__type"}
        if asked and names - {"__schema", "__type", "__typename"}:
            raise GraphQLError("Ask for the schema in a question of its own.", operation.node)
        return bool(asked)

    def roots(self, operation: Operation) -> dict[str, list[FieldNode]]:
        """The root fields by response key, fragments spread."""
        root: Any = self._schema.get_root_type(operation.node.operation)
        found: dict[str, list[FieldNode]] = {}
        self.reading(operation).collect(root, [operation.node.selection_set], found, set())
        return found

    async def schema_told(self, operation: Operation, request: Request, language: str) -> Answer:
        result: Any = await self.execute(
            operation.document.text, request.variables, operation_name=request.operation_name)
        return Answer(result.data, [formatted(error, language) for error in result.errors or ()])

    async def question(self, operation: Operation, ctx: Context) -> Answer:
        """The root fields that are called; then all that are rows in one statement, so one snapshot.

        In this order: a question that a called field refuses must leave no reading in the access log."""
        name = operation.node.name and operation.node.name.value
        key = (operation.document.text, name, operation.shapes, ctx.hub.log)
        made = self.statements.get(key, lambda: self.made(operation, ctx))
        data: dict[str, Any] = {}
        errors: list[dict[str, Any]] = []
        for asked in made.called:
            try:
                said = await self.called[asked.name](ctx, given(asked, operation.variables))
                data[asked.key] = told(said, asked.below)
            except BadArgument:
                raise
            except Exception as error:  # noqa: BLE001  whatever it is, the asker gets one sentence
                errors.append(masked(error, ctx.language, [asked.key]))
        if made.statement:
            read = await rows(made.statement, operation.variables, ctx)
            data |= read.data or {}
            errors += read.errors
        return Answer({name: data.get(name) for name in made.keys}, errors)

    def made(self, operation: Operation, ctx: Context) -> Made:
        """What one shape of an operation comes to."""
        fields = self.selection(operation).fields
        read = tuple(asked for asked in fields if asked.name not in self.called)
        statement = compiled(Selection("Query", read), log=ctx.hub.log) if read else None
        return Made(statement, tuple(asked for asked in fields if asked.name in self.called),
                    tuple(f.key for f in fields))

    async def change(self, operation: Operation, ctx: Context) -> Answer:
        """Each act in its turn and its own transaction; what one has committed stands,
        whatever comes of the next.

        BadArgument, before the first, where one of the payloads can't be read."""
        fields = self.selection(operation).fields
        again = {asked.key: self.again(asked, operation, ctx) for asked in fields}
        for statement in filter(None, again.values()):
            statement.values(known({**operation.variables, TOUCHED: defaultdict(str)}, ctx))
        data: dict[str, Any] = {}
        errors: list[dict[str, Any]] = []
        for asked in fields:
            answer = await self.changed(asked, again[asked.key], operation, ctx)
            data |= answer.data or {}
            errors += answer.errors
        return Answer(data, errors)

    async def changed(self, asked: Asked, again: Statement | None, operation: Operation,
                      ctx: Context) -> Answer:
        """One root field of a change."""
        if asked.below is None:
            return Answer({asked.key: asked.name})
        try:
            done = await self.act(asked, operation, ctx)
            return await payload(asked, asked.below, done, again, operation, ctx)
        except GraphQLError as error:
            problem = {**formatted(error, ctx.language, BAD_USER_INPUT), "path": [asked.key]}
        except Exception as error:  # noqa: BLE001  whatever it is, the asker gets one sentence
            problem = masked(error, ctx.language, [asked.key])
        return Answer({asked.key: None}, [problem])

    async def act(self, asked: Asked, operation: Operation, ctx: Context) -> Done:
        """Calls the mutation with its input as Strawberry makes it."""
        root: Any = self._schema.mutation_type
        node = self.roots(operation)[asked.key][0]
        definition: Any = get_object_definition(self.mutation, strict=True).get_field(asked.name)
        values = get_argument_values(root.fields[node.name.value], node, operation.values)
        arguments = convert_arguments(values, definition.arguments, self.schema_converter.scalar_registry,
                                      self.config)
        asking = replace(ctx, field=asked.key, request_hash=hashed(operation))
        done: Done = await definition.base_resolver.wrapped_func(None, SimpleNamespace(context=asking),
                                                                 **arguments)
        return done

    def again(self, asked: Asked, operation: Operation, ctx: Context) -> Statement | None:
        """The statement that reads a payload's rows; None where it asks for none."""
        fields = asked.below.fields if asked.below else ()
        read = tuple(Asked(f.key, "node", f.below, {"id": Given((TOUCHED, f.name))})
                     for f in fields if f.below and f.name != "errors")
        name = operation.node.name and operation.node.name.value
        key = (operation.document.text, name, asked.key, operation.shapes, ctx.hub.log)
        return self.statements.get(key, lambda: Made(
            compiled(Selection("Payload", read), log=ctx.hub.log) if read else None, (), ())).statement


async def payload(asked: Asked, below: Selection, done: Done, again: Statement | None, operation: Operation,
                  ctx: Context) -> Answer:
    """What was touched, read again through the gate as any question would; and why not, if it was not."""
    read = Answer({})
    if again and done.touched:
        after = replace(ctx, now=done.at or ctx.now)
        read = await rows(again, {**operation.variables, TOUCHED: defaultdict(str, done.touched)}, after)
    problems = [UserError(code=p.code, field=p.field,
                          message=say(f"errors.{p.code}", ctx.language, **p.values))
                for p in done.problems]
    data = {f.key: told(problems, f.below) if f.name == "errors" else below.noun if f.name == "__typename"
            else (read.data or {}).get(f.key) for f in below.fields}
    return Answer({asked.key: data}, [{**error, "path": [asked.key, *error["path"]]}
                                      for error in read.errors])


def known(variables: Mapping[str, Any], ctx: Context) -> dict[str, Any]:
    """The variables, and what no GraphQL variable is named as."""
    return {**variables, "$municipality": ctx.viewer.municipality, "$viewer": ctx.viewer.person or NOBODY,
            "$now": ctx.now, "$mark": ctx.hub.seal.mark}


async def rows(statement: Statement, variables: Mapping[str, Any], ctx: Context) -> Answer:
    """The bytes of each root field, untouched. BadArgument where an argument can't be read with:
    nothing is asked then."""
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
    """SHA-256 of document, operation and variables: the same idempotency key must
    come with the same request."""
    name = operation.node.name and operation.node.name.value
    asked = orjson.dumps([name, operation.variables], option=orjson.OPT_SORT_KEYS, default=str)
    return sha256(operation.document.text.encode() + b"\0" + asked).digest()


def refused(error: dict[str, Any]) -> Answer:
    return Answer(None, [error], started=False)

