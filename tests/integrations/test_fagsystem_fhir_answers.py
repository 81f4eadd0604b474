"""What a FHIR server answers and what it means: receipts, outcomes by code, and servers that are broken."""
import json
import logging
import socket
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from integrations.fagsystem.fhir.answer import held, receipt
from integrations.fagsystem.fhir.capability import faults
from integrations.fagsystem.fhir.codes import Kept
from integrations.fagsystem.fhir.mapping import resource as record
from integrations.fagsystem.fhir.target import FhirFagsystem
from integrations.target import DeliveryError, DeliveryFault, Receipt, RecordState, Sending, Told
from integrations.wire import Reply
from tests.support.edge import Said, edge
from tests.support.facts import OPENED, OWNER
from tests.support.fhirserver import METADATA, outcome, resource

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SENT = record(OPENED, Kept.FLAG, "nb")
STORED = {**SENT, "id": "f-1"}
LATER, NEVER, WHO = DeliveryFault.RETRYABLE, DeliveryFault.PERMANENT, DeliveryFault.UNKNOWN_PERSON
MANY, AUTH = DeliveryFault.AMBIGUOUS, DeliveryFault.AUTH


def read(said: Said) -> Receipt:
    headers = {name.lower(): value for name, value in said.headers.items()}
    return receipt(Reply(said.status, headers, said.body), SENT, NOW)


def failure(said: Said) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        read(said)
    return caught.value


@pytest.mark.parametrize("said, expected", [
    (resource(201, STORED), Receipt(True, "Flag/f-1", "201")),
    (resource(200, {**STORED, "text": None, "extension": [1], "identifier": [7, *SENT["identifier"]]}),
     Receipt(True, "Flag/f-1", "200")),
    (resource(200, {**STORED, "id": ["f-1"]}), Receipt(True, None, "200")),
    (Said(201, headers={"Location": "https://fhir.example/r4/Flag/f-1/_history/1"}),
     Receipt(True, "Flag/f-1", "201")),
    (Said(200, headers={"Content-Location": "Flag/f-1"}), Receipt(True, "Flag/f-1", "200")),
    (Said(200, headers={"ETag": 'W/"7"'}), Receipt(True, None, "200")),
    (outcome(200, "informational", severity="information", ETag='W/"7"'), Receipt(True, None, "200")),
    (Said(202), Receipt(False, None, "202")),
    (Said(202, headers={"Retry-After": "3600"}), Receipt(False, None, "202", timedelta(hours=1)))])
def test_a_record_as_it_was_sent_confirms(said: Said, expected: Receipt) -> None:
    assert read(said) == expected


@pytest.mark.parametrize("said", [
    Said(200), Said(200, b"OK"), Said(200, b"<html>", {"ETag": 'W/"7"'}), Said(200, headers={"ETag": '"7"'}),
    Said(201, headers={"Location": "https://fhir.example/r4/Patient/1"}),
    Said(201, headers={"Location": f"https://fhir.example/r4/Flag/{'x' * 65}"}),
    Said(204), Said(200, b"[" * 100_000), Said(200, b"\xff"), Said(200, json.dumps(STORED).encode()[:-1]),
    resource(200, {**STORED, "status": "inactive"}),
    resource(200, {**STORED, "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:other"}]}),
    resource(200, {**STORED, "identifier": None}), resource(200, {**STORED, "resourceType": "Patient"}),
    outcome(200, "informational", severity="information"), outcome(200, "no-store")])
def test_anything_else_with_2xx_is_tried_again(said: Said) -> None:
    assert failure(said).fault is LATER


@pytest.mark.parametrize("said, fault, message", [
    (outcome(422, "not-found", "Flag.subject"), WHO, "the server does not know the person"),
    (outcome(404, "not-found", "EpisodeOfCare.patient"), WHO, "the server does not know the person"),
    (outcome(400, "not-found"), WHO, "the server does not know the person"),
    (outcome(422, "deleted", "Flag.subject"), WHO, "the server does not know the person"),
    (outcome(422, "not-found", "Flag.author"), NEVER, "refused: not-found"),
    (outcome(404, "not-found"), LATER, "HTTP 404"),
    (outcome(404, "not-supported"), NEVER, "refused: not-supported"),
    (outcome(412, "multiple-matches"), MANY, "several records have the hub's identifier"),
    (outcome(422, "multiple-matches", "Flag.subject"), MANY, "refused: multiple-matches"),
    (outcome(412, "processing"), MANY, "several records have the hub's identifier"),
    (Said(412), MANY, "several records have the hub's identifier"),
    (outcome(409, "processing"), LATER, "HTTP 409, somebody else was at it"),
    (outcome(422, "duplicate"), LATER, "refused: duplicate"),
    (outcome(404, "processing"), LATER, "HTTP 404"),
    (outcome(400, "processing"), NEVER, "HTTP 400"),
    (Said(409), LATER, "HTTP 409, somebody else was at it"),
    (outcome(400, "structure"), NEVER, "refused: structure"),
    (outcome(422, "business-rule"), NEVER, "refused: business-rule"),
    (outcome(400, "login"), AUTH, "refused: login"),
    (outcome(400, "throttled"), LATER, "refused: throttled"),
    (outcome(422, OWNER), NEVER, "HTTP 422"),
    (outcome(422, "not-found", "Flag.subject", severity="warning"), NEVER, "HTTP 422"),
    (outcome(401, "not-found", "Flag.subject"), AUTH, "HTTP 401"),
    (outcome(429, "structure"), LATER, "HTTP 429"),
    (outcome(500, "structure"), LATER, "HTTP 500"),
    (resource(422, {"resourceType": "OperationOutcome", "issue": {"code": "structure"}}), NEVER, "HTTP 422"),
    (resource(404, {"resourceType": "OperationOutcome", "issue": [
        {"severity": "error", "code": "not-found", "location": ["/f:Flag/f:subject"]}]}),
     WHO, "the server does not know the person"),
    (resource(422, {"resourceType": "OperationOutcome", "issue": [7, {"severity": "error", "code": {}}]}),
     NEVER, "HTTP 422")])
def test_an_outcome_is_read_by_its_code(said: Said, fault: DeliveryFault, message: str) -> None:
    error = failure(said)
    assert (error.fault, error.message) == (fault, message)


@pytest.mark.parametrize("status, fault", [
    (301, LATER), (307, LATER), (400, NEVER), (401, AUTH), (403, AUTH), (404, LATER), (408, LATER),
    (410, DeliveryFault.GONE), (413, NEVER), (415, NEVER), (422, NEVER), (429, LATER), (500, LATER),
    (503, LATER)])
def test_without_an_outcome_the_status_decides(status: int, fault: DeliveryFault) -> None:
    for said in (Said(status), Said(status, b"<html>"), resource(status, STORED)):
        assert failure(said).fault is fault


ODD: st.SearchStrategy[Any] = st.sampled_from([
    None, 7, "Flag", "active", "error", "OperationOutcome", [], [7], {}, [{}], [[]],
    [{"severity": "error", "code": {}}],
    [{"severity": "fatal", "code": "deleted", "expression": [{}, None]}]])
PARTS = ("resourceType", "issue", "identifier", "status", "id")


@given(ODD | st.dictionaries(st.sampled_from(PARTS), ODD), st.integers(200, 599))
def test_no_reply_at_all_breaks_the_reading(content: Any, status: int) -> None:
    try:
        said = receipt(Reply(status, {}, json.dumps(content).encode()), SENT, NOW)
    except DeliveryError:
        return
    assert (status, said.confirmed) == (202, False)


OWN = SENT["identifier"][0]


@pytest.mark.parametrize("entries, found", [
    ([STORED], RecordState.SAME), ([STORED, {**STORED, "identifier": []}], RecordState.SAME),
    ([], RecordState.MISSING), ([{**STORED, "identifier": [{**OWN, "value": "x"}]}], RecordState.MISSING),
    ([{**STORED, "resourceType": "EpisodeOfCare"}], RecordState.MISSING),
    ([{**STORED, "status": "inactive"}], RecordState.DIFFERENT), ([STORED, STORED], RecordState.DIFFERENT),
    ([None, 7], RecordState.MISSING)])
def test_what_is_held_is_read_in_a_search(entries: list[Any], found: RecordState) -> None:
    bundle = {"resourceType": "Bundle", "entry": [7, *({"resource": one} for one in entries)]}
    assert held(bundle, OWN, Kept.FLAG, "active") is found


def test_what_is_no_search_says_nothing(server: "Server") -> None:
    for server.says in (Said(200, b"<html>"), outcome(200, "informational"), Said(400), Said(503)):
        with pytest.raises(DeliveryError):
            server.target().compare(Told(OPENED.plan_ref, OPENED.plan_ref, 1, True, None, None, None))


def changed(**part: Any) -> dict[str, Any]:
    (rest,) = METADATA["rest"]
    (flag, *others) = rest["resource"]
    return {**METADATA, "rest": [{**rest, "resource": [{**flag, **part}, *others]}]}


@pytest.mark.parametrize("statement, told", [
    (METADATA, []),
    ({**METADATA, "fhirVersion": "4.3.0"}, []),
    ({**METADATA, "fhirVersion": "5.0.0"}, ["the server does not speak FHIR R4"]),
    (changed(conditionalUpdate=False),
     ["the server does not update a Flag by a condition (conditionalUpdate)"]),
    (changed(type="Patient"), ["the server has no Flag"]),
    ({**METADATA, "rest": {"mode": "server"}}, ["the server has no Flag"]),
    ({**METADATA, "rest": [None, {"mode": "client"}]}, ["the server has no Flag"]),
    ({}, ["what /metadata answers is no CapabilityStatement"])])
def test_what_a_server_can_is_read_in_its_own_statement(statement: dict[str, Any], told: list[str]) -> None:
    assert list(faults(statement, Kept.FLAG)) == told


class Server:
    """Says what it is told to say."""

    def __init__(self) -> None:
        self.url, self.says = "", Said()

    def target(self, timeout: float = 3) -> FhirFagsystem:
        return FhirFagsystem("clinics", self.url, timeout=timeout)

    def outcome(self, timeout: float = 3) -> Receipt:
        target = self.target(timeout)
        return target.deliver(target.render(OPENED), Sending(OPENED.fact_id))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    with edge(lambda _: made.says) as made.url:
        yield made


PLANTED = f"{OWNER} Kari Ødegård 90000000"


@pytest.mark.parametrize("says, fault", [
    (Said(503, f"<html>{PLANTED}</html>".encode(), {"Content-Type": "text/html"}), LATER),
    (Said(401, PLANTED.encode()), AUTH),
    (Said(429, headers={"Retry-After": "60"}), LATER),
    (outcome(422, PLANTED), NEVER),
    (outcome(422, "not-found", f"Flag.subject.where(value='{PLANTED}')"), WHO),
    (resource(200, {**STORED, "status": PLANTED}), LATER),
    (Said(200, PLANTED.encode()), LATER),
    (Said(302, headers={"Location": f"http://127.0.0.1/{OWNER}"}), LATER),
    (replace(resource(201, STORED), whole=False), LATER)])
def test_a_bad_answer_has_its_kind_and_nothing_of_the_person_is_told(
        server: Server, says: Said, fault: DeliveryFault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.says = says
    with pytest.raises(DeliveryError) as caught:
        server.outcome()
    assert caught.value.fault is fault
    assert caught.value.retry_after == (timedelta(minutes=1) if says.status == 429 else None)
    learnt = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert not [secret for secret in (OWNER, "Ødegård", "90000000") if secret in learnt]


def test_a_reference_that_tells_who_it_is_is_not_kept(server: Server) -> None:
    server.says = resource(200, {**STORED, "id": f"p-{OWNER}"})
    assert server.outcome() == Receipt(True, None, "200")


@pytest.mark.parametrize("says, told", [
    (Said(401), "HTTP 401"), (Said(503, b"<html>"), "HTTP 503"),
    (Said(200, b"<html>"), "what /metadata answers is no CapabilityStatement")])
def test_the_check_names_what_is_wrong(server: Server, says: Said, told: str) -> None:
    server.says = says
    assert server.target().check() == [told]


def test_a_statement_may_be_long(server: Server) -> None:
    server.says = resource(200, {**METADATA, "description": "x" * 3_000_000})
    assert server.target().check() == []


def test_one_who_is_slow_or_gone_is_tried_again(server: Server) -> None:
    server.says, began = Said(wait=0.6), time.monotonic()
    with pytest.raises(DeliveryError, match="time limit") as slow:
        server.outcome(timeout=0.2)
    assert time.monotonic() - began < 3 and slow.value.fault is LATER
    with socket.create_server(("127.0.0.1", 0)) as gone:
        target = FhirFagsystem("clinics", f"http://127.0.0.1:{gone.getsockname()[1]}")
    with pytest.raises(DeliveryError) as nobody:
        target.deliver(target.render(OPENED), Sending(OPENED.fact_id))
    assert nobody.value.fault is LATER
    assert target.check() == ["no connection, or it broke before the answer was whole"]
