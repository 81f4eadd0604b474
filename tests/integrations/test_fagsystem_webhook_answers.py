"""What a webhook is answered and what it means: receipts, refusals, and servers that are broken or gone."""
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

from integrations.fagsystem.webhook.answer import Confirms, held, ready, receipt
from integrations.fagsystem.webhook.signature import key
from integrations.fagsystem.webhook.target import WebhookFagsystem
from integrations.target import DeliveryError, DeliveryFault, Receipt, RecordState, Sending, Told
from integrations.wire import Reply
from tests.support.edge import Said, edge, told
from tests.support.facts import OPENED, OWNER
from tests.support.webhooks import SECRET

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HTML = {"content-type": "text/html"}
PAGE = b"<!doctype html><title>Logg inn</title>"
LATER, NEVER = DeliveryFault.RETRYABLE, DeliveryFault.PERMANENT


def body(status: str, **more: Any) -> bytes:
    return json.dumps({"status": status, **more}).encode()


def read(status: int, content: bytes, confirms: Confirms = "answer", wait: str = "") -> Receipt:
    return receipt(Reply(status, {"retry-after": wait}, content), confirms, NOW)


def failure(status: int, content: bytes, confirms: Confirms = "answer", wait: str = "") -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        read(status, content, confirms, wait)
    return caught.value


@pytest.mark.parametrize("status, content, expected", [
    (200, body("CONFIRMED", reference="A-1"), Receipt(True, "A-1", "CONFIRMED")),
    (201, body("CONFIRMED", unknown=[1]), Receipt(True, None, "CONFIRMED")),
    (200, body("DUPLICATE", reference="A-1"), Receipt(True, "A-1", "DUPLICATE")),
    (202, body("PENDING", reference="A-1"), Receipt(False, "A-1", "PENDING")),
    (202, b"", Receipt(False, None, "202")),
    (204, b"", Receipt(False, None, "204")),
    (202, b"OK", Receipt(False, None, "202")),
    (200, b" \n", Receipt(False, None, "200"))])
def test_only_the_receivers_own_word_confirms(status: int, content: bytes, expected: Receipt) -> None:
    assert read(status, content) == expected


@pytest.mark.parametrize("status, content", [
    (200, b"OK"), (200, PAGE), (200, b"{}"), (200, b"[]"), (200, b"[" * 100_000), (200, b"\xff\xfe"),
    (200, body("STORED")), (200, body("READY")), (200, body("CONFIRMED")[:-1]),
    (200, body("CONFIRMED", reference="has blanks")), (200, body("CONFIRMED", reference="x" * 101)),
    (200, body("CONFIRMED", reference=7)), (201, json.dumps(body("CONFIRMED").decode()).encode())])
def test_an_answer_that_breaks_the_contract_is_none(status: int, content: bytes) -> None:
    error = failure(status, content)
    assert (error.fault, error.message) == (LATER, "the answer does not keep the contract")


@pytest.mark.parametrize("status, content", [(200, b""), (200, b"OK"), (204, b""), (202, b""),
                                             (200, b'{"id": 7}')])
def test_one_who_has_promised_that_2xx_is_stored_is_taken_by_their_word(status: int, content: bytes) -> None:
    assert read(status, content, "2xx") == Receipt(True, None, str(status))


def test_a_promise_holds_for_no_page_no_error_and_nothing_that_says_otherwise() -> None:
    assert failure(200, PAGE, "2xx").fault is LATER
    assert receipt(Reply(200, {}, body("PENDING")), "2xx", NOW).confirmed is False
    with pytest.raises(DeliveryError):
        receipt(Reply(200, HTML, b"Logg inn"), "2xx", NOW)
    assert failure(200, body("UNKNOWN_PERSON"), "2xx").fault is DeliveryFault.UNKNOWN_PERSON
    assert failure(302, b"", "2xx").fault is LATER


@pytest.mark.parametrize("status", [200, 400, 404, 409, 422])
@pytest.mark.parametrize("content, fault, message", [
    (body("UNKNOWN_PERSON"), DeliveryFault.UNKNOWN_PERSON, "the receiver does not know the person"),
    (body("AMBIGUOUS"), DeliveryFault.AMBIGUOUS, "the receiver has several records of the person"),
    (body("REJECTED", reason="OTHER_UNIT"), NEVER, "refused as invalid: OTHER_UNIT"),
    (body("REJECTED", message=OWNER), NEVER, "refused as invalid: it does not say why")])
def test_a_refusal_is_read_by_its_word(
        status: int, content: bytes, fault: DeliveryFault, message: str) -> None:
    error = failure(status, content)
    assert (error.fault, error.message) == (fault, message)


@pytest.mark.parametrize("status, fault", [
    (301, LATER), (307, LATER), (400, NEVER), (401, DeliveryFault.AUTH), (403, DeliveryFault.AUTH),
    (404, LATER), (408, LATER), (410, DeliveryFault.GONE), (413, NEVER), (422, NEVER), (429, LATER),
    (500, LATER), (503, LATER)])
def test_without_a_word_of_the_contract_the_status_decides(status: int, fault: DeliveryFault) -> None:
    for content in (b"", PAGE, body("CONFIRMED"), body("REJECTED", reason=OWNER)):
        assert failure(status, content).fault is fault
    if status not in (400, 404, 413, 422):
        assert failure(status, body("UNKNOWN_PERSON")).fault is fault


def test_one_who_is_busy_says_how_long() -> None:
    assert read(202, b"", wait="3600").again == timedelta(hours=1)
    assert read(200, body("PENDING"), wait="3600").again == timedelta(hours=1)
    assert failure(429, b"", wait="120").retry_after == timedelta(minutes=2)
    assert failure(503, PAGE, wait="Mon, 02 Mar 2026 12:05:00 GMT").retry_after == timedelta(minutes=5)


@pytest.mark.parametrize("confirms, content, well", [
    ("answer", body("READY"), True), ("answer", b"", False), ("answer", body("PENDING"), False),
    ("2xx", b"", True), ("2xx", body("READY"), True), ("2xx", body("PENDING"), False), ("2xx", PAGE, False)])
def test_a_receiver_says_whether_it_is_ready(confirms: Confirms, content: bytes, well: bool) -> None:
    assert ready(Reply(200, {}, content), confirms, NOW) is well


TOLD = Told(OPENED.plan_ref, OPENED.plan_ref, 3, True, None, None, None)


@pytest.mark.parametrize("record, found", [
    ({"seq": 3, "hasPlan": True, "more": 1}, RecordState.SAME), (None, RecordState.MISSING),
    ({"seq": 2, "hasPlan": True}, RecordState.DIFFERENT),
    ({"seq": 3, "hasPlan": False}, RecordState.DIFFERENT)])
def test_a_receiver_says_what_it_keeps(record: Any, found: RecordState) -> None:
    assert held(Reply(200, {}, body("READY", record=record)), TOLD, NOW) is found


@pytest.mark.parametrize("status, content", [
    (200, body("READY")), (200, b""), (200, PAGE), (200, body("PENDING", record=None)), (404, b""),
    (200, body("READY", record={"seq": 3})), (200, body("READY", record=[])), (401, b""),
    (503, body("READY", record=None))])
def test_what_does_not_say_what_is_kept_is_no_answer(status: int, content: bytes) -> None:
    with pytest.raises(DeliveryError):
        held(Reply(status, {}, content), TOLD, NOW)


@given(st.binary(), st.integers(200, 599), st.sampled_from(["answer", "2xx"]), st.text(max_size=60))
def test_no_reply_at_all_breaks_the_reading(
        content: bytes, status: int, confirms: Confirms, wait: str) -> None:
    try:
        said = receipt(Reply(status, {"retry-after": wait}, content), confirms, NOW)
    except DeliveryError:
        return
    assert said.confirmed == (confirms == "2xx") and 200 <= status < 300


class Server:
    """Says what it is told to say."""

    def __init__(self) -> None:
        self.url, self.says = "", Said()

    def outcome(self, timeout: float = 3) -> Receipt:
        target = WebhookFagsystem("clinics", self.url, [key(SECRET)], timeout=timeout)
        return target.deliver(target.render(OPENED), Sending(OPENED.fact_id))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    with edge(lambda _: made.says) as made.url:
        yield made


PLANTED = f"{OWNER} Kari Ødegård 90000000"


@pytest.mark.parametrize("says, fault", [
    (Said(503, f"<html>{PLANTED}</html>".encode(), HTML), LATER),
    (told(401, {"status": PLANTED}), DeliveryFault.AUTH),
    (Said(410), DeliveryFault.GONE),
    (told(429, {}, Retry_After="60"), LATER),
    (told(422, {"status": "UNKNOWN_PERSON", "person": PLANTED}), DeliveryFault.UNKNOWN_PERSON),
    (told(422, {"status": "REJECTED", "reason": PLANTED}), NEVER),
    (told(200, {"status": "CONFIRMED", "reference": PLANTED}), LATER),
    (Said(200, PLANTED.encode()), LATER),
    (Said(302, headers={"Location": f"http://127.0.0.1/{OWNER}"}), LATER),
    (replace(told(200, {"status": "CONFIRMED"}), whole=False), LATER)])
def test_a_bad_answer_has_its_kind_and_nothing_of_the_person_is_told(
        server: Server, says: Said, fault: DeliveryFault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.says = says
    with pytest.raises(DeliveryError) as caught:
        server.outcome()
    assert caught.value.fault is fault
    assert caught.value.retry_after == (timedelta(minutes=1) if says.status == 429 else None)
    learnt = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert not [secret for secret in (OWNER, "Ødegård", "90000000", SECRET) if secret in learnt]


def test_a_reference_that_tells_who_it_is_is_not_kept(server: Server) -> None:
    server.says = told(200, {"status": "CONFIRMED", "reference": f"p-{OWNER}"})
    assert server.outcome() == Receipt(True, None, "CONFIRMED")


def test_one_who_is_slow_or_gone_is_tried_again(server: Server) -> None:
    server.says, began = Said(wait=0.6), time.monotonic()
    with pytest.raises(DeliveryError, match="time limit") as slow:
        server.outcome(timeout=0.2)
    assert time.monotonic() - began < 3 and slow.value.fault is LATER
    with socket.create_server(("127.0.0.1", 0)) as gone:
        target = WebhookFagsystem("clinics", f"http://127.0.0.1:{gone.getsockname()[1]}", [key(SECRET)])
    with pytest.raises(DeliveryError) as nobody:
        target.deliver(target.render(OPENED), Sending(OPENED.fact_id))
    assert nobody.value.fault is LATER
    assert target.check() == ["no connection, or it broke before the answer was whole"]
