"""What stands round every answer: sign-in, ids, headers, masks; and the pages beside the questions."""
import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from graphql import GraphQLError
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from schema import errors, health, http
from schema.explorer import ASSETS, CONTENT_SECURITY_POLICY
from schema.login import Reason
from schema.operation import Answer
from schema.parameters import GRAPHQL, JSON, Refusal
from tests.support.browser import SECRET, Hub, client, code, get, post, sent


@pytest.fixture
def hub() -> Hub:
    return Hub()


async def test_a_browser_gets_the_explorer(hub: Hub) -> None:
    response = await get(hub, Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "/explorer/" in response.text
    response = await get(hub, "/graphql?query={a}", Accept="text/html,*/*;q=0.8")
    assert response.json() == {"data": {"plans": []}}


@pytest.mark.parametrize(("reason", "status", "challenge"), [
    (Reason.MISSING, 401, 'Bearer realm="stafettlogg"'),
    (Reason.EXPIRED, 401, 'Bearer realm="stafettlogg", error="invalid_token"'),
    (Reason.ASSURANCE, 401, 'Bearer realm="stafettlogg", error="insufficient_user_authentication"'),
    (Reason.SCOPE, 403, 'Bearer realm="stafettlogg", error="insufficient_scope"'),
])
@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_who_is_not_signed_in_is_challenged(
        reason: Reason, status: int, challenge: str, accept: str, hub: Hub) -> None:
    hub.refuses = reason
    response = await post(hub, b"not even read", Accept=accept)
    assert (response.status_code, response.headers["www-authenticate"]) == (status, challenge)
    assert code(response) == errors.UNAUTHENTICATED
    assert response.json()["errors"][0]["extensions"]["reason"] == reason


async def test_who_asks_for_too_much_that_is_new_is_told_when_to_come_again(hub: Hub) -> None:
    refusal = GraphQLError("x", extensions={"code": errors.TOO_MANY_NEW})
    hub.says = Answer(None, [errors.formatted(refusal, "nb")], started=False)
    response = await post(hub)
    assert (response.status_code, response.headers["retry-after"], code(response)) == (
        429, "60", errors.TOO_MANY_NEW)


async def test_a_stranger_body_is_not_read(hub: Hub) -> None:
    hub.refuses = Reason.UNKNOWN
    out, read = await sent(hub, b"{}")
    assert (out[0]["status"], read) == (401, 0)


async def test_sign_in_that_is_not_available_is_no_fault_of_the_token(hub: Hub) -> None:
    hub.refuses = Reason.UNAVAILABLE
    response = await post(hub)
    assert (response.status_code, response.headers["retry-after"]) == (503, "60")


@pytest.mark.parametrize("path", [
    "/graphql", "/schema.graphql", "/health", "/explorer/none", "/nowhere", "/stumble"])
async def test_every_answer_has_its_id_and_the_headers_that_browsers_heed(path: str, hub: Hub) -> None:
    response = await get(hub, path, X_Request_Id="0af7651916cd43dd-8448")
    assert response.headers["x-request-id"] == "0af7651916cd43dd-8448"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("given", [
    "", "short", "x" * 65, "a b c d e f", SECRET, f"trace-{SECRET}", "<script>alert"])
async def test_an_id_that_is_odd_or_could_be_a_person_s_is_replaced(given: str, hub: Hub) -> None:
    ids = {(await get(hub, "/health", X_Request_Id=given)).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2
    assert given not in ids


async def test_one_who_comes_when_the_database_has_no_time_is_asked_to_come_back(hub: Hub) -> None:
    hub.says = PoolTimeout(SECRET)
    response = await get(hub, "/graphql?query={a}", Accept=GRAPHQL)
    assert (response.status_code, code(response), response.headers["retry-after"]) == (503, errors.BUSY, "5")


@pytest.mark.parametrize("path", ["/stumble", "/graphql?query={a}"])
async def test_what_nobody_expected_is_one_sentence_and_an_id(
        path: str, hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    hub.says = LookupError(SECRET)
    response = await get(hub, path, Accept=GRAPHQL, Accept_Language="en", X_Request_Id="request-1")
    assert (response.status_code, code(response)) == (500, errors.INTERNAL)
    assert response.headers["content-type"].startswith(GRAPHQL)
    assert "request-1" in response.json()["errors"][0]["message"]
    assert SECRET not in response.text + caplog.text
    assert "request-1" in caplog.text
    assert "builtins.LookupError" in caplog.text
    assert " tests.support.browser:" in caplog.text


async def test_an_answer_that_breaks_off_is_logged_and_no_second_one_begins(
        hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise LookupError(SECRET)
    out: list[Any] = []

    async def send(message: Any) -> None:
        out.append(message)
    envelope = http.Envelope(broken)
    await envelope({"type": "http", "headers": []}, None, send)  # type: ignore[arg-type]  # reads nothing
    assert [message["type"] for message in out] == ["http.response.start"]
    assert "LookupError" in caplog.text
    assert SECRET not in caplog.text


async def test_the_schema_is_for_all_to_read(hub: Hub) -> None:
    response = await get(hub, "/schema.graphql")
    assert (response.text, response.headers["content-type"]) == ("type Query", "text/plain; charset=utf-8")


async def test_the_hub_is_ready_when_the_database_answers(hub: Hub) -> None:
    response = await get(hub, "/health")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


async def failing() -> None:
    raise OSError(SECRET)


@pytest.mark.parametrize("database", [failing, lambda: asyncio.sleep(60)])
async def test_without_its_database_the_hub_lives_but_is_not_ready(
        database: Callable[[], Awaitable[object]], hub: Hub, monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(health, "READY_WITHIN", 0.01)
    hub.database = database
    assert (await get(hub, "/health")).status_code == 503
    assert (await get(hub, "/health/live")).status_code == 200
    assert SECRET not in caplog.text


async def test_the_front_door_leads_to_the_explorer(hub: Hub) -> None:
    response = await get(hub, "/")
    assert (response.status_code, response.headers["location"]) == (307, "/graphql")


async def test_the_explorer_s_parts_are_served(hub: Hub) -> None:
    response = await get(hub, "/explorer/session.js")
    assert response.content == ASSETS["session.js"].read_bytes()
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cache-control"] == "public, max-age=3600"


@pytest.mark.parametrize("name", [
    "__init__.py", "../http.py", "..%2fhttp.py", "%2e%2e/http.py", "graphiql.html", ""])
async def test_nothing_else_is_served(name: str, hub: Hub) -> None:
    assert (await get(hub, f"/explorer/{name}")).status_code == 404


async def test_only_named_sites_may_ask_from_a_browser(hub: Hub) -> None:
    own = "authorization,content-type,idempotency-key,x-municipality"
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": own}
    async with client(hub, "https://plan.example") as browser:
        asked = await browser.options("/graphql", headers=preflight | {"Origin": "https://plan.example"})
        answered = await browser.get("/graphql?query={a}", headers={"Origin": "https://plan.example"})
        other = await browser.options("/graphql", headers=preflight | {"Origin": "https://other.example"})
    assert (asked.status_code, other.status_code) == (200, 400)
    assert asked.headers["access-control-allow-origin"] == "https://plan.example"
    assert answered.headers["access-control-allow-origin"] == "https://plan.example"
    assert "access-control-allow-origin" not in other.headers
    assert "access-control-allow-credentials" not in asked.headers


def test_not_every_site_may_be_named() -> None:
    with pytest.raises(ValueError, match="origins"):
        http.middleware(["*"])


async def test_routes_of_others_may_refuse_in_the_same_way(hub: Hub) -> None:
    async def refusing(_: HttpRequest) -> Response:
        raise Refusal(413, "BODY_TOO_LARGE", errors.TOO_LARGE, most=7)
    app = Starlette(routes=[Route("/", refusing)], middleware=http.middleware())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as browser:
        response = await browser.get("/", headers={"Accept-Language": "en"})
    assert (response.status_code, code(response)) == (413, errors.TOO_LARGE)
    assert "7 bytes" in response.text


async def test_what_others_answer_is_left_as_it_is(hub: Hub) -> None:
    async def feed(_: HttpRequest) -> Response:
        return PlainTextResponse("x", headers={"Cache-Control": "private"})
    app = Starlette(routes=[Route("/", feed)], middleware=http.middleware())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as browser:
        assert (await browser.get("/")).headers["cache-control"] == "private"


async def test_sign_in_that_is_refused_is_logged_in_one_word(
        hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    hub.refuses = Reason.EXPIRED
    await post(hub, X_Request_Id="request-2")
    assert "Request request-2: sign-in refused: EXPIRED" in caplog.text
