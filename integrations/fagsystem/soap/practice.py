"""A practice receiver of HarStafettlogg v1: what a fagsystem has to do, in a server that runs on a laptop.

For synthetic persons only: it asks nobody to sign in, and whoever reaches it sees its records."""
from collections.abc import Collection
from html import escape
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from integrations.fagsystem.records import Records
from integrations.fagsystem.soap.contract import WSDL
from integrations.fagsystem.soap.page import masked, page
from integrations.fagsystem.soap.service import answered
from integrations.soap import NotSoap, SoapVersion

LONGEST = 1 << 18  # bytes of a request; a fact has two thousand
MEDIA: dict[SoapVersion, str] = {"1.1": "text/xml", "1.2": "application/soap+xml"}
EXAMPLE = "https://fagsystem.example/har-stafettlogg"  # the address that stands in the contract
SAFE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "Cache-Control": "no-store"}


def practice(folder: Path | None = None, unknown: Collection[str] = ()) -> Starlette:
    """The server: POST / takes facts, GET / shows them, GET /?wsdl the contract, GET /records all as JSON.

    `folder` keeps the records over a restart; the identity numbers in `unknown` get an UnknownPersonFault."""
    app = Starlette(routes=[
        Route("/", _receive, methods=["POST"]),
        Route("/", _show, methods=["GET"]),
        Route("/records", _list, methods=["GET"]),
    ])
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    app.state.records = Records(folder, unknown)
    return app


async def _receive(request: Request) -> Response:
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > LONGEST:
            return PlainTextResponse("the message is too long", 413)
    try:
        version, status, envelope = await run_in_threadpool(answered, request.app.state.records, content)
    except NotSoap as error:
        return PlainTextResponse(str(error), 400)
    return Response(envelope, status, media_type=MEDIA[version])


async def _show(request: Request) -> Response:
    if "wsdl" not in request.query_params:
        return HTMLResponse(page(request.app.state.records.latest()), headers=SAFE)
    address = escape(str(request.url.replace(query="")))
    return Response(WSDL.read_text("utf-8").replace(EXAMPLE, address), media_type="text/xml")


async def _list(request: Request) -> Response:
    return JSONResponse([masked(fact) for fact in request.app.state.records.latest()], headers=SAFE)
