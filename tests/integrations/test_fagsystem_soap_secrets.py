"""What a server echoes stays out of logs, errors, traces and receipts: planted values are looked for."""
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from integrations.fagsystem.soap.contract import NAMESPACE
from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.sign_in import SignIn
from integrations.soap import ENVELOPES, Endpoint
from integrations.target import Contact, DeliveryError, FactKind, PlanFact, Receipt, Sending
from tests.support.fagsystems import JOURNAL, LINE, TEMPURI, Way, own, vendors

PLANTED = "15861490049"  # the synthetic series: 80 is added to the month
NAME, PHONE, PASSWORD = "Planted Ødegård", "90000001", "planted-password"
WHO = SignIn("username_token", "hub", PASSWORD)
FACT = PlanFact(
    fact_id=UUID(int=1), plan_ref=UUID(int=2), seq=1, kind=FactKind.OPENED,
    occurred_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC), has_plan=True, since=date(2026, 3, 2),
    closed_on=None, identity_number=PLANTED, municipality_number="4601", unit_organisation_number="987654321",
    contact=Contact(NAME, "stafettholder", None, PHONE), hub_url="https://hub.example/1", protected=False)


@contextmanager
def saying(reply: bytes) -> Iterator[str]:
    """The address of a server that answers one request and has then nothing more to say."""
    def speak() -> None:
        with listener.accept()[0] as connection:
            while b"</soap-env:Envelope>" not in connection.recv(65536):
                pass
            connection.sendall(reply)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=speak)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


def http(status: str, body: str = "", header: str = "Connection: close") -> bytes:
    content = body.encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{header}\r\n\r\n".encode() + content


def soap(body: str) -> str:
    return (f'<s:Envelope xmlns:s="{ENVELOPES["1.1"]}" xmlns:v="{NAMESPACE}"><s:Body>{body}</s:Body>'
            "</s:Envelope>")


def answer(result: str, reference: str) -> str:
    return soap(f"<v:registerResponse><v:answer><v:result>{result}</v:result>"
                f"<v:reference>{reference}</v:reference></v:answer></v:registerResponse>")


@pytest.fixture(scope="module", params=["HarStafettlogg", "a vendor's WSDL"])
def way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Way:
    return own() if request.param == "HarStafettlogg" else vendors(tmp_path_factory.mktemp("vendor"))


def outcome(way: Way, url: str) -> str:
    """All that the caller learns: the receipt, or the error with its whole trace."""
    try:
        return repr(way.told(Endpoint(url, WHO, 5, LINE), fact=FACT))
    except DeliveryError as error:
        return f"{error.message} {error.retry_after} {error!r} {traceback.format_exc()}"


@pytest.mark.parametrize("reply", [
    http("500 Error", soap(f"<s:Fault><faultcode>{PLANTED}</faultcode><faultstring>{PLANTED}</faultstring>"
                           f"<detail>{NAME} {PLANTED}</detail></s:Fault>")),
    http("500 Error", soap("<s:Fault><faultcode>s:Client</faultcode><detail><v:ValidationFault>"
                           f"<v:reason>{PLANTED}</v:reason></v:ValidationFault></detail></s:Fault>")),
    http(f"503 {PLANTED}", f"<html>{NAME} {PLANTED} {PASSWORD}</html>", f"X-Echo: {PLANTED}"),
    http("200 OK", f"<a>{PLANTED}"),
    http("200 OK", soap(f"<v:a{PLANTED}/>")),
    http("200 OK", answer(PLANTED, "A-1")),
    http("200 OK", answer("CONFIRMED", PLANTED)),
    http("500 Error", soap(f"<s:Fault><detail><j:MerknadFeil xmlns:j='{JOURNAL}'><j:Kode>Ugyldig</j:Kode>"
                           f"<j:Melding>{NAME} {PLANTED}</j:Melding></j:MerknadFeil></detail></s:Fault>")),
    http("200 OK", soap(f"<t:RegistrerMerknadResponse xmlns:t='{TEMPURI}' xmlns:j='{JOURNAL}'>"
                        f"<t:RegistrerMerknadResult><j:MerknadId>{PLANTED}</j:MerknadId>"
                        "<j:Status>Lagret</j:Status></t:RegistrerMerknadResult></t:RegistrerMerknadResponse>")),
    http("302 Found", header=f"Location: http://127.0.0.1/?number={PLANTED}"),
    http("429 Slow Down", header=f"Retry-After: {PLANTED}"),
    http("200 OK", header=PLANTED),
    f"{PLANTED}\r\n\r\n".encode(),
], ids=["fault", "reason", "page", "broken", "tag", "result", "receipt", "vendor's fault", "vendor's receipt",
        "redirect", "wait", "head", "raw"])
def test_nothing_of_the_person_is_logged_or_told(
        way: Way, reply: bytes, caplog: pytest.LogCaptureFixture) -> None:
    for logger in ("", "zeep", "zeep.transports", "zeep.xsd.types.simple", "urllib3", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=logger)
    with saying(reply) as url:
        learnt = outcome(way, url)
    for secret in (PLANTED, NAME, PHONE, PASSWORD):
        assert secret not in learnt
        assert secret not in caplog.text


def test_a_fact_that_does_not_fit_is_refused_without_its_values(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    target = SoapFagsystem("fagsystem", Endpoint("http://127.0.0.1:9/", WHO))
    body = target.render(FACT)
    for wrong in (body.replace(b'"since":"2026-03-02"', b'"since":"%b"' % PLANTED.encode()),
                  body.replace(b'"seq":1', b'"seq":"%b"' % PLANTED.encode()),
                  body.replace(b'"seq":1', b'"%b":1' % PLANTED.encode()),
                  body.replace(b'"role":', b'"%b":' % PLANTED.encode())):
        with pytest.raises(DeliveryError) as caught:
            target.deliver(wrong, Sending(FACT.fact_id))
        assert PLANTED not in "".join(traceback.format_exception(caught.value))
    assert PLANTED not in caplog.text


def test_a_receipt_keeps_the_receivers_reference() -> None:
    with saying(http("200 OK", answer("CONFIRMED", "A-1"))) as url:
        assert outcome(own(), url) == repr(Receipt(True, "A-1", "CONFIRMED"))
