"""PDFs over HTTP: a form that was signed on paper comes in; what is kept beside a consent goes out."""
from collections.abc import Awaitable, Callable

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from db.rules.document import BYTES
from db.rules.errors import Refused
from integrations.words import say
from resolvers import document
from resolvers.context import Context, Hub
from schema import parameters
from schema.http import SignIn, written
from schema.parameters import JSON, Refusal

PDF = b"application/pdf"
ATTACHED = {"Content-Disposition": 'attachment; filename="samtykke.pdf"'}  # a name that tells of nobody


class Files:
    """The routes beside GraphQL. Who asks is looked at first: a stranger's body is not even read."""

    def __init__(self, hub: Hub, login: SignIn) -> None:
        self.hub, self.login = hub, login

    def routes(self) -> list[Route]:
        return [Route("/uploads", self.upload, methods=["POST"]),
                Route("/consents/{id}.pdf", self.form), Route("/documents/{id}.pdf", self.paper)]

    async def asking(self, request: HttpRequest) -> Context:
        head = parameters.by_name(request.scope["headers"])
        viewer = await self.login.viewer(parameters.authorization(head), parameters.municipality(head))
        language = parameters.language(head, viewer.language)
        return Context(self.hub, viewer, self.hub.clock(), language)

    async def upload(self, request: HttpRequest) -> Response:
        """The id that `signConsentOnPaper` takes as its `paper`."""
        head = parameters.by_name(request.scope["headers"])
        if head.get(b"content-type") != PDF:  # nor what a page of another site could send unasked
            raise Refusal(415, "PDF")
        ctx = await self.asking(request)
        pdf = await parameters.body(request.receive, head.get(b"content-length", b"0"), BYTES)
        done = await document.upload(ctx, pdf)
        for problem in done.problems:
            sentence = say(f"errors.{problem.code}", ctx.language, **problem.values)
            error = {"message": sentence, "extensions": {"code": problem.code}}
            return written(422, JSON, {"errors": [error]})
        return written(201, JSON, {"id": done.touched["upload"]})

    async def form(self, request: HttpRequest) -> Response:
        """A consent as all have signed it."""
        return await self.download(request, document.signed_form)

    async def paper(self, request: HttpRequest) -> Response:
        return await self.download(request, document.paper)

    async def download(self, request: HttpRequest,
                       found: Callable[[Context, str], Awaitable[bytes]]) -> Response:
        """404 alike for what is another's and for what never was."""
        try:
            pdf = await found(await self.asking(request), request.path_params["id"])
        except Refused:
            raise Refusal(404, "NOT_FOUND", "NOT_FOUND") from None
        return Response(pdf, media_type=PDF.decode(), headers=ATTACHED)
