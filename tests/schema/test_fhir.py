"""What a fagsystem is told when it asks in FHIR R4: the record as it would be sent, to those it is for."""
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from psycopg_pool import PoolTimeout

from db.seal import synthetic
from db.seeds.parts import PARTS
from integrations.fagsystem.fhir import mapping
from integrations.fagsystem.fhir.codes import Kept
from schema.budget import Budget
from schema.fhir.outcome import Issue
from schema.fhir.routes import BODY_MAX, COST
from tests.support.asking import DAY, Asking
from tests.support.changing import done, rows
from tests.support.fhirasking import BY_NUMBER, FODSELSNUMMER, OWNER, System, door, flags, refusal, resource
from tests.support.posting import Post
from tests.support.systems import CLINIC, KINDERGARTEN, MUNICIPALITY, PPT, SCHOOL, vendor
from tests.support.tokens import demo

NUMBER = PARTS["owner"].identity_number
NOBODY = f"{FODSELSNUMMER}|{synthetic(PARTS['owner'].born + DAY, 0)}"
SEARCH = "/fhir/Flag/_search"


@pytest.fixture
async def http(town: Asking) -> AsyncIterator[httpx.AsyncClient]:
    async with door(town.hub) as client:
        yield client


@pytest.fixture
async def own_http(own_town: Asking) -> AsyncIterator[httpx.AsyncClient]:
    async with door(own_town.hub) as client:
        yield client


@pytest.fixture
def clinic(http: httpx.AsyncClient) -> System:
    return System(http)


async def test_what_is_told_is_the_very_flag_that_would_be_sent(
        own_town: Asking, own_http: httpx.AsyncClient) -> None:
    (told,) = flags(await System(own_http).found())
    post = Post(own_town)
    await post.go()
    (fact,) = [each for each in post.facts() if each.unit_organisation_number == CLINIC]
    sent = mapping.resource(replace(fact, hub_url=own_town.hub.url), Kept.FLAG, "en")
    assert told == sent | {"id": str(fact.plan_ref), "meta": told["meta"]}
    assert told["meta"].keys() == {"lastUpdated", "source"}


async def test_it_is_what_is_told_in_graphql(own_town: Asking, own_http: httpx.AsyncClient) -> None:
    (told,) = flags(await System(own_http).found())
    async with vendor(own_town) as client:
        (record,) = await client.has(NUMBER)
    assert (told["id"], told["period"]["start"], told["author"]["identifier"]["value"]) == (
        record["planRef"], record["since"], record["unitOrganisationNumber"])
    assert datetime.fromisoformat(told["meta"]["lastUpdated"]) == datetime.fromisoformat(record["updatedAt"])


async def test_a_protected_address_is_marked_and_the_unit_is_not_told_of(
        own_town: Asking, own_http: httpx.AsyncClient) -> None:
    rows(own_town, "update plan set protected = true returning id")
    (told,) = flags(await System(own_http).found())
    assert told["meta"]["security"] == mapping.PROTECTED
    assert "Nordmo skole" not in told["text"]["div"]


async def test_each_service_has_a_reference_of_its_own_and_others_find_nothing(
        http: httpx.AsyncClient) -> None:
    refs = [[one["id"] for one in flags(await System(http, each).found())]
            for each in (CLINIC, SCHOOL, KINDERGARTEN, PPT, MUNICIPALITY)]
    assert [len(each) for each in refs] == [1, 1, 0, 0, 0]
    assert refs[0] != refs[1]


def heard(town: Asking, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that are sent from now on."""
    sent: list[str] = []
    usual = town.reader.rows

    async def rows(sql: str, values: Any) -> Any:
        sent.append(sql)
        return await usual(sql, values)
    monkeypatch.setattr(town.reader, "rows", rows)
    return sent


async def test_what_is_not_for_the_asker_is_as_what_never_was(
        own_town: Asking, own_http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = heard(own_town, monkeypatch)
    told, statements = [], []
    for asking, number in ((KINDERGARTEN, OWNER), (CLINIC, NOBODY), (KINDERGARTEN, NOBODY)):
        system = System(own_http, asking)
        await system.post({BY_NUMBER: NOBODY})  # who asks is looked up once
        sent.clear()
        bundle = resource(await system.post({BY_NUMBER: number}))
        assert len(bundle.pop("link")) == 1
        told.append(bundle)
        statements.append([*sent])
    assert told == [{"resourceType": "Bundle", "type": "searchset", "total": 0}] * 3
    assert statements[0] == statements[1] == statements[2] != []


async def test_a_flag_is_read_by_its_id_by_those_who_know_it_by_that(
        own_town: Asking, own_http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic, school = System(own_http), System(own_http, SCHOOL)
    (known,) = flags(await clinic.found())
    address = f"/fhir/Flag/{known['id']}"
    assert resource(await clinic.get(address)) == known
    sent = heard(own_town, monkeypatch)
    missing, statements = [], []
    for system, each in ((school, address), (clinic, f"/fhir/Flag/{UUID(int=1)}"),
                         (System(own_http, KINDERGARTEN), address)):
        await system.post({BY_NUMBER: NOBODY})  # who asks is looked up once
        sent.clear()
        missing.append(await system.get(each))
        statements.append([*sent])
    assert {refusal(each, 404)[0] for each in missing} == {"not-found"}
    assert len({each.text for each in missing}) == 1
    assert statements[0] == statements[1] == statements[2] != []
    await done(own_town, "guardian2", "withdrawConsent", consentId=f"Consent:{own_town.town.consent}")
    assert refusal(await clinic.get(address), 404) == ("not-found", [])
    asked = rows(own_town, "select organisation_number, answered from system_request order by at, id")
    assert asked[:2] == [(CLINIC, 1)] * 2, "a search and a read"
    assert asked[-1] == (CLINIC, 0)


async def test_a_consent_that_is_withdrawn_ends_what_is_told_at_once(
        own_town: Asking, own_http: httpx.AsyncClient) -> None:
    clinic = System(own_http)
    assert len(flags(await clinic.found())) == 1
    await done(own_town, "guardian2", "withdrawConsent", consentId=f"Consent:{own_town.town.consent}")
    assert flags(await clinic.found()) == []


async def test_who_may_not_ask_is_told_so_and_a_stranger_s_body_is_not_read(http: httpx.AsyncClient) -> None:
    clinic = System(http)
    for headers, code, challenge in (
            ({"Authorization": "Bearer x.y.z"}, "login", "invalid_token"),
            ({"Authorization": f"Bearer {demo().token(organisation=CLINIC, scope='other')}"}, "forbidden",
             "insufficient_scope"),
            ({"Authorization": f"Bearer {demo().token(pid=PARTS['nurse'].identity_number)}"}, "forbidden",
             "insufficient_scope")):
        response = await clinic.post({BY_NUMBER: OWNER}, **headers)
        assert refusal(response, 403 if code == "forbidden" else 401) == (code, [])
        assert challenge in response.headers["www-authenticate"]
    assert refusal(await http.post(SEARCH, content=b"\xff" * 9, headers={
        "Content-Type": "application/x-www-form-urlencoded"}), 401) == ("login", [])


@pytest.mark.parametrize("address", [
    f"/fhir/Flag?patient.identifier={OWNER}", f"/fhir/Flag?_page=x&patient={NUMBER}", "/fhir/Flag",
    f"/fhir/Flag/{UUID(int=1)}?patient={NUMBER}", "/fhir/Flag?%ff", f"/fhir/Flag/?subject={NUMBER}"])
async def test_a_number_in_an_address_is_refused_and_gets_no_further(
        address: str, clinic: System, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "hub")
    caplog.set_level(logging.INFO, "schema")
    response = await clinic.get(address)
    assert refusal(response, 404 if "/?" in address else 400)
    assert NUMBER not in f"{response.text} {response.headers} {caplog.text}"
    assert ("_search" in response.text) is ("/?" not in address)


async def test_a_search_in_the_address_of_a_post_is_refused(clinic: System) -> None:
    assert refusal(await clinic.post({}, f"{SEARCH}?{BY_NUMBER}={OWNER}")) == ("invalid", [])


@pytest.mark.parametrize("method, path, status", [
    ("GET", SEARCH, 405), ("POST", "/fhir/Flag", 405), ("PUT", "/fhir/Flag", 405),
    ("DELETE", "/fhir/metadata", 405), ("GET", "/fhir/Patient", 404), ("GET", "/fhir", 404),
    ("POST", "/fhir/", 404), ("GET", "/fhir/Flag/1/_history", 404), ("GET", "/fhir/metadata/", 404)])
async def test_what_the_hub_does_not_do_is_told_in_fhir_too(
        method: str, path: str, status: int, http: httpx.AsyncClient) -> None:
    response = await http.request(method, path)
    code, _ = refusal(response, status)
    assert code == ("not-supported" if status == 405 else "not-found")
    assert ("allow" in response.headers) is (status == 405)


@pytest.mark.parametrize("accept, address, status", [
    ("application/fhir+json", "", 200), ("application/json;q=0.5, text/html", "", 200), ("", "", 200),
    ("application/fhir+json; fhirVersion=4.0", "", 200), ("application/*", "", 200),
    ("application/fhir+xml", "", 406), ("text/html", "", 406),
    ("application/fhir+xml", "?_format=json", 200), ("*/*", "?_format=application/fhir+json", 200),
    ("*/*", "?_format=xml", 406)])
async def test_the_answer_comes_as_json_to_whoever_takes_it(
        accept: str, address: str, status: int, clinic: System) -> None:
    response = await clinic.post({BY_NUMBER: OWNER}, SEARCH + address, Accept=accept)
    resource(response, status)
    resource(await clinic.get(f"/fhir/metadata{address}", Accept=accept), status)


async def test_the_format_may_be_asked_for_in_the_body(clinic: System) -> None:
    assert flags(await clinic.found(_format="json"))
    assert refusal(await clinic.post({BY_NUMBER: OWNER, "_format": "xml"}), 406) == ("not-supported", [])


async def test_a_body_that_is_no_form_or_too_large_is_refused(clinic: System) -> None:
    assert refusal(await clinic.post(b"{}", Content_Type="application/json"), 415) == ("not-supported", [])
    assert refusal(await clinic.post(b"a=" + b"x" * BODY_MAX), 413) == ("too-long", [])
    assert refusal(await clinic.post(b"&".join(b"a=%d" % n for n in range(21)))) == ("invalid", [])
    said = "application/x-www-form-urlencoded; charset=UTF-8"
    assert flags(resource(await clinic.post({BY_NUMBER: OWNER}, Content_Type=said)))


@pytest.mark.parametrize("form, code, parameter", [
    ({}, "required", BY_NUMBER), ({BY_NUMBER: ""}, "required", BY_NUMBER),
    ({"subject:identifier": NUMBER[:-1] + "x"}, "value", "subject:identifier"),
    ({BY_NUMBER: f"{OWNER},{NOBODY}"}, "too-costly", BY_NUMBER),
    ({BY_NUMBER: OWNER, "identifier:of-type": "x"}, "code-invalid", "identifier"),
    ({BY_NUMBER: OWNER, "_count": "x"}, "value", "_count")])
async def test_a_parameter_that_is_wrong_is_named_and_what_it_was_is_not(
        form: dict[str, str], code: str, parameter: str, clinic: System) -> None:
    response = await clinic.post(form)
    assert refusal(response) == (code, [f"http.{parameter}"])
    assert NUMBER[:10] not in response.text


async def test_what_is_not_known_is_left_out_and_said_so_or_refused(clinic: System) -> None:
    bundle = await clinic.found(_sort="date", author="x")
    (hint,) = [one["resource"] for one in bundle["entry"] if one["search"]["mode"] == "outcome"]
    assert (bundle["total"], hint["issue"][0]["severity"]) == (1, "warning")
    assert "account: 2." in hint["issue"][0]["details"]["text"]
    strict = await clinic.post({BY_NUMBER: OWNER, "_sort": "date"}, Prefer="respond-async, handling=strict")
    assert refusal(strict) == ("invalid", [])


async def test_a_status_and_the_hub_s_own_reference_narrow_a_search(clinic: System) -> None:
    (own,) = flags(await clinic.found(status="active"))[0]["identifier"]
    assert len(flags(await clinic.found(identifier=f"{own['system']}|{own['value']}"))) == 1
    assert flags(await clinic.found(identifier="urn:ietf:rfc:3986|urn:uuid:x")) == []
    assert flags(await clinic.found(status="inactive")) == []


async def test_who_asks_for_too_much_waits(town: Asking) -> None:
    hub = replace(town.hub, spend=Budget(lambda: 0.0, per_minute=2 * COST).spend)
    async with door(hub) as http:
        clinic, school = System(http), System(http, SCHOOL)
        assert len(flags(await clinic.found())) == len(flags(await clinic.found())) == 1
        response = await clinic.post({BY_NUMBER: OWNER})
        assert (refusal(response, 429), response.headers["retry-after"]) == (("throttled", []), "60")
        assert len(flags(await school.found())) == 1


@pytest.mark.parametrize("error, status, code", [
    (LookupError(NUMBER), 500, Issue.EXCEPTION), (PoolTimeout(NUMBER), 503, Issue.TRANSIENT)])
async def test_what_nobody_expected_is_one_sentence_and_an_id(
        error: Exception, status: int, code: Issue, clinic: System, monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture) -> None:
    async def stumbling(*_: Any) -> Any:
        raise error
    monkeypatch.setattr("schema.fhir.routes.records", stumbling)
    response = await clinic.post({BY_NUMBER: OWNER}, X_Request_Id="request-1")
    assert refusal(response, status) == (code, [])
    assert NUMBER not in response.text + caplog.text
    assert "request-1" in caplog.text


async def test_every_answer_is_kept_by_nobody_and_in_the_asker_s_language(clinic: System) -> None:
    for response in (
            await clinic.post({BY_NUMBER: OWNER}), await clinic.post({}), await clinic.get("/fhir/x")):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-request-id"]
    texts = {language: (await clinic.post({}, Accept_Language=language)).json()["issue"][0]["details"]["text"]
             for language in ("nb", "nn", "en")}
    assert len(set(texts.values())) == 3
    told = flags(resource(await clinic.post({BY_NUMBER: OWNER}, Accept_Language="nn")))
    assert told[0]["code"] == {"text": "Barnet har stafettlogg"}
    assert told[0]["language"] == "nn"
