"""FHIR R4 over HTTP: what the hub can do, a search about one person, its pages, and one record."""
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import parse_qs

from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import Receive, Scope, Send

from db.rules.errors import Refused
from resolvers.context import Context, Hub
from resolvers.record import record, records
from schema import parameters
from schema.errors import TOO_MANY_NEW
from schema.fhir import page
from schema.fhir.bundle import flag, matching, searchset
from schema.fhir.capability import statement
from schema.fhir.outcome import MEDIA, excused
from schema.fhir.search import Search, form, read
from schema.http import SignIn, written
from schema.parameters import Refusal

FORM = b"application/x-www-form-urlencoded"
FORMATS = {MEDIA, "application/json", "text/json", "json"}  # `_format` may say so, too
ANY = {"*/*", "application/*"}
BODY_MAX, COST = 65_536, 10  # bytes; of a client's budget, which is 3,000 a minute (schema/budget)


class Fhir:
    """All below /fhir. A plain ASGI app: whatever goes wrong in it is an OperationOutcome."""

    def __init__(self, hub: Hub, login: SignIn) -> None:
        self.hub, self.login, self.base = hub, login, f"{hub.url}/fhir"
        self.router = Router(redirect_slashes=False, routes=[  # a redirection would say the address again
            Route("/metadata", self.metadata), Route("/Flag/_search", self.search, methods=["POST"]),
            Route("/Flag", self.page), Route("/Flag/{id:uuid}", self.read)])

    def routes(self) -> list[BaseRoute]:
        return [Route("/fhir", self), Mount("/fhir", self)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            return await self.router(scope, receive, send)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is
            head = parameters.by_name(scope["headers"])
            response = excused(error, parameters.language(head, "nb"))
        return await response(scope, receive, send)

    async def metadata(self, request: HttpRequest) -> Response:
        check_format(parameters.by_name(request.scope["headers"]), in_address(request))
        return written(200, MEDIA, statement(self.base), {"Cache-Control": "public, max-age=3600"})

    async def search(self, request: HttpRequest) -> Response:
        """R4, RESTful API: search. The parameters are in the body alone."""
        head, said = parameters.by_name(request.scope["headers"]), in_address(request)
        if said.keys() - {"_format"}:
            raise Refusal(400, "FHIR_ADDRESS")
        if head.get(b"content-type", b"").partition(b";")[0].strip().lower() != FORM:
            raise Refusal(415, "FHIR_FORM")
        ctx = await self.asking(head)
        given = form(await parameters.body(request.receive, head.get(b"content-length", b"0"), BODY_MAX))
        check_format(head, said | {name: value for name, value in given if name == "_format"})
        strict = b"handling=strict" in head.get(b"prefer", b"").lower().replace(b" ", b"")
        return await self.found(ctx, read(given, strict=strict), 0)

    async def page(self, request: HttpRequest) -> Response:
        """A page of a search that has been made; another search is refused."""
        head, said = parameters.by_name(request.scope["headers"]), in_address(request)
        if "_page" not in said or said.keys() - {"_page", "_format"}:
            raise Refusal(400, "FHIR_ADDRESS")
        check_format(head, said)
        ctx = await self.asking(head)
        return await self.found(ctx, *page.opened(self.hub.seal, said["_page"], asker(ctx), ctx.now))

    async def found(self, ctx: Context, search: Search, start: int) -> Response:
        """Every page is asked for anew, as its asker may know it then, and is in the log as such."""
        with entitled(ctx):
            known = await records(ctx, search.number)
        flags = matching(known, search, self.hub.url, ctx.language)

        def another(first: int) -> str:
            return page.sealed(self.hub.seal, search, first, asker(ctx), ctx.now)
        return written(200, MEDIA, searchset(flags, search, start, self.base, another, ctx.language))

    async def read(self, request: HttpRequest) -> Response:
        """R4, RESTful API: read. 404 alike for what is another's and for what never was."""
        head, said = parameters.by_name(request.scope["headers"]), in_address(request)
        if said.keys() - {"_format"}:
            raise Refusal(400, "FHIR_ADDRESS")
        check_format(head, said)
        ctx = await self.asking(head)
        with entitled(ctx):
            found = await record(ctx, request.path_params["id"])
        if found is None:
            raise Refusal(404, "NOT_FOUND")
        return written(200, MEDIA, flag(found, self.hub.url, ctx.language))

    async def asking(self, head: Mapping[bytes, bytes]) -> Context:
        viewer = await self.login.viewer(parameters.authorization(head), parameters.municipality(head))
        return Context(self.hub, viewer, self.hub.clock(), parameters.language(head, viewer.language))


def asker(ctx: Context) -> str:
    """For whom a page is."""
    client = ctx.viewer.client
    return f"{ctx.viewer.municipality} {client.organisation if client else ''}"


@contextmanager
def entitled(ctx: Context) -> Iterator[None]:
    """What is asked within costs as much, each time, as a question in GraphQL that is new. Refusal: there has
    been too much of it, or it is not for the asker."""
    try:
        if ctx.hub.spend:
            ctx.hub.spend((ctx.viewer.municipality, ctx.viewer.person or ctx.viewer.client), COST)
        yield
    except GraphQLError:
        raise Refusal(429, "TOO_MANY_NEW", TOO_MANY_NEW) from None
    except Refused:
        raise Refusal(403, "FHIR_SCOPE") from None


def in_address(request: HttpRequest) -> dict[str, str]:
    """The address's parameters; what can't be read is there under no name that is taken."""
    try:
        given = parse_qs(request.scope["query_string"].decode("ascii"), keep_blank_values=True,
                         max_num_fields=10, errors="strict")
    except ValueError:
        return {"": ""}
    return {name: values[-1] for name, values in given.items()}


def check_format(head: Mapping[bytes, bytes], said: Mapping[str, str]) -> None:
    """Refusal where JSON is not wanted; `_format` counts before Accept (R4, RESTful API §3.1.0.1.11)."""
    # In an address that is not escaped the plus of fhir+json stands for a space.
    wished = [said["_format"].replace(" ", "+")] if "_format" in said else parameters.preferred(
        (head.get(b"accept") or b"*/*")[:parameters.HEARD])
    if not any(name.partition(";")[0] in FORMATS | ANY for name in wished):
        raise Refusal(406, "FHIR_ACCEPT")
