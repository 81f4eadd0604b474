"""Whether a process is alive and can work, and what it counts: for those who run it, on a port of theirs."""
from asyncio import timeout
from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from schema.errors import masked

READY_WITHIN = 2  # seconds
Ready = Callable[[], Awaitable[object]]


def health(ready: Ready) -> list[Route]:
    """`ready` raises where the process can't do its work now; the reason is logged, and told nobody."""
    async def show(_: Request) -> Response:
        try:
            async with timeout(READY_WITHIN):
                await ready()
        except Exception as error:  # noqa: BLE001  whatever it is, the hub is not ready
            masked(error, "en")
            return JSONResponse({"status": "unavailable"}, 503)
        return JSONResponse({"status": "ready"})

    return [Route("/health", show), Route("/health/ready", show), Route("/health/live", live)]


async def live(_: Request) -> Response:
    return JSONResponse({"status": "live"})


def operations(ready: Ready, metrics: Callable[[], Awaitable[bytes]]) -> Starlette:
    """Health, and `/metrics` as Prometheus reads it: nobody is asked who they are, so it is not for all."""
    async def show(_: Request) -> Response:
        return Response(await metrics(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[*health(ready), Route("/metrics", show)])
