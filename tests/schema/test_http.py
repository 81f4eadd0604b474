"""What a client sends and gets: each header, status and body of GraphQL over HTTP, and of the pages beside it."""
import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from resolvers.context import Viewer
from schema import errors, http
from schema.execute import Answer, Request
from schema.explorer import ASSETS, CONTENT_SECURITY_POLICY
from schema.login import Reason, Unauthenticated
from schema.parameters import BODY_MAX, GRAPHQL, JSON

TEACHER = Viewer(4204, UUID(int=1), "nn", frozenset())
INVALID = {"message": "No such field.", "extensions": {"code": errors.VALIDATION_FAILED}}
SECRET = "15821210035"  # an identity number of the synthetic series


class Hub:
    """Stands in for schema.execute, schema.login and the database."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.headers: list[tuple[str | None, str | None]] = []
        self.says: Answer | Exception = Answer({"plans": orjson.Fragment(b"[]")})
        self.database: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)
        self.refuses: Reason | None = None

    async def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    async def viewer(self, authorization: str | None, municipality: str | None) -> Viewer:
        self.headers.append((authorization, municipality))
        if authorization is None or self.refuses:
            raise Unauthenticated(self.refuses or Reason.MISSING)
        return TEACHER

    async def ready(self) -> object:
        return await self.database()

    def app(self, *origins: str) -> Starlette:
        async def stumble(_: HttpRequest) -> Response:
            raise LookupError(SECRET)
        routes = http.routes(self.answer, self, "type Query", self.ready)
        return Starlette(routes=[*routes, Route("/stumble", stumble)], middleware=http.middleware(origins))


@pytest.fixture
def hub() -> Hub:
    return Hub()


def client(hub: Hub, *origins: str) -> httpx.AsyncClient:
    """Sends the least that is needed; httpx's own Accept says that it takes anything."""
    transport = httpx.ASGITransport(hub.app(*origins), raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://hub", headers={"Authorization": "Bearer x"})


async def post(hub: Hub, body: Any = None, **headers: str) -> httpx.Response:
    said = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else orjson.dumps({"query": "{plans{id}}"} if body is None else body)
    async with client(hub) as browser:
        return await browser.post("/graphql", content=content, headers=said)


async def get(hub: Hub, path: str = "/graphql", **headers: str) -> httpx.Response:
    async with client(hub) as browser:
        return await browser.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def code(response: httpx.Response) -> str:
    """Of the one error; a refusal has no data."""
    assert response.json().keys() == {"errors"}
    [error] = response.json()["errors"]
    return str(error["extensions"]["code"])


async def test_a_question_is_answered(hub: Hub) -> None:
    response = await post(hub, {"query": "query Q {plans{id}}", "operationName": "Q", "variables": {"n": 1}})
    assert (response.status_code, response.content) == (200, b'{"data":{"plans":[]}}')
    assert hub.asked == [Request("query Q {plans{id}}", "Q", {"n": 1}, TEACHER, "nn", None, safe=False)]


async def test_what_is_not_said_is_null_or_empty(hub: Hub) -> None:
    await post(hub, {"query": "{a}", "operationName": "", "variables": None, "extensions": {"other": 1}})
    assert hub.asked == [Request("{a}", None, {}, TEACHER, "nn", None, safe=False)]


async def test_errors_stand_beside_the_data(hub: Hub) -> None:
    hub.says = Answer({"plans": None}, [INVALID])
    response = await post(hub)
    assert (response.status_code, response.json()) == (200, {"data": {"plans": None}, "errors": [INVALID]})


@pytest.mark.parametrize(("accept", "media", "status"), [
    (GRAPHQL, GRAPHQL, 400), (JSON, JSON, 200), ("*/*", JSON, 200), ("application/*", JSON, 200), ("", GRAPHQL, 400),
    (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL, 400), (f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL, 400),
    (f"*/*, {GRAPHQL}", GRAPHQL, 400), ("text/html, application/json;charset=utf-8;q=0.1", JSON, 200),
    (f"{GRAPHQL};q=0, {JSON}", JSON, 200), (f"Application/JSON ; q=0.3, {GRAPHQL};q=much", JSON, 200),
])
async def test_a_question_that_is_not_valid_has_the_status_of_its_media_type(
        accept: str, media: str, status: int, hub: Hub) -> None:
    hub.says = Answer(None, [INVALID], started=False)
    response = await post(hub, Accept=accept)
    assert (response.headers["content-type"], response.status_code) == (f"{media}; charset=utf-8", status)
    assert response.json() == {"errors": [INVALID]}


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "image/png, text/*;q=0.5", "nonsense"])
async def test_who_takes_no_json_gets_none(accept: str, hub: Hub) -> None:
    response = await post(hub, Accept=accept)
    assert (response.status_code, code(response), hub.asked) == (406, errors.BAD_REQUEST, [])


@pytest.mark.parametrize("kind", [
    "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql",
    "application/json; charset=latin-1", "application/jsonp", "text/plain; application/json",
])
async def test_only_json_is_read_since_other_sites_can_send_the_rest(kind: str, hub: Hub) -> None:
    response = await post(hub, Content_Type=kind)
    assert (response.status_code, code(response), hub.headers) == (415, errors.BAD_REQUEST, [])
    if kind:
        assert (await get(hub, "/graphql?query={a}", Content_Type=kind)).status_code == 415


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])
async def test_json_may_say_that_it_is_utf_8(kind: str, hub: Hub) -> None:
    assert (await post(hub, Content_Type=kind)).status_code == 200


@pytest.mark.parametrize("body", [
    b"", b"{", b"null", b"7", b'"{a}"', b"\xff", b'{"query": "\xe5"}', b"[" * 2_000, [], [{"query": "{a}"}], {},
    {"query": None}, {"query": ""}, {"query": 7}, {"query": ["{a}"]}, {"qeury": "{a}"},
    {"query": "{a}", "variables": []}, {"query": "{a}", "variables": "{}"}, {"query": "{a}", "operationName": 7},
    {"query": "{a}", "extensions": "x"},
])
async def test_what_is_no_question_is_a_bad_request(body: Any, hub: Hub) -> None:
    for accept in (JSON, GRAPHQL):
        response = await post(hub, body, Accept=accept)
        assert (response.status_code, code(response), hub.asked) == (400, errors.BAD_REQUEST, [])


async def test_a_list_of_questions_is_told_to_come_one_by_one(hub: Hub) -> None:
    response = await post(hub, [{"query": "{a}"}], Accept_Language="en")
    assert "one query at a time" in response.json()["errors"][0]["message"]


async def sent(hub: Hub, *parts: bytes | None, **headers: str) -> tuple[list[Any], int]:
    """What leaves the server for a body that comes in parts, None where the client goes away; and how many it read."""
    out: list[Any] = []
    said = {"authorization": "Bearer x", "content-type": "application/json", **headers}
    coming = iter(parts)
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        part = next(coming)
        return ({"type": "http.disconnect"} if part is None else
                {"type": "http.request", "body": part, "more_body": read < len(parts)})

    async def send(message: Any) -> None:
        out.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "root_path": "", "query_string": b"", "headers": [
        (name.replace("_", "-").encode(), value.encode()) for name, value in said.items()]}
    await hub.app()(scope, receive, send)
    return out, read


async def test_a_body_that_is_said_to_be_too_large_is_not_read(hub: Hub) -> None:
    out, read = await sent(hub, b"{}", content_length=str(BODY_MAX + 1))
    assert (out[0]["status"], read) == (413, 0)
    assert orjson.loads(out[1]["body"])["errors"][0]["extensions"]["code"] == errors.TOO_LARGE


async def test_a_body_is_read_until_it_is_too_large(hub: Hub) -> None:
    out, read = await sent(hub, *[b" " * 100_000] * 10)
    assert (out[0]["status"], read) == (413, 3)


async def test_the_largest_body_is_read(hub: Hub) -> None:
    question = b'{"query": "{a}"}'
    out, _ = await sent(hub, question, b" " * (BODY_MAX - len(question)))
    assert out[0]["status"] == 200


async def test_a_client_that_goes_away_is_not_answered(hub: Hub) -> None:
    assert await sent(hub, b'{"query"', None) == ([], 2)


async def test_a_question_can_be_asked_by_get(hub: Hub) -> None:
    response = await get(hub, '/graphql?query={a}&operationName=Q&variables={"n":"%C3%A5"}&extensions={}')
    assert response.json() == {"data": {"plans": []}}
    assert hub.asked == [Request("{a}", "Q", {"n": "å"}, TEACHER, "nn", None, safe=True)]


@pytest.mark.parametrize("query", [
    "", "query=", "operationName=Q", "query={a}&variables={", "query={a}&variables=[]", "query={a}&variables=7",
    "query={a}&extensions=x", "query=%FF",
])
async def test_an_address_without_a_question_is_a_bad_request(query: str, hub: Hub) -> None:
    response = await get(hub, f"/graphql?{query}")
    assert (response.status_code, code(response), hub.asked) == (400, errors.BAD_REQUEST, [])


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_a_change_is_not_made_by_get(accept: str, hub: Hub) -> None:
    hub.says = Answer(None, [errors.problem(errors.METHOD_NOT_ALLOWED, "GET_CHANGES_NOTHING", "en")], started=False)
    response = await get(hub, "/graphql?query=mutation{a}", Accept=accept)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert code(response) == errors.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_told_which_there_are(method: str, hub: Hub) -> None:
    async with client(hub) as browser:
        response = await browser.request(method, "/graphql")
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


async def test_a_browser_gets_the_explorer(hub: Hub) -> None:
    response = await get(hub, Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "/explorer/" in response.text
    assert (await get(hub, "/graphql?query={a}", Accept="text/html,*/*;q=0.8")).json() == {"data": {"plans": []}}


@pytest.mark.parametrize(("reason", "challenge"), [
    (Reason.MISSING, 'Bearer realm="stafettlogg"'),
    (Reason.EXPIRED, 'Bearer realm="stafettlogg", error="invalid_token"'),
    (Reason.ASSURANCE, 'Bearer realm="stafettlogg", error="insufficient_user_authentication"'),
])
@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_who_is_not_signed_in_is_challenged(reason: Reason, challenge: str, accept: str, hub: Hub) -> None:
    hub.refuses = reason
    response = await post(hub, b"not even read", Accept=accept)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, challenge)
    assert code(response) == errors.UNAUTHENTICATED
    assert response.json()["errors"][0]["extensions"]["reason"] == reason


async def test_a_stranger_body_is_not_read(hub: Hub) -> None:
    hub.refuses = Reason.UNKNOWN
    out, read = await sent(hub, b"{}")
    assert (out[0]["status"], read) == (401, 0)


async def test_sign_in_that_is_not_available_is_no_fault_of_the_token(hub: Hub) -> None:
    hub.refuses = Reason.UNAVAILABLE
    response = await post(hub)
    assert (response.status_code, response.headers["retry-after"]) == (503, "60")


async def test_a_header_that_comes_twice_is_one_with_a_comma(hub: Hub) -> None:
    async with client(hub) as browser:
        await browser.get("/graphql?query={a}", headers=[("Authorization", "Bearer a"), ("Authorization", "Bearer b")])
    assert hub.headers == [("Bearer a,Bearer b", None)]


async def test_the_municipality_that_is_asked_is_four_digits(hub: Hub) -> None:
    await post(hub, X_Municipality="4204")
    assert hub.headers == [("Bearer x", "4204")]
    assert (await post(hub, X_Municipality="Kristiansand")).status_code == 400
    assert len(hub.asked) == 1


async def test_an_idempotency_key_is_passed_on(hub: Hub) -> None:
    await post(hub, Idempotency_Key='"8e03978e-40d5" ~!')
    await post(hub, Idempotency_Key="x" * 200)
    assert [asked.idempotency_key for asked in hub.asked] == ['"8e03978e-40d5" ~!', "x" * 200]


@pytest.mark.parametrize("key", ["", "x" * 201, "å", "tab\there"])
async def test_an_idempotency_key_is_printable_and_short(key: str, hub: Hub) -> None:
    response = await post(hub, Idempotency_Key=key)
    assert (response.status_code, code(response), hub.asked) == (400, errors.BAD_REQUEST, [])


@pytest.mark.parametrize(("accepted", "language"), [
    ("", "nn"), ("nb", "nb"), ("no", "nb"), ("nn-NO,nb;q=0.8", "nn"), ("se,en-GB;q=0.7,nb;q=0.8", "nb"), ("en", "en"),
    ("de,fr;q=0.5", "nn"), ("*", "nn"), ("en;q=0,nb;q=0.1", "nb"), (",;q=,=;", "nn"),
])
async def test_texts_are_in_the_language_that_is_asked_for_else_the_viewer_s(
        accepted: str, language: str, hub: Hub) -> None:
    await post(hub, Accept_Language=accepted)
    assert [asked.language for asked in hub.asked] == [language]


async def test_refusals_are_in_the_language_that_is_asked_for(hub: Hub) -> None:
    said = {(await post(hub, [], Accept_Language=language)).text for language in ("nb", "nn", "en")}
    assert len(said) == 3


@pytest.mark.parametrize("path", ["/graphql", "/schema.graphql", "/health", "/explorer/none", "/nowhere", "/stumble"])
async def test_every_answer_has_its_id_and_the_headers_that_browsers_heed(path: str, hub: Hub) -> None:
    response = await get(hub, path, X_Request_Id="0af7651916cd43dd-8448")
    assert response.headers["x-request-id"] == "0af7651916cd43dd-8448"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a b c d e f", SECRET, f"trace-{SECRET}", "<script>alert"])
async def test_an_id_that_is_odd_or_could_be_a_person_s_is_replaced(given: str, hub: Hub) -> None:
    ids = {(await get(hub, "/health", X_Request_Id=given)).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2
    assert given not in ids


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
    assert "test_http.py:" in caplog.text


async def test_the_log_names_the_causes_too_without_their_texts(caplog: pytest.LogCaptureFixture) -> None:
    try:
        try:
            int(SECRET + "x")
        except ValueError as error:
            raise OSError(SECRET) from error
    except OSError as error:
        errors.masked(error, "nb", ["plans", 0])
    assert "builtins.OSError" in caplog.text
    assert "< builtins.ValueError" in caplog.text
    assert SECRET not in caplog.text


async def test_an_answer_that_breaks_off_is_logged_and_no_second_one_begins(
        hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise LookupError(SECRET)
    out: list[Any] = []

    async def send(message: Any) -> None:
        out.append(message)
    await http.Envelope(broken)({"type": "http", "headers": []}, None, send)  # type: ignore[arg-type]  # reads nothing
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
    monkeypatch.setattr(http, "READY_WITHIN", 0.01)
    hub.database = database
    assert (await get(hub, "/health")).status_code == 503
    assert (await get(hub, "/health/live")).status_code == 200
    assert SECRET not in caplog.text


async def test_the_explorer_s_parts_are_served(hub: Hub) -> None:
    response = await get(hub, "/explorer/session.js")
    assert response.content == ASSETS["session.js"].read_bytes()
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cache-control"] == "public, max-age=3600"


@pytest.mark.parametrize("name", ["__init__.py", "../http.py", "..%2fhttp.py", "%2e%2e/http.py", "graphiql.html", ""])
async def test_nothing_else_is_served(name: str, hub: Hub) -> None:
    assert (await get(hub, f"/explorer/{name}")).status_code == 404


async def test_only_named_sites_may_ask_from_a_browser(hub: Hub) -> None:
    preflight = {"Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "authorization,content-type,idempotency-key,x-municipality"}
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
        raise http.Refusal(413, "BODY_TOO_LARGE", errors.TOO_LARGE, most=7)
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


async def test_sign_in_that_is_refused_is_logged_in_one_word(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    hub.refuses = Reason.EXPIRED
    await post(hub, X_Request_Id="request-2")
    assert "Request request-2: sign-in refused: EXPIRED" in caplog.text
