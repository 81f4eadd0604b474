"""The SOAP target against the practice receiver: what a plan's facts become in a fagsystem."""
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import uvicorn
import zeep
from lxml import etree

from integrations.fagsystem.records import Refused
from integrations.fagsystem.soap.contract import NAMESPACE, WSDL
from integrations.fagsystem.soap.practice import practice
from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.sign_in import SignIn
from integrations.soap import Endpoint, SoapVersion
from integrations.target import (
    Contact,
    DeliveryError,
    DeliveryFault,
    FactKind,
    PlanFact,
    Receipt,
    RecordState,
    Sending,
    Told,
)

OWNER = "15861490049"  # the synthetic series: 80 is added to the month
NEWCOMER = "55861490032"  # and a D-number: 40 to the day
UNKNOWN = "15861490200"
OPENED = PlanFact(
    fact_id=UUID("01980000-0000-7000-8000-000000000001"),
    plan_ref=UUID("01980000-0000-7000-8000-000000000002"),
    seq=1, kind=FactKind.OPENED, occurred_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    has_plan=True, since=date(2026, 3, 2), closed_on=None,
    identity_number=OWNER, municipality_number="4601", unit_organisation_number="987654321",
    contact=Contact("Kari Ødegård", "stafettholder", "Solbakken skole & SFO", "+47 900 00 000"),
    hub_url="https://hub.example/plan/1", protected=False)
VERSIONS: tuple[SoapVersion, ...] = ("1.1", "1.2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("practice")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app = practice(folder, unknown=[UNKNOWN])
        server = uvicorn.Server(uvicorn.Config(app, ws="none", lifespan="off", log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True
        thread.join()


@pytest.fixture(params=VERSIONS)
def target(url: str, request: pytest.FixtureRequest) -> SoapFagsystem:
    who = SignIn("username_token", "hub", "an invented password")
    return SoapFagsystem("practice", Endpoint(url, who), request.param)


def a_plan(**changes: Any) -> PlanFact:
    """The first fact of a plan that no other test knows."""
    return replace(OPENED, fact_id=uuid4(), plan_ref=uuid4(), **changes)


def next_fact(fact: PlanFact, kind: FactKind, **changes: Any) -> PlanFact:
    return replace(fact, fact_id=uuid4(), seq=fact.seq + 1, kind=kind, **changes)


def told(target: SoapFagsystem, fact: PlanFact) -> Receipt:
    return target.deliver(target.render(fact), Sending(fact.fact_id))


def refused(target: SoapFagsystem, fact: PlanFact) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        told(target, fact)
    return caught.value


def kept(folder: Path, fact: PlanFact) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = json.loads((folder / f"{fact.plan_ref}.json").read_text("utf-8"))
    return facts


def test_everything_that_is_told_arrives_and_is_confirmed(target: SoapFagsystem, folder: Path) -> None:
    fact = a_plan(identity_number=NEWCOMER, protected=True)
    assert told(target, fact) == Receipt(True, f"practice-{str(fact.plan_ref)[:8]}", "CONFIRMED")
    assert kept(folder, fact) == [{
        "factId": str(fact.fact_id), "planRef": str(fact.plan_ref), "seq": 1, "kind": "OPENED",
        "occurredAt": "2026-03-02T09:30:00.000Z", "hasPlan": True, "since": "2026-03-02",
        "person": {"system": "urn:oid:2.16.578.1.12.4.1.4.2", "value": NEWCOMER},
        "municipalityNumber": "4601", "unitOrganisationNumber": "987654321",
        "contact": {"role": "stafettholder", "unit": "Solbakken skole & SFO",
                    "name": "Kari Ødegård", "phone": "+4790000000"},
        "hubUrl": "https://hub.example/plan/1", "protected": True}]


def test_a_plan_lives_in_the_fagsystem_from_opening_to_end(target: SoapFagsystem, folder: Path) -> None:
    opened = a_plan()
    handed_over = next_fact(opened, FactKind.HOLDER_CHANGED, contact=None)
    corrected = next_fact(handed_over, FactKind.CORRECTED, since=date(2026, 3, 1))
    closed = next_fact(corrected, FactKind.CLOSED, has_plan=False, closed_on=date(2026, 6, 19))
    again = next_fact(closed, FactKind.OPENED, has_plan=True, closed_on=None)
    withdrawn = next_fact(again, FactKind.WITHDRAWN, has_plan=False)
    for fact in (opened, handed_over, corrected, closed, again, withdrawn):
        assert told(target, fact).code == "CONFIRMED"
    assert [fact["kind"] for fact in kept(folder, opened)] == [
        "OPENED", "HOLDER_CHANGED", "CORRECTED", "CLOSED", "OPENED", "WITHDRAWN"]
    assert kept(folder, opened)[-1] == json.loads(target.render(withdrawn))


def test_the_same_fact_twice_is_confirmed_twice_and_kept_once(target: SoapFagsystem, folder: Path) -> None:
    fact = a_plan()
    first, second = told(target, fact), told(target, fact)
    assert (second.confirmed, second.code, second.reference) == (True, "DUPLICATE", first.reference)
    assert len(kept(folder, fact)) == 1


@pytest.mark.parametrize("seq", [3, 4])
def test_a_late_fact_is_refused_and_changes_nothing(target: SoapFagsystem, folder: Path, seq: int) -> None:
    opened = a_plan(seq=4)
    told(target, opened)
    late = replace(next_fact(opened, FactKind.CLOSED, has_plan=False), seq=seq)
    error = refused(target, late)
    assert (error.fault, error.message) == (DeliveryFault.PERMANENT, "refused as invalid: OUT_OF_ORDER")
    assert len(kept(folder, opened)) == 1


def test_a_gap_in_the_sequence_is_no_disorder(target: SoapFagsystem) -> None:
    opened = a_plan()
    told(target, opened)
    assert told(target, replace(next_fact(opened, FactKind.HOLDER_CHANGED), seq=7)).confirmed


@pytest.mark.parametrize("kind", [FactKind.HOLDER_CHANGED, FactKind.CLOSED])
def test_what_was_never_opened_can_neither_change_nor_end(target: SoapFagsystem, kind: FactKind) -> None:
    error = refused(target, a_plan(kind=kind, has_plan=kind is FactKind.HOLDER_CHANGED))
    assert (error.fault, error.message) == (DeliveryFault.PERMANENT, "refused as invalid: NOT_REGISTERED")


def test_an_unknown_person_stops_the_delivery(target: SoapFagsystem) -> None:
    assert refused(target, a_plan(identity_number=UNKNOWN)).fault is DeliveryFault.UNKNOWN_PERSON


def test_a_record_that_cannot_be_written_is_not_confirmed(tmp_path: Path) -> None:
    records = practice(tmp_path / "gone").state.records
    (tmp_path / "gone").rmdir()
    with pytest.raises(Refused, match="TemporaryFault"):
        records.take(json.loads(SoapFagsystem("a", Endpoint("http://127.0.0.1/")).render(OPENED)))
    assert records.latest() == []


@pytest.mark.parametrize("changes, element", [
    ({"municipality_number": "46O1"}, "municipalityNumber"),
    ({"unit_organisation_number": "87654321"}, "unitOrganisationNumber"),
    ({"identity_number": "1234567890"}, "value"),
    ({"hub_url": "javascript:alert(1)"}, "hubUrl"),
    ({"seq": 0}, "seq"),
])
def test_what_breaks_the_contract_is_not_sent(
        folder: Path, target: SoapFagsystem, changes: dict[str, Any], element: str) -> None:
    fact = a_plan(**changes)
    error = refused(target, fact)
    assert error.fault is DeliveryFault.PERMANENT
    assert error.message == f"not sent, for it breaks the contract: {element}"
    assert not (folder / f"{fact.plan_ref}.json").exists()


def test_a_body_is_only_sent_for_its_own_delivery(target: SoapFagsystem) -> None:
    with pytest.raises(DeliveryError) as caught:
        target.deliver(target.render(a_plan()), Sending(uuid4()))
    assert caught.value.fault is DeliveryFault.PERMANENT


def test_a_sound_target_has_nothing_to_complain_of(target: SoapFagsystem) -> None:
    assert target.check() == []


def test_the_check_names_what_is_wrong() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert SoapFagsystem("gone", Endpoint(f"http://127.0.0.1:{port}/")).check() == [
        "no connection, or it broke before the answer was whole"]


@pytest.mark.parametrize(
    "address", ["http://a.example/", "https://hub:secret@a.example/", "ftp://127.0.0.1/", "nowhere"])
def test_an_address_that_identity_numbers_may_not_travel_to_makes_no_target(address: str) -> None:
    with pytest.raises(ValueError, match="url: https") as refusal:
        Endpoint(address)
    assert "secret" not in str(refusal.value)


def test_the_receiver_tells_what_it_keeps_of_a_plan(url: str, target: SoapFagsystem) -> None:
    fact = a_plan(seq=3)
    told(target, fact)
    service = zeep.Client(f"{url}?wsdl").service  # type: ignore[no-untyped-call]
    status = service.status(planRef=str(fact.plan_ref))
    assert (status.contract, status.ready) == ("HarStafettlogg v1", True)
    assert (status.record.planRef, status.record.seq, status.record.hasPlan) == (str(fact.plan_ref), 3, True)
    assert service.status(planRef=str(uuid4())).record is None


def test_what_the_receiver_keeps_is_compared_with_what_it_has_confirmed(target: SoapFagsystem) -> None:
    fact = a_plan(seq=3)
    held = Told(fact.plan_ref, uuid4(), 3, True, None, None, None)
    assert target.compare(held) is RecordState.MISSING
    told(target, fact)
    assert target.compare(held) is RecordState.SAME
    assert target.compare(replace(held, has_plan=False)) is RecordState.DIFFERENT
    assert target.compare(replace(held, seq=4)) is RecordState.DIFFERENT


def test_the_contract_that_is_served_has_the_servers_own_address(url: str) -> None:
    served = etree.fromstring(httpx.get(f"{url}?wsdl").content)
    addresses = [node.get("location") for node in served.iter("{*}address")]
    assert addresses == [url, url]


@pytest.mark.parametrize("binding", ["HarStafettloggSoap11", "HarStafettloggSoap12"])
def test_the_contract_loads_with_its_four_operations(binding: str) -> None:
    client = zeep.Client(str(WSDL))  # type: ignore[no-untyped-call]
    operations: Any = client.wsdl.bindings[f"{{{NAMESPACE}}}{binding}"]._operations
    assert set(operations) == {"register", "update", "end", "status"}
    assert set(operations["end"].faults) == {"UnknownPersonFault", "ValidationFault", "TemporaryFault"}
