"""What a client asks and gets: each header, status and body of GraphQL over HTTP."""
from typing import Any

import orjson
import pytest

from schema import errors
from schema.operation import Answer, Request
from schema.parameters import BODY_MAX, GRAPHQL, JSON
from tests.support.browser import TEACHER, Hub, client, code, get, post, sent

INVALID = {"message": "No such field.", "extensions": {"code": errors.VALIDATION_FAILED}}


@pytest.fixture
def hub() -> Hub:
    return Hub()


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
    (GRAPHQL, GRAPHQL, 400), (JSON, JSON, 200), ("*/*", JSON, 200), ("application/*", JSON, 200),
    ("", GRAPHQL, 400), (f"*/*, {GRAPHQL}", GRAPHQL, 400), (f"{GRAPHQL};q=0, {JSON}", JSON, 200),
    (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL, 400), (f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL, 400),
    (f"Application/JSON ; q=0.3, {GRAPHQL};q=much", JSON, 200),
    ("text/html, application/json;charset=utf-8;q=0.1", JSON, 200),
])
async def test_a_question_that_is_not_valid_has_the_status_of_its_media_type(
        accept: str, media: str, status: int, hub: Hub) -> None:
    hub.says = Answer(None, [INVALID], started=False)
    response = await post(hub, Accept=accept)
    assert (response.headers["content-type"], response.status_code) == (f"{media}; charset=utf-8", status)
    assert response.json() == {"errors": [INVALID]}


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "image/png, text/*", "nonsense"])
async def test_who_takes_no_json_gets_none(accept: str, hub: Hub) -> None:
    response = await post(hub, Accept=accept)
    assert (response.status_code, code(response), hub.asked) == (406, errors.BAD_REQUEST, [])


@pytest.mark.parametrize("kind", [
    "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/graphql", "application/json; charset=latin-1",
    "application/jsonp", "text/plain; application/json",
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
    b"", b"{", b"null", b"7", b'"{a}"', b"\xff", b'{"query": "\xe5"}', b"[" * 2_000, [], [{"query": "{a}"}],
    {}, {"query": None}, {"query": ""}, {"query": 7}, {"query": ["{a}"]}, {"qeury": "{a}"},
    {"query": "{a}", "variables": []}, {"query": "{a}", "variables": "{}"},
    {"query": "{a}", "operationName": 7}, {"query": "{a}", "extensions": "x"},
])
async def test_what_is_no_question_is_a_bad_request(body: Any, hub: Hub) -> None:
    for accept in (JSON, GRAPHQL):
        response = await post(hub, body, Accept=accept)
        assert (response.status_code, code(response), hub.asked) == (400, errors.BAD_REQUEST, [])


async def test_a_list_of_questions_is_told_to_come_one_by_one(hub: Hub) -> None:
    response = await post(hub, [{"query": "{a}"}], Accept_Language="en")
    assert "one query at a time" in response.json()["errors"][0]["message"]


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
    "", "query=", "operationName=Q", "query={a}&variables={", "query={a}&variables=[]",
    "query={a}&variables=7", "query={a}&extensions=x", "query=%FF",
])
async def test_an_address_without_a_question_is_a_bad_request(query: str, hub: Hub) -> None:
    response = await get(hub, f"/graphql?{query}")
    assert (response.status_code, code(response), hub.asked) == (400, errors.BAD_REQUEST, [])


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_a_change_is_not_made_by_get(accept: str, hub: Hub) -> None:
    problem = errors.problem(errors.METHOD_NOT_ALLOWED, "GET_CHANGES_NOTHING", "en")
    hub.says = Answer(None, [problem], started=False)
    response = await get(hub, "/graphql?query=mutation{a}", Accept=accept)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert code(response) == errors.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_told_which_there_are(method: str, hub: Hub) -> None:
    async with client(hub) as browser:
        response = await browser.request(method, "/graphql")
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


async def test_a_header_that_comes_twice_is_one_with_a_comma(hub: Hub) -> None:
    twice = [("Authorization", "Bearer a"), ("Authorization", "Bearer b")]
    async with client(hub) as browser:
        await browser.get("/graphql?query={a}", headers=twice)
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
    ("", "nn"), ("nb", "nb"), ("no", "nb"), ("nn-NO,nb;q=0.8", "nn"), ("se,en-GB;q=0.7,nb;q=0.8", "nb"),
    ("en", "en"), ("de,fr;q=0.5", "nn"), ("*", "nn"), ("en;q=0,nb;q=0.1", "nb"), (",;q=,=;", "nn"),
])
async def test_texts_are_in_the_language_that_is_asked_for_else_the_viewer_s(
        accepted: str, language: str, hub: Hub) -> None:
    await post(hub, Accept_Language=accepted)
    assert [asked.language for asked in hub.asked] == [language]


async def test_refusals_are_in_the_language_that_is_asked_for(hub: Hub) -> None:
    said = {(await post(hub, [], Accept_Language=language)).text for language in ("nb", "nn", "en")}
    assert len(said) == 3
