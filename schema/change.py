"""Answers a mutation: each act in its turn, and its payload read again through the gate."""
from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from graphql.execution.values import get_argument_values
from strawberry.types import get_object_definition
from strawberry.types.arguments import convert_arguments

from db.read.compile import Statement, compiled
from db.read.selection import Asked, Given, Selection
from integrations.words import say
from resolvers.act import Done
from resolvers.context import Context
from schema.errors import BAD_USER_INPUT, formatted, masked
from schema.node import UserError
from schema.operation import Answer, Made, Operation, hashed, known, rows, spend, told

if TYPE_CHECKING:
    from schema.execute import HubSchema

TOUCHED = "$touched"  # no GraphQL variable is named so


async def change(schema: HubSchema, operation: Operation, ctx: Context) -> Answer:
    """Each act in its turn and its own transaction; what one has committed stands, whatever comes next.

    BadArgument, before the first, where one of the payloads can't be read."""
    fields = schema.selection(operation).fields
    again = {asked.key: payload_of(schema, asked, operation, ctx) for asked in fields}
    for statement in filter(None, again.values()):
        statement.values(known({**operation.variables, TOUCHED: defaultdict(str)}, ctx))
    data: dict[str, Any] = {}
    errors: list[dict[str, Any]] = []
    for asked in fields:
        answer = await changed(schema, asked, again[asked.key], operation, ctx)
        data |= answer.data or {}
        errors += answer.errors
    return Answer(data, errors)


async def changed(schema: HubSchema, asked: Asked, again: Statement | None, operation: Operation,
                  ctx: Context) -> Answer:
    """One root field of a change."""
    if asked.below is None:
        return Answer({asked.key: asked.name})
    try:
        done = await act(schema, asked, operation, ctx)
        return await payload(asked, asked.below, done, again, operation, ctx)
    except GraphQLError as error:
        problem = {**formatted(error, ctx.language, BAD_USER_INPUT), "path": [asked.key]}
    except Exception as error:  # noqa: BLE001  whatever it is, the asker gets one sentence
        problem = masked(error, ctx.language, [asked.key])
    return Answer({asked.key: None}, [problem])


async def act(schema: HubSchema, asked: Asked, operation: Operation, ctx: Context) -> Done:
    """Calls the mutation with its input as Strawberry makes it."""
    root: Any = schema.graphql.mutation_type
    node = schema.roots(operation)[asked.key][0]
    definition: Any = get_object_definition(schema.mutation, strict=True).get_field(asked.name)
    values = get_argument_values(root.fields[node.name.value], node, operation.values)
    scalars = schema.schema_converter.scalar_registry
    arguments = convert_arguments(values, definition.arguments, scalars, schema.config)
    info = SimpleNamespace(context=replace(ctx, field=asked.key, request_hash=hashed(operation)))
    done: Done = await definition.base_resolver.wrapped_func(None, info, **arguments)
    return done


def payload_of(schema: HubSchema, asked: Asked, operation: Operation, ctx: Context) -> Statement | None:
    """The statement that reads a payload's rows; None where it asks for none."""
    fields = asked.below.fields if asked.below else ()
    read = tuple(Asked(f.key, "node", f.below, {"id": Given((TOUCHED, f.name))})
                 for f in fields if f.below and f.name != "errors")
    name = operation.node.name and operation.node.name.value
    key = (operation.document.text, name, asked.key, operation.shapes, ctx.hub.log)

    def made() -> Made:
        spend(ctx, read)
        return Made(compiled(Selection("Payload", read), log=ctx.hub.log) if read else None, (), ())
    return schema.statements.get(key, made).statement


async def payload(asked: Asked, below: Selection, done: Done, again: Statement | None, operation: Operation,
                  ctx: Context) -> Answer:
    """What was touched, read again through the gate as any question would; and why not, if it was not."""
    read = Answer({})
    if again and done.touched:
        after = replace(ctx, now=done.at or ctx.now)
        read = await rows(again, {**operation.variables, TOUCHED: defaultdict(str, done.touched)}, after)
    problems = [
        UserError(code=p.code, field=p.field, message=say(f"errors.{p.code}", ctx.language, **p.values))
        for p in done.problems]
    found = read.data or {}
    data = {f.key: told(problems, f.below) if f.name == "errors"
            else below.noun if f.name == "__typename"
            else found.get(f.key) if f.below else done.touched.get(f.name) for f in below.fields}
    errors = [{**error, "path": [asked.key, *error["path"]]} for error in read.errors]
    return Answer({asked.key: data}, errors)
