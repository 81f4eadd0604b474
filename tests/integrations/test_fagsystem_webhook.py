"""Webhooks to a fagsystem that checks what it gets: what facts become there, and who has sent them."""
import base64
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from integrations.credentials import Credentials
from integrations.fagsystem.webhook.mapping import event
from integrations.fagsystem.webhook.signature import key, signed
from integrations.fagsystem.webhook.target import WebhookFagsystem
from integrations.preview import masked
from integrations.target import (
    DeliveryError,
    DeliveryFault,
    FactKind,
    PlanFact,
    Receipt,
    RecordState,
    Sending,
    Told,
)
from tests.support.edge import edge
from tests.support.facts import D_NUMBER, OPENED, OWNER, a_plan, following, life
from tests.support.webhooks import EVENT, SECRET, Fagsystem

NEW = "whsec_" + base64.b64encode(b"an invented secret of the hub's").decode()
NOW = datetime(2026, 3, 2, 9, 31, tzinfo=UTC)


@pytest.fixture
def fagsystem() -> Fagsystem:
    return Fagsystem()


@pytest.fixture
def url(fagsystem: Fagsystem) -> Iterator[str]:
    with edge(fagsystem.answer) as address:
        yield f"{address}/stafettlogg"


@pytest.fixture
def target(url: str) -> WebhookFagsystem:
    return WebhookFagsystem("clinics", url, [key(SECRET)], timeout=3)


def told(target: WebhookFagsystem, fact: PlanFact) -> Receipt:
    return target.deliver(target.render(fact), Sending(fact.fact_id))


def refused(target: WebhookFagsystem, fact: PlanFact) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        told(target, fact)
    return caught.value


def test_a_fact_is_an_event_whose_attributes_tell_of_nobody() -> None:
    said = event(OPENED)
    data = said.pop("data")
    assert said == {
        "specversion": "1.0", "id": str(OPENED.fact_id), "source": "https://hub.example",
        "type": "no.stafettlogg_hub.har_stafettlogg.v1.opened", "subject": str(OPENED.plan_ref),
        "time": "2026-03-02T09:30:00.000Z", "datacontenttype": "application/json",
        "dataschema": "urn:no:stafettlogg-hub:har-stafettlogg:v1"}
    assert data == {
        "factId": said["id"], "planRef": said["subject"], "seq": 1, "kind": "OPENED",
        "occurredAt": said["time"], "hasPlan": True, "since": "2026-03-02",
        "person": {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": OWNER},
        "municipalityNumber": "4601", "unitOrganisationNumber": "987654321",
        "contact": {"role": "stafettholder", "unit": "Solbakken skole & SFO",
                    "name": "Kari Ødegård", "phone": "+4790000000"},
        "hubUrl": "https://hub.example", "protected": False}


def test_what_is_shown_beforehand_keeps_the_contract_too(target: WebhookFagsystem) -> None:
    shown = masked(OPENED)
    assert isinstance(shown, PlanFact)
    EVENT.validate(json.loads(target.render(shown)))


def test_a_plan_lives_in_the_fagsystem_from_opening_to_withdrawal(
        target: WebhookFagsystem, fagsystem: Fagsystem) -> None:
    facts = life()
    reference = f"theirs-{str(facts[0].plan_ref)[:8]}"
    assert [told(target, fact) for fact in facts] == [Receipt(True, reference, "CONFIRMED")] * len(facts)
    kept = fagsystem.plans[str(facts[0].plan_ref)]
    assert [(fact["kind"], fact["hasPlan"]) for fact in kept] == [
        ("OPENED", True), ("HOLDER_CHANGED", True), ("CORRECTED", True), ("CLOSED", False),
        ("OPENED", True), ("WITHDRAWN", False)]
    assert kept[2]["person"] == {"system": "urn:oid:2.16.578.1.12.4.1.4.2", "value": D_NUMBER}
    assert ("contact" in kept[0], "contact" in kept[1], kept[3]["closedOn"]) == (True, False, "2026-06-19")
    for call in fagsystem.calls:
        assert OWNER not in f"{call.path} {call.headers}" and D_NUMBER not in f"{call.path} {call.headers}"


def test_a_fact_twice_is_confirmed_twice_and_kept_once(
        target: WebhookFagsystem, fagsystem: Fagsystem) -> None:
    fact = a_plan()
    first, again = told(target, fact), told(target, fact)
    assert (again.confirmed, again.code, again.reference) == (True, "DUPLICATE", first.reference)
    one, two = fagsystem.calls
    assert one.headers["webhook-id"] == two.headers["webhook-id"] == str(fact.fact_id)
    assert one.body == two.body and len(fagsystem.plans[str(fact.plan_ref)]) == 1


def test_what_the_fagsystem_will_not_take_has_its_kind(
        target: WebhookFagsystem, fagsystem: Fagsystem) -> None:
    fagsystem.unknown.add(D_NUMBER)
    assert refused(target, a_plan(identity_number=D_NUMBER)).fault is DeliveryFault.UNKNOWN_PERSON
    opened = a_plan(seq=4)
    told(target, opened)
    late = refused(target, following(replace(opened, seq=2), FactKind.CLOSED, has_plan=False))
    assert (late.fault, late.message) == (DeliveryFault.PERMANENT, "refused as invalid: OUT_OF_ORDER")


@pytest.mark.parametrize("changes, where", [
    ({"municipality_number": "46O1"}, "data.municipalityNumber"),
    ({"unit_organisation_number": "87654321"}, "data.unitOrganisationNumber"),
    ({"identity_number": "1234567890"}, "data.person.value"),
    ({"hub_url": "javascript:alert(1)"}, "source"),
    ({"seq": 0}, "data.seq")])
def test_what_breaks_the_contract_is_not_sent(
        target: WebhookFagsystem, changes: dict[str, Any], where: str) -> None:
    fact = a_plan(**changes)
    error = refused(target, fact)
    assert (error.fault, error.message) == (
        DeliveryFault.PERMANENT, f"not sent, for it breaks the contract: {where}")
    assert list(EVENT.iter_errors(event(fact))), "so says the published schema"


def test_a_body_is_only_sent_for_its_own_delivery(target: WebhookFagsystem) -> None:
    with pytest.raises(DeliveryError, match="another delivery"):
        target.deliver(target.render(a_plan()), Sending(uuid4()))


def test_the_signature_is_what_the_standard_says() -> None:
    body, number = '{"text":"å"}'.encode(), uuid4()
    headers = signed([key(SECRET)], number, body, NOW)
    asked = f"{number}.{headers['webhook-timestamp']}.".encode() + body
    secret = base64.b64decode(SECRET.removeprefix("whsec_")).hex()
    counted = subprocess.run(
        ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{secret}", "-binary"],
        input=asked, capture_output=True, check=True)
    assert headers == {"webhook-id": str(number), "webhook-timestamp": "1772443860",
                       "webhook-signature": f"v1,{base64.b64encode(counted.stdout).decode()}"}


def test_while_a_secret_is_changed_both_who_know_the_old_and_the_new_let_us_in(
        url: str, fagsystem: Fagsystem) -> None:
    both = WebhookFagsystem("clinics", url, [key(NEW), key(SECRET)])
    new_alone = WebhookFagsystem("clinics", url, [key(NEW)])
    assert told(both, a_plan()).confirmed, "it knows the old one yet"
    assert refused(new_alone, a_plan()).fault is DeliveryFault.AUTH
    fagsystem.known = Webhook(NEW)
    assert told(both, a_plan()).confirmed and told(new_alone, a_plan()).confirmed


def test_a_changed_body_is_not_ours(target: WebhookFagsystem, fagsystem: Fagsystem) -> None:
    told(target, a_plan())
    (call,) = fagsystem.calls
    forged = call.body.replace(OWNER.encode(), D_NUMBER.encode())
    with pytest.raises(Exception, match="No matching signature"):
        fagsystem.known.verify(forged, dict(call.headers))


def test_the_fagsystem_is_asked_at_night_what_it_keeps(
        target: WebhookFagsystem, fagsystem: Fagsystem) -> None:
    facts = life()
    asked = [Told(fact.plan_ref, uuid4(), fact.seq, fact.has_plan, None, None, None) for fact in facts]
    assert target.compare(asked[0]) is RecordState.MISSING
    for fact in facts[:4]:
        told(target, fact)
    assert [target.compare(one) for one in asked[2:5]] == [
        RecordState.DIFFERENT, RecordState.SAME, RecordState.DIFFERENT]
    assert OWNER.encode() not in fagsystem.calls[-1].body


def test_a_gateway_before_it_is_shown_what_it_asks_for(url: str, fagsystem: Fagsystem) -> None:
    target = WebhookFagsystem("clinics", url, [key(SECRET)], credentials=Credentials({"apikey": "k"}))
    assert told(target, a_plan()).confirmed and fagsystem.calls[0].headers["apikey"] == "k"


def test_the_check_tells_of_nobody_and_proves_address_and_secret(
        target: WebhookFagsystem, url: str, fagsystem: Fagsystem) -> None:
    assert target.check() == []
    asked = json.loads(fagsystem.calls[0].body)
    assert asked["type"].endswith(".v1.status") and not {"data", "subject"} & asked.keys()
    assert fagsystem.plans == {}
    assert WebhookFagsystem("clinics", url, [key(NEW)]).check() == ["HTTP 401"]
