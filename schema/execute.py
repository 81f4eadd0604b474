"""Answers an operation: parse, limits and validation once a document, compile once a shape, then bytes."""
from collections.abc import Hashable, Mapping
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    type_from_ast,
)
from graphql.execution.values import get_variable_values

from db.read.compile import compiled
from db.read.page import BadArgument
from db.read.selection import Selection
from db.rules.errors import Refused
from resolvers.context import Context, Hub
from schema import limits
from schema.change import change
from schema.errors import (
    BAD_USER_INPUT,
    FORBIDDEN,
    METHOD_NOT_ALLOWED,
    NUMBER,
    Invalid,
    formatted,
    masked,
    problem,
)
from schema.operation import Answer, Document, Made, Operation, Request, refused, rows, spend, told
from schema.recent import Recent
from schema.selection import Reading, given, shape

DOCUMENTS, STATEMENTS = 500, 500
BY_SYSTEMS = ("hasStafettlogg", "createPlanFromSystem")


class HubSchema(strawberry.Schema):
    """Strawberry's schema; what asks for data never meets Strawberry's executor."""

    def __init__(self, *args: Any, usual: Mapping[str, int], called: Mapping[str, Any],
                 **options: Any) -> None:
        """`usual`: rows of a list that says no number; `called`: roots that are no rows under a mask."""
        super().__init__(*args, **options)
        self.usual, self.called = usual, called
        self.documents: Recent[Document] = Recent(DOCUMENTS)
        self.statements: Recent[Made] = Recent(STATEMENTS)

    @property
    def graphql(self) -> GraphQLSchema:
        """graphql-core's schema, which Strawberry makes."""
        return self._schema

    async def answer(self, request: Request, hub: Hub) -> Answer:
        """The answer; a refusal where the request is wrong. What nobody expected is masked, or raised."""
        ctx = Context(hub, request.viewer, hub.clock(), request.language, request.idempotency_key)
        try:
            return await self.answered(self.operation(request), request, ctx)
        except Invalid as invalid:
            return refused(*(formatted(error, ctx.language) for error in invalid.errors))
        except GraphQLError as error:
            return refused(formatted(error, ctx.language))
        except BadArgument as error:
            return refused(problem(BAD_USER_INPUT, error.code, ctx.language))
        except Refused as error:
            return refused(problem(FORBIDDEN, error.problems[0].code, ctx.language))

    async def answered(self, operation: Operation, request: Request, ctx: Context) -> Answer:
        """What answers it: Strawberry the schema, acts a change, and the database a question."""
        if request.safe and operation.node.operation is not OperationType.QUERY:
            return refused(problem(METHOD_NOT_ALLOWED, "GET_CHANGES_NOTHING", ctx.language))
        if request.safe and "hasStafettlogg" in self.names(operation):
            return refused(problem(METHOD_NOT_ALLOWED, "BY_POST", ctx.language))
        if self.asks_for_schema(operation):
            return await self.schema_told(operation, request, ctx.language)
        if operation.node.operation is OperationType.MUTATION:
            return await change(self, operation, ctx)
        return await self.question(operation, ctx)

    def operation(self, request: Request) -> Operation:
        """Invalid where the document or the variables are wrong, GraphQLError for the choice of operation."""
        document = self.documents.get(request.query, lambda: self.read(request.query))
        node = get_operation_ast(document.ast, request.operation_name)
        if node is None:
            raise GraphQLError("Name one operation of the document.", extensions={"code": BAD_USER_INPUT})
        declared = node.variable_definitions or ()
        values = get_variable_values(self._schema, declared, request.variables, max_errors=limits.ERRORS)
        if isinstance(values, list):
            raise Invalid([GraphQLError(error.message, error.nodes, extensions={"code": BAD_USER_INPUT})
                           for error in values])
        limits.afford(document.prices[node.name.value if node.name else None], values.coerced)
        return Operation(document, node, values, self.shapes(node, values.coerced))

    def read(self, text: str) -> Document:
        """BadArgument for the number of somebody whom a system asks about: the document is kept."""
        ast = limits.read(text)
        prices = limits.check(ast, self.usual)
        if errors := limits.errors(self._schema, ast):
            raise Invalid(errors)
        if any(field in text for field in BY_SYSTEMS) and NUMBER.search(text):
            raise BadArgument("NUMBER_IN_DOCUMENT")
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
        """Whether it asks for the schema, which Strawberry answers. GraphQLError: for data as well."""
        names = self.names(operation)
        asked = names & {"__schema", "__type"}
        if asked and names - {"__schema", "__type", "__typename"}:
            raise GraphQLError("Ask for the schema in a question of its own.", operation.node)
        return bool(asked)

    def names(self, operation: Operation) -> set[str]:
        """Of the root fields."""
        return {nodes[0].name.value for nodes in self.roots(operation).values()}

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
            except (BadArgument, Refused):
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
        spend(ctx, fields)
        read = tuple(asked for asked in fields if asked.name not in self.called)
        statement = compiled(Selection("Query", read), log=ctx.hub.log) if read else None
        return Made(statement, tuple(asked for asked in fields if asked.name in self.called),
                    tuple(f.key for f in fields))
