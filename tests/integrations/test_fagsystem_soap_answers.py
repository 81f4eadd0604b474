"""What is said and how replies are read, without a network: the mapping, and the table of answers."""
import json
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from db.rules.delivery import ENDING, OPENING
from integrations.fagsystem.fact import canonical, elements
from integrations.fagsystem.soap.answer import ready, receipt
from integrations.fagsystem.soap.contract import NAMESPACE
from integrations.fagsystem.soap.mapping import OPERATIONS
from integrations.soap import ENVELOPES, SoapVersion
from integrations.target import Contact, DeliveryError, DeliveryFault, FactKind, PlanFact, Receipt
from integrations.wire import Reply

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWNER = "15861490049"  # the synthetic series: 80 is added to the month
NEVER, LATER, ASK = DeliveryFault.PERMANENT, DeliveryFault.RETRYABLE, DeliveryFault.UNKNOWN_PERSON


def a_fact(contact: Contact | None = None, number: str = OWNER) -> PlanFact:
    half_past_eleven = datetime(2026, 3, 2, 11, 30, tzinfo=timezone(timedelta(hours=1)))
    return PlanFact(
        fact_id=UUID(int=1), plan_ref=UUID(int=2), seq=1, kind=FactKind.OPENED, occurred_at=half_past_eleven,
        has_plan=True, since=date(2026, 3, 2), closed_on=None, identity_number=number,
        municipality_number="4601", unit_organisation_number="987654321", contact=contact,
        hub_url="https://hub.example/1", protected=False)


def soap(body: str, version: SoapVersion = "1.1") -> bytes:
    return (f'<s:Envelope xmlns:s="{ENVELOPES[version]}"><s:Body xmlns:v="{NAMESPACE}">{body}</s:Body>'
            "</s:Envelope>").encode()


def fault(detail: str = "", code: str = "s:Server") -> bytes:
    return soap(f"<s:Fault><faultcode>{code}</faultcode><faultstring>no {OWNER}</faultstring>"
                f"<detail>{detail}</detail></s:Fault>")


def fault_12(detail: str = "", code: str = "s:Receiver", subcode: str = "") -> bytes:
    below = f"<s:Subcode><s:Value>{subcode}</s:Value></s:Subcode>" if subcode else ""
    return soap(f"<s:Fault><s:Code><s:Value>{code}</s:Value>{below}</s:Code>"
                f"<s:Reason><s:Text>no {OWNER}</s:Text></s:Reason><s:Detail>{detail}</s:Detail></s:Fault>",
                "1.2")


def answer(result: str, reference: str = "") -> bytes:
    told = f"<v:reference>{reference}</v:reference>" if reference else ""
    return soap(f"<v:registerResponse><v:answer><v:result>{result}</v:result>{told}</v:answer>"
                "</v:registerResponse>")


def read(content: bytes, status: int = 200, **headers: str) -> Receipt:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return receipt(Reply(status, named, content), "register", NOW)


def error(content: bytes, status: int = 200, **headers: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        read(content, status, **headers)
    assert OWNER not in caught.value.message
    return caught.value


def test_every_kind_of_fact_for_a_fagsystem_has_its_operation() -> None:
    assert set(OPERATIONS) == OPENING | ENDING


def test_the_same_fact_is_always_the_same_bytes() -> None:
    assert canonical(elements(a_fact())) == (
        b'{"factId":"00000000-0000-0000-0000-000000000001","hasPlan":true,"hubUrl":"https://hub.example/1",'
        b'"kind":"OPENED","municipalityNumber":"4601","occurredAt":"2026-03-02T10:30:00.000Z",'
        b'"person":{"system":"urn:oid:2.16.578.1.12.4.1.4.1","value":"15861490049"},'
        b'"planRef":"00000000-0000-0000-0000-000000000002","protected":false,"seq":1,"since":"2026-03-02",'
        b'"unitOrganisationNumber":"987654321"}')
    assert json.loads(canonical(elements(a_fact()))) == elements(a_fact())


@pytest.mark.parametrize("first, system", [(0, 1), (1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 2), (7, 2)])
def test_the_first_digit_tells_a_fodselsnummer_from_a_d_number(first: int, system: int) -> None:
    person = elements(a_fact(number=f"{first}1010112345"))["person"]
    assert person["system"] == f"urn:oid:2.16.578.1.12.4.1.4.{system}"


@pytest.mark.parametrize("typed, sent", [
    ("+47 900 00 000", "+4790000000"),
    (" 900-00-000 (jobb)", "90000000"),
    ("22 22 22 22 / 900 00 000", None),
    ("ring sentralbordet", None),
    ("", None),
    (None, None),
])
def test_a_telephone_number_is_digits_or_nothing(typed: str | None, sent: str | None) -> None:
    contact = elements(a_fact(Contact("Kari", "stafettholder", None, typed)))["contact"]
    assert contact == {"role": "stafettholder", "name": "Kari"} | ({"phone": sent} if sent else {})


def test_text_is_one_line_that_xml_can_carry() -> None:
    contact = elements(a_fact(Contact("\x00Kari\t \nØdegård\x0b", "x" * 300, "\x1f", None)))["contact"]
    assert contact == {"name": "Kari Ødegård", "role": "x" * 200}


def test_a_contact_without_a_name_is_no_contact() -> None:
    assert "contact" not in elements(a_fact(Contact(" ", "stafettholder", None, None)))


@pytest.mark.parametrize("content, status, expected", [
    (answer("CONFIRMED", "A-1"), 200, Receipt(True, "A-1", "CONFIRMED")),
    (answer("DUPLICATE", " A-1 "), 200, Receipt(True, "A-1", "DUPLICATE")),
    (answer("PENDING"), 200, Receipt(False, None, "PENDING")),
    (answer("PENDING"), 202, Receipt(False, None, "PENDING")),
    (b"", 202, Receipt(False, None, "202")),
])
def test_only_the_contracts_own_answer_is_a_receipt(content: bytes, status: int, expected: Receipt) -> None:
    assert read(content, status) == expected


@pytest.mark.parametrize("content", [
    b"", b"OK", b"<html><body>Velkommen</body></html>",
    answer("CONFIRMED")[:-20], answer("STORED"), answer("CONFIRMED", "x" * 101),
    answer("CONFIRMED").replace(b"registerResponse", b"updateResponse"),
    answer("CONFIRMED").replace(b"har-stafettlogg:v1", b"har-stafettlogg:v2"),
    soap(""), soap("<v:register/>"),
    b'<!DOCTYPE x [<!ENTITY r "CONFIRMED">]>' + answer("&r;"),
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">' + answer("CONFIRMED"),
])
def test_anything_else_with_200_is_tried_again(content: bytes) -> None:
    assert error(content).fault is LATER


@pytest.mark.parametrize("status, expected", [
    (301, LATER), (307, LATER),
    (400, NEVER), (401, DeliveryFault.AUTH), (403, DeliveryFault.AUTH), (404, LATER),
    (408, LATER), (410, DeliveryFault.GONE), (413, NEVER), (415, NEVER), (429, LATER),
    (500, LATER), (502, LATER), (503, LATER),
])
def test_a_status_without_a_soap_answer_decides(status: int, expected: DeliveryFault) -> None:
    assert error(b"<html>", status).fault is expected
    assert error(b"", status).fault is expected
    assert error(answer("CONFIRMED"), status).fault is expected


@pytest.mark.parametrize("content, status, expected, message", [
    (fault("<v:UnknownPersonFault/>"), 500, ASK, "the receiver does not know the person"),
    (fault_12("<v:UnknownPersonFault/>"), 400, ASK, "the receiver does not know the person"),
    (fault("<v:ValidationFault><v:reason>OTHER_UNIT</v:reason></v:ValidationFault>"), 500, NEVER,
     "refused as invalid: OTHER_UNIT"),
    (fault("<v:TemporaryFault/>", "s:Client"), 400, LATER, "the receiver can't take it now"),
    (fault(f"<v:ValidationFault><v:reason>{OWNER}</v:reason></v:ValidationFault>"), 500, LATER,
     "HTTP 500, no answer of the contract"),
    (fault(code=""), 500, LATER, "HTTP 500, no answer of the contract"),
    (fault(code=""), 400, NEVER, "HTTP 400, no answer of the contract"),
    (fault(), 200, LATER, "HTTP 200, no answer of the contract"),
    (fault(code="s:Client"), 500, NEVER, "a SOAP fault says that the message is wrong"),
    (fault_12(code="s:Sender"), 400, NEVER, "a SOAP fault says that the message is wrong"),
    (fault(code="wsse:FailedAuthentication"), 500, DeliveryFault.AUTH,
     "a SOAP fault says that the credentials are refused"),
    (fault_12(code="s:Sender", subcode="a:InvalidSecurity"), 500, DeliveryFault.AUTH,
     "a SOAP fault says that the credentials are refused"),
    (fault("<v:UnknownPersonFault/>"), 403, DeliveryFault.AUTH, "HTTP 403, no answer of the contract"),
])
def test_a_fault_is_read_by_type_then_code_then_status(
        content: bytes, status: int, expected: DeliveryFault, message: str) -> None:
    found = error(content, status)
    assert (found.fault, found.message) == (expected, message)


@pytest.mark.parametrize("header, wait", [
    ("120", timedelta(minutes=2)),
    ("Mon, 02 Mar 2026 12:05:00 GMT", timedelta(minutes=5)),
    ("Mon, 02 Mar 2026 11:00:00 GMT", timedelta()),
    ("999999999999", timedelta(days=1)),
    ("soon", None),
    ("-5", None),
    ("", None),
])
def test_a_receiver_says_how_long_to_wait(header: str, wait: timedelta | None) -> None:
    assert error(b"", 429, retry_after=header).retry_after == wait
    assert error(fault("<v:TemporaryFault/>"), 500, retry_after=header).retry_after == wait


def test_a_temporary_faults_own_time_goes_before_the_header() -> None:
    told = fault("<v:TemporaryFault><v:retryAfterSeconds>90</v:retryAfterSeconds></v:TemporaryFault>")
    assert error(told, 503, retry_after="5").retry_after == timedelta(seconds=90)


@pytest.mark.parametrize("text, expected", [("true", True), ("1", True), ("false", False)])
def test_a_receiver_says_whether_it_is_ready(text: str, expected: bool) -> None:
    status = soap("<v:statusResponse><v:status><v:contract>HarStafettlogg v1</v:contract>"
                  f"<v:ready>{text}</v:ready></v:status></v:statusResponse>")
    assert ready(Reply(200, {}, status), NOW) is expected
    with pytest.raises(DeliveryError):
        ready(Reply(200, {}, status.replace(b"HarStafettlogg v1", b"HarStafettlogg v2")), NOW)


@given(st.binary(), st.integers(200, 599), st.text(max_size=60))
def test_no_reply_at_all_breaks_the_reading(content: bytes, status: int, wait: str) -> None:
    try:
        receipt(Reply(status, {"retry-after": wait}, content), "register", NOW)
    except DeliveryError:
        pass
    else:
        assert (status, content.strip()) == (202, b"")
