"""GraphQL over HTTP by its specification's draft, and the pages beside it: schema, explorer, health."""
import logging
import os
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request as HttpRequest
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resolvers.context import Viewer
from schema import errors, parameters
from schema.explorer import ASSETS, CONTENT_SECURITY_POLICY, page
from schema.health import Ready, health
from schema.login import Reason, Unauthenticated
from schema.operation import Answer, Request
from schema.parameters import GRAPHQL, JSON, Refusal

# An id of the client's own is taken, unless it could be somebody's: eleven digits make an identity number.
REQUEST_ID = re.compile(rb"(?!.*\b\d{11}\b)[\w.-]{8,64}")
HEADERS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"),
           (b"cache-control", b"no-store"))
STATUS = {  # of a question that was not begun; else 400
    errors.FORBIDDEN: 403, errors.METHOD_NOT_ALLOWED: 405, errors.TOO_MANY_NEW: 429, errors.INTERNAL: 500,
    errors.BUSY: 503}
SAID = {  # with a status
    403: {"WWW-Authenticate": 'Bearer realm="stafettlogg", error="insufficient_scope"'},
    405: {"Allow": "POST"}, 429: {"Retry-After": "60"}, 503: {"Retry-After": "5"}}
CHALLENGES = {  # RFC 9470 and RFC 6750 §3.1; else invalid_token
    Reason.MISSING: "", Reason.ASSURANCE: ', error="insufficient_user_authentication"',
    Reason.SCOPE: ', error="insufficient_scope"'}

log = logging.getLogger(__name__)


class SignIn(Protocol):
    """schema.login.Login."""

    async def viewer(self, authorization: str | None, municipality: str | None) -> Viewer: ...


def routes(answer: Callable[[Request], Awaitable[Answer]], login: SignIn, sdl: str,
           ready: Ready) -> list[Route]:
    """All that the hub serves over HTTP. `ready` asks the database something, and raises if it can't."""
    async def schema(_: HttpRequest) -> Response:
        return PlainTextResponse(sdl)

    graphql = Route("/graphql", GraphQL(answer, login), methods=["GET", "POST"])
    return [graphql, Route("/", front), Route("/schema.graphql", schema), Route("/explorer/{name}", asset),
            *health(ready)]


def middleware(origins: Collection[str] = ()) -> list[Middleware]:
    """What stands round all routes; `origins` are the sites whose pages may ask from a browser."""
    if "*" in origins:
        raise ValueError("Name the origins: plans are not for every site.")
    own = ("Authorization", "Idempotency-Key", "X-Municipality", "X-Request-Id")
    cors = Middleware(CORSMiddleware, allow_origins=origins, allow_methods=("GET", "POST"), allow_headers=own,
                      expose_headers=("X-Request-Id",))
    return [Middleware(Envelope), *([cors] if origins else [])]


class GraphQL:
    """/graphql. Plain ASGI: all that stands round an answer takes 43 µs; Strawberry's view alone took 90."""

    def __init__(self, answer: Callable[[Request], Awaitable[Answer]], login: SignIn) -> None:
        self.answer, self.login = answer, login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = parameters.by_name(scope["headers"])
        safe = scope["method"] in {"GET", "HEAD"}
        if safe and not scope["query_string"] and b"text/html" in head.get(b"accept", b""):
            response = explorer()
        elif media := parameters.media_type(head):
            response = told(await self.answer(await self.request(scope, receive, head, safe)), media)
        else:
            raise Refusal(406, "ACCEPT")
        await response(scope, receive, send)

    async def request(self, scope: Scope, receive: Receive, head: dict[bytes, bytes], safe: bool) -> Request:
        """What is asked, and by whom. A stranger's body is not even read."""
        # A form or plain text is refused: other sites can make a browser send it without asking first (CSRF).
        if not parameters.is_json(head, b"application/json" if safe else b""):
            raise Refusal(415, "CONTENT_TYPE")
        viewer = await self.login.viewer(parameters.authorization(head), parameters.municipality(head))
        asked = (parameters.from_address(scope["query_string"]) if safe
                 else await parameters.from_body(receive, head))
        language = parameters.language(head, viewer.language)
        return Request(asked.query, asked.operation_name, asked.variables, viewer, language,
                       parameters.idempotency_key(head), safe)


class Envelope:
    """Round every route: the request's id, headers that browsers heed, an answer to whatever is raised."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sealed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = with_ours(message["headers"])
            await send(message)

        errors.request_id.set(identified(scope.get("headers", ())))
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        try:
            return await self.app(scope, receive, sealed)
        except ClientDisconnect:
            return None
        except Exception as error:  # noqa: BLE001  whatever it is
            response = excused(error, parameters.by_name(scope["headers"]))
        return await response(scope, receive, sealed) if not begun else None


def identified(headers: Iterable[tuple[bytes, bytes]]) -> str:
    given = next((value for name, value in headers if name == b"x-request-id"), b"")
    return given.decode() if REQUEST_ID.fullmatch(given) else os.urandom(12).hex()


def with_ours(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    own = {name for name, _ in headers}
    usual = (header for header in HEADERS if header[0] not in own)
    return [*headers, (b"x-request-id", errors.request_id.get().encode()), *usual]


def told(answer: Answer, media: str) -> Response:
    """The answer as it is sent. A question that is not valid gets 200 as `application/json`: the old way."""
    if answer.started:
        whole = {"data": answer.data, "errors": answer.errors} if answer.errors else {"data": answer.data}
        return written(200, media, whole)
    status = STATUS.get(answer.errors[0]["extensions"]["code"], 400 if media == GRAPHQL else 200)
    return written(status, media, {"errors": answer.errors}, SAID.get(status))


@dataclass(frozen=True)
class Excuse:
    """What is said of an error, whatever it is then written as."""
    status: int
    problem: dict[str, Any]
    headers: Mapping[str, str] | None = None


def excused(error: Exception, head: dict[bytes, bytes]) -> Response:
    """The answer to what was raised; nothing goes on to the server, which would log its text."""
    told = excuse(error, parameters.language(head, "nb"))
    return written(told.status, parameters.media_type(head) or JSON, {"errors": [told.problem]}, told.headers)


def excuse(error: Exception, language: str) -> Excuse:
    match error:
        case Refusal():
            problem = errors.problem(error.code, error.key, language, **error.values)
            return Excuse(error.status, problem, SAID.get(error.status))
        case Unauthenticated():
            return challenge(error.reason, language)
        case _:
            problem = errors.masked(error, language)
            status = STATUS[problem["extensions"]["code"]]
            return Excuse(status, problem, SAID.get(status))


def challenge(reason: Reason, language: str) -> Excuse:
    log.info("Request %s: sign-in refused: %s", errors.request_id.get(), reason)
    if reason is Reason.UNAVAILABLE:
        problem = errors.problem(errors.INTERNAL, "UNAVAILABLE", language)
        return Excuse(503, problem, {"Retry-After": "60"})
    problem = errors.problem(errors.UNAUTHENTICATED, "UNAUTHENTICATED", language)
    problem["extensions"]["reason"] = reason
    asks = 'Bearer realm="stafettlogg"' + CHALLENGES.get(reason, ', error="invalid_token"')
    return Excuse(403 if reason is Reason.SCOPE else 401, problem, {"WWW-Authenticate": asks})


def written(status: int, media: str, body: dict[str, Any],
            headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, f"{media}; charset=utf-8")


def explorer() -> Response:
    return HTMLResponse(page(), headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


async def front(_: HttpRequest) -> Response:
    """Where a fagsystem's link to the hub leads a person."""
    return RedirectResponse("/graphql")


async def asset(request: HttpRequest) -> Response:
    """A part of the explorer; only what it names is served, so no path leads elsewhere."""
    path = ASSETS.get(request.path_params["name"])
    if path is None or not path.is_file():
        raise HTTPException(404)
    return FileResponse(path, headers={"Cache-Control": "public, max-age=3600"})
