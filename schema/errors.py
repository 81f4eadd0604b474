"""How an error looks from outside: a sentence and a code, and for what nobody expected an id to ask about."""
import logging
import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from itertools import islice
from traceback import walk_tb
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError, Node

from db import engine
from integrations.words import say

BAD_REQUEST = "BAD_REQUEST"
METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"  # also a change that was asked for by GET
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_USER_INPUT = "BAD_USER_INPUT"
TOO_LARGE = "QUESTION_TOO_LARGE"
UNAUTHENTICATED = "UNAUTHENTICATED"
FORBIDDEN = "FORBIDDEN"  # to a system whose token lacks the scope
INTERNAL = "INTERNAL"
TOO_MANY_NEW = "TOO_MANY_NEW"
BUSY = "BUSY"  # may be asked again, as it stands

# Six digits and five, spaced or not: what can be an identity number goes into no message.
NUMBER = re.compile(r"(?<!\w)\d{6}\W{0,2}\d{5}(?!\w)")
LONGEST = 500  # characters of a message: graphql-core repeats a bad value whole, and it may fill the request

request_id: ContextVar[str] = ContextVar("request_id", default="-")  # schema/http sets it for each request
log = logging.getLogger(__name__)


class Invalid(Exception):
    """All that is wrong with a document or its variables."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(len(errors))
        self.errors = errors


def problem(code: str, key: str, language: str, **values: Any) -> dict[str, Any]:
    """An error as the response holds it, its sentence `http.<key>` of the words."""
    return {"message": say(f"http.{key}", language, **values), "extensions": {"code": code}}


def too_large(limit: str, most: int, *where: Node) -> GraphQLError:
    """A question over one of the limits; `formatted` says it in the asker's language."""
    return GraphQLError(f"The question is too large: {limit} over {most}.", list(where),
                        extensions={"code": TOO_LARGE, "limit": limit, "most": most})


def formatted(error: GraphQLError, language: str, code: str = VALIDATION_FAILED) -> dict[str, Any]:
    """The error as the response holds it; `code` is for one that carries none.

    An error of ours behind it (in what Strawberry itself answers) is masked: its text may hold data."""
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        return masked(error.original_error, language, error.path)
    known = PARSE_FAILED if isinstance(error, GraphQLSyntaxError) else code
    extensions = {"code": known, **(error.extensions or {})}
    message = NUMBER.sub("…", error.message)[:LONGEST]
    if extensions["code"] == TOO_LARGE:
        message = say(f"http.TOO_LARGE_{extensions['limit']}", language, most=extensions["most"])
    if extensions["code"] == TOO_MANY_NEW:
        message = say("http.TOO_MANY_NEW", language)
    return {**error.formatted, "message": message, "extensions": extensions}


def masked(error: BaseException, language: str, path: Sequence[str | int] | None = None) -> dict[str, Any]:
    """One sentence for what nobody expected: the request's id; to come back, where the database had no time.

    The log gets types and places in the code alone: an exception's text may hold the row it stumbled on."""
    told = " < ".join(traced(cause) for cause in islice(causes(error), 5))
    log.error("Request %s failed: %s", request_id.get(), told)
    code = BUSY if any(isinstance(cause, engine.BUSY) for cause in causes(error)) else INTERNAL
    answer = problem(code, code, language, id=request_id.get())
    return answer | {"path": list(path)} if path else answer


def causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def traced(error: BaseException) -> str:
    places = [f"{frame.f_globals.get('__name__')}:{line}" for frame, line in walk_tb(error.__traceback__)]
    return " ".join([f"{type(error).__module__}.{type(error).__qualname__}", *places[-8:]])
