"""The archive over GeoIntegrasjon when it refuses, answers oddly or holds something else: each has its class,
and nothing of the person is told with it."""
import base64
import logging
import re
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from lxml import etree

from integrations.archive.geointegrasjon.codes import Codes
from integrations.archive.geointegrasjon.mapping import pack, package, unpack
from integrations.sign_in import SignIn
from integrations.target import DeliveryError, DeliveryFault, Receipt, Sending
from tests.support.filed import (
    FIRST,
    IDENTITY_NUMBER,
    OWNER,
    VERSION,
    Delivery,
    document,
    rendered,
    target,
    whole,
)
from tests.support.geointegrasjon import OFFICIAL, XSI, Wsdl, described, serving
from tests.support.noark import DOKUMENT, Archive, file_of


@pytest.fixture(scope="module")
def services() -> dict[str, Wsdl]:
    """The official contract; where it is missing, which the flow's own test says, the project's own."""
    return described(OFFICIAL.is_dir())


@pytest.fixture
def archive(services: dict[str, Wsdl]) -> Iterator[Archive]:
    with serving(Archive(), services) as started:
        yield started


def fault(archive: Archive) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        Delivery().attempt(target(archive))
    return caught.value


@pytest.mark.parametrize("name, expected", [
    ("SystemFault", DeliveryFault.RETRYABLE), ("ImplementationFault", DeliveryFault.RETRYABLE),
    ("OperationalFault", DeliveryFault.RETRYABLE), ("ApplicationFault", DeliveryFault.PERMANENT),
    ("FinderFault", DeliveryFault.PERMANENT), ("ValidationFault", DeliveryFault.PERMANENT)])
@pytest.mark.parametrize("operation", sorted(set(FIRST)))
def test_each_of_the_six_faults_has_its_class(
        archive: Archive, name: str, expected: DeliveryFault, operation: str) -> None:
    archive.fails = {operation: name}
    error = fault(archive)
    assert error.fault is expected
    assert IDENTITY_NUMBER not in str(error) and "4711" not in str(error)  # the archive's own words
    archive.fails = {}
    assert Delivery().attempt(target(archive)).confirmed
    whole(archive, 1)


def test_a_search_that_finds_nothing_is_a_fault_with_some_archives(archive: Archive) -> None:
    archive.curt = True
    assert fault(archive).fault is DeliveryFault.PERMANENT
    hub = target(archive, empty_search="finder_fault")
    assert [Delivery(version).attempt(hub).confirmed for version in (1, 2)] == [True, True]
    whole(archive, 2)


@pytest.mark.parametrize("answered, expected", [
    (401, DeliveryFault.AUTH), (403, DeliveryFault.AUTH), (503, DeliveryFault.RETRYABLE),
    (404, DeliveryFault.RETRYABLE), (410, DeliveryFault.GONE), (400, DeliveryFault.PERMANENT)])
def test_a_refusal_without_soap_has_its_class(
        archive: Archive, answered: int, expected: DeliveryFault) -> None:
    archive.fails = {"NySaksmappe": answered}
    assert fault(archive).fault is expected


@pytest.mark.parametrize("operation", ["NySaksmappe", "NyJournalpost", "NyDokument"])
def test_an_archive_that_may_still_be_making_it_is_left_in_peace(archive: Archive, operation: str) -> None:
    archive.lost = {FIRST.index(operation) + 1}
    assert fault(archive).retry_after == timedelta(minutes=5)


@pytest.mark.parametrize("method, header, value", [
    ("basic", "Authorization", "Basic " + base64.b64encode(b"hub:hemmelig \xc3\xb8").decode()),
    ("apikey", "apikey", "hemmelig")])
def test_who_the_hub_is_stands_in_a_header(archive: Archive, method: Any, header: str, value: str) -> None:
    secret = SignIn(method, "hub", "hemmelig ø") if method == "basic" else SignIn(method, None, "hemmelig")
    Delivery().attempt(target(archive, secret))
    assert {head[header] for head in archive.heads} == {value}
    assert not [body for body in archive.requests if b"hemmelig" in body]


def test_who_the_hub_is_stands_in_the_message(archive: Archive) -> None:
    Delivery().attempt(target(archive, SignIn("username_token", "hub", "hemmelig ø")))
    for body in archive.requests:
        token = etree.fromstring(body).find(".//{*}UsernameToken")
        assert token is not None
        assert token.findtext("{*}Username") == "hub"
        (password,) = token.iterfind("{*}Password")
        assert (password.text, str(password.get("Type")).rpartition("#")[2]) == ("hemmelig ø", "PasswordText")


@pytest.mark.parametrize("repeated", ["cases", "entries", "documents"])
def test_several_hits_stop_until_a_person_has_looked(archive: Archive, repeated: str) -> None:
    Delivery().attempt(target(archive))
    kept = getattr(archive, repeated)
    kept.append(etree.fromstring(etree.tostring(kept[0])))
    error = fault(archive)
    assert error.fault is DeliveryFault.AMBIGUOUS
    assert len(archive.cases) + len(archive.entries) + len(archive.documents) == 4


def test_other_bytes_than_ours_stop_until_a_person_has_looked(archive: Archive) -> None:
    archive.fails = {"HentFil": 503}
    delivery = Delivery()
    with pytest.raises(DeliveryError):
        delivery.attempt(target(archive))
    (content,) = archive.documents[0].iterfind("{*}Fil/{*}base64")
    content.text = base64.b64encode(document(1) + b" ").decode()
    archive.fails = {}
    with pytest.raises(DeliveryError, match="not the one that was sent") as caught:
        delivery.attempt(target(archive))
    assert caught.value.fault is DeliveryFault.PERMANENT


def test_an_address_in_place_of_the_file_is_not_followed(archive: Archive) -> None:
    archive.fails = {"HentFil": 503}
    fault(archive)
    (file,) = archive.documents[0].iterfind("{*}Fil")
    file.set(XSI, str(file.get(XSI)).replace("Filinnhold", "Filreferanse"))
    file[-1].tag, file[-1].text, archive.fails = f"{{{DOKUMENT}}}uri", archive.urls["innsyn"], {}
    assert fault(archive).message == "the archive does not give the file itself back"


def test_what_was_made_and_is_not_found_is_never_made_again(archive: Archive) -> None:
    delivery = Delivery()
    archive.fails = {"OppdaterJournalpostStatus": 503}
    with pytest.raises(DeliveryError):
        delivery.attempt(target(archive))
    hidden, archive.documents, archive.fails = archive.documents, [], {}
    with pytest.raises(DeliveryError, match="does not find the document") as caught:
        delivery.attempt(target(archive))
    assert (caught.value.fault, archive.documents) == (DeliveryFault.RETRYABLE, [])
    archive.documents = hidden
    assert delivery.attempt(target(archive)).confirmed


def test_a_copy_in_the_archives_own_variant_is_no_second_document(archive: Archive) -> None:
    Delivery().attempt(target(archive))
    copy = etree.fromstring(etree.tostring(archive.documents[0]))
    (variant,) = copy.iterfind("{*}variantformat/{*}kodeverdi")
    variant.text, copy[0].text = "P", "D2"
    archive.documents.append(copy)
    assert Delivery().attempt(target(archive)).confirmed


def test_a_file_of_many_megabytes_comes_back_whole(archive: Archive) -> None:
    parts = unpack(rendered(1))
    large = replace(parts, document=parts.document + b"%" * 12_000_000)
    assert target(archive, seconds=30).deliver(pack(large), Sending(VERSION.fact_id)).confirmed
    assert file_of(archive.documents[0]) == large.document


def test_an_answer_much_longer_than_the_file_is_not_taken(archive: Archive) -> None:
    archive.fails = {"HentFil": 503}
    fault(archive)
    (content,) = archive.documents[0].iterfind("{*}Fil/{*}base64")
    content.text, archive.fails = base64.b64encode(bytes(3_000_000)).decode(), {}
    assert fault(archive).message == "the answer is too long"


def test_a_sound_archive_has_nothing_to_complain_of(archive: Archive) -> None:
    assert target(archive).check() == []
    assert set(archive.log) == {"HentKodeliste"}
    assert set(re.findall(rb"kodelistenavn>(\w+)<", b"".join(archive.requests))) == {
        name.encode() for name, _ in Codes().by_list()}


def test_the_check_names_each_code_that_can_not_be_used(archive: Archive) -> None:
    archive.lists |= {"Saksstatus": ["B"], "Format": ["-RA-PDF", "PDF"]}
    del archive.lists["Variantformat"]
    assert target(archive, codes=Codes(case_type="BARN", protected="X9")).check() == [
        "Saksstatus: F can't be used", "Variantformat: the archive does not find what is asked for",
        "Format: RA-PDF can't be used", "Tilgangsrestriksjon: X9 can't be used",
        "Mappetype: the archive does not find what is asked for"]


def test_the_check_of_an_archive_that_refuses_us_says_so_once(archive: Archive) -> None:
    archive.fails = {"HentKodeliste": 401}
    assert target(archive).check() == ["Saksstatus: HTTP 401, no answer of the contract"]


def test_deliveries_of_several_plans_go_side_by_side(archive: Archive) -> None:
    hub = target(archive)

    def filed(number: int) -> Receipt:
        version = replace(VERSION, fact_id=UUID(int=number), plan_key=UUID(int=number))
        return hub.deliver(pack(replace(unpack(rendered(1)), told=package(version, Codes()).told)),
                           Sending(version.fact_id))
    with ThreadPoolExecutor(4) as pool:
        assert all(receipt.confirmed for receipt in pool.map(filed, range(1, 9)))
    assert len({case.findtext("{*}referanseEksternNoekkel/{*}noekkel") for case in archive.cases}) == 8


def test_nothing_of_the_person_is_logged_or_told(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    for logger in ("", "zeep", "zeep.transports", "zeep.xsd", "urllib3"):
        caplog.set_level(logging.DEBUG, logger=logger)
    hub, delivery, told = target(archive, SignIn("basic", "hub", "hemmelig")), Delivery(), ""
    for operation, wrong in ("NySaksmappe", "ValidationFault"), ("HentFil", "SystemFault"), ("", ""):
        archive.fails = {operation: wrong}
        try:
            told += repr(delivery.attempt(hub))
        except DeliveryError as error:
            told += f"{error!r} {traceback.format_exc()}"
    for secret in (IDENTITY_NUMBER, OWNER, "hemmelig", "Stafettlogg SS"):
        assert secret not in told + repr(delivery.steps) + caplog.text


def test_a_reference_that_holds_an_identity_number_is_not_shown(archive: Archive) -> None:
    hub = target(archive)
    hub.deliver(rendered(1), Sending(VERSION.fact_id))
    archive.entries[0][0].text = archive.documents[0][-2].text = IDENTITY_NUMBER
    assert hub.deliver(rendered(1), Sending(VERSION.fact_id)) == Receipt(True)
