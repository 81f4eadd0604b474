"""The archive over GeoIntegrasjon: a plan's versions from the first to the last, by the official contract."""
import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from lxml import etree

from integrations.archive.geointegrasjon.codes import Codes
from integrations.archive.geointegrasjon.mapping import pack, unpack
from integrations.archive.geointegrasjon.sign_in import SignIn
from integrations.target import DeliveryError, DeliveryFault, PlanVersion, Receipt, Sending, Target
from tests.support.filed import (
    IDENTITY_NUMBER,
    LIFE,
    OWNER,
    VERSION,
    Delivery,
    document,
    rendered,
    target,
    whole,
)
from tests.support.geointegrasjon import OFFICIAL, described, serving
from tests.support.noark import Archive, file_of, status

FIRST = [
    "FinnSaksmapperGittNoekkel", "NySaksmappe", "FinnJournalposterGittNoekkel", "NyJournalpost",
    "FinnDokumenterGittJournalpostnoekkel", "NyDokument", "OppdaterJournalpostStatus",
    "FinnJournalposterGittNoekkel", "FinnDokumenterGittJournalpostnoekkel", "HentFil"]


@pytest.fixture(scope="module", params=["official", "own"])
def services(request: pytest.FixtureRequest) -> Any:
    if request.param == "official" and not OFFICIAL.is_dir():
        pytest.skip("the official schemas of GeoIntegrasjon 1.1 (../shared/schemas) are not on this machine")
    return described(request.param == "official")


@pytest.fixture
def archive(services: Any) -> Iterator[Archive]:
    with serving(Archive(), services) as started:
        yield started


def fault(archive: Archive, version: int = 1, **settings: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        Delivery(version).attempt(target(archive, **settings))
    return caught.value


def test_a_version_is_filed_journaled_and_read_back(archive: Archive) -> None:
    hub: Target = target(archive)
    sending = Sending(VERSION.fact_id)
    assert hub.deliver(rendered(1), sending) == Receipt(True, "2026/1-1 (S1, J1, D1)")
    assert archive.log == FIRST
    whole(archive, 1)
    assert {name: sending.steps[name] for name in ("case", "entry", "document")} == {
        "case": "S1", "entry": "J1", "document": "D1"}


def test_a_plan_is_archived_again_closed_and_reopened(archive: Archive) -> None:
    statuses = []
    for version in range(1, len(LIFE) + 1):
        assert Delivery(version).attempt(target(archive)).confirmed
        statuses.append(status(archive.cases[0], "saksstatus"))
    assert statuses == ["B", "B", "F", "B"]
    whole(archive, len(LIFE))
    closing = archive.log.index("OppdaterMappeStatus")
    assert archive.log[closing - 1] == "HentFil"  # closed when all else is done
    assert archive.log[closing + 1:closing + 4] == [
        "FinnSaksmapperGittNoekkel", "FinnJournalposterGittNoekkel", "OppdaterMappeStatus"]  # reopened


def test_a_closed_plan_that_is_archived_by_hand_stays_closed(archive: Archive) -> None:
    for version in (*LIFE[:3], replace(LIFE[3], plan={**VERSION.plan, "status": "CLOSED"})):
        assert target(archive).deliver(target(archive).render(version), Sending(version.fact_id)).confirmed
    assert (len(archive.entries), status(archive.cases[0], "saksstatus")) == (4, "F")


def test_the_same_delivery_again_only_asks(archive: Archive) -> None:
    delivery = Delivery(3)
    first = delivery.attempt(target(archive))
    archive.log.clear()
    assert delivery.attempt(target(archive)) == first
    assert {name[:4] for name in archive.log} == {"Finn"}
    assert Delivery(3).attempt(target(archive)) == first  # though nothing had been saved
    assert len(archive.cases) == len(archive.entries) == len(archive.documents) == 1


def test_what_is_sent_is_the_same_every_time_it_is_rendered(archive: Archive) -> None:
    assert target(archive).render(VERSION) == rendered(1)
    assert unpack(rendered(1)).document.startswith(b"%PDF-1.7")


@pytest.mark.parametrize("damaged", [
    lambda body: b"", lambda body: b"no zip", lambda body: body[:-40],
    lambda body: body.replace(b"%PDF", b"%PDX", 1)])
def test_what_is_no_version_is_refused_for_good(archive: Archive, damaged: Callable[[bytes], bytes]) -> None:
    body = damaged(rendered(1))
    with pytest.raises(DeliveryError) as caught:
        target(archive).deliver(body, Sending(VERSION.fact_id))
    assert (caught.value.fault, archive.log) == (DeliveryFault.PERMANENT, [])


def sent(archive: Archive, version: PlanVersion = VERSION, codes: Codes | None = None) -> etree._Element:
    """Case, entry and document as the archive got them."""
    hub = target(archive, codes=codes)
    hub.deliver(hub.render(version), Sending(version.fact_id))
    kept = etree.Element("kept")
    kept.extend([archive.cases[-1], archive.entries[-1], archive.documents[-1]])
    return kept


def values(node: etree._Element, path: str) -> list[str]:
    return [str(found.text) for found in node.iterfind("/".join(f"{{*}}{step}" for step in path.split("/")))]


def test_the_archive_is_told_what_it_asks_for(archive: Archive) -> None:
    case, entry, filed = sent(archive)
    assert values(case, "saksstatus/kodeverdi") == ["B"]
    expected = {
        "journalposttype/kodeverdi": "X", "dokumentetsDato": "2025-11-23T00:00:00",
        "referanseSakSystemID/systemID/id": "S1", "saksnr/saksaar": "2026", "saksnr/sakssekvensnummer": "1",
        "korrespondansepart/liste/korrespondanseparttype/kodeverdi": "IA",
        "korrespondansepart/liste/Kontakt/navn": "Fjellvik skole",
        "korrespondansepart/liste/Kontakt/organisasjonsnummer": "999999999"}
    assert {path: "".join(values(entry, path)) for path in expected} == expected
    expected = {
        "tilknyttetRegistreringSom/kodeverdi": "H", "variantformat/kodeverdi": "A",
        "format/kodeverdi": "RA-PDF", "dokumentstatus/kodeverdi": "F", "Fil/filnavn": "plan.pdf",
        "Fil/mimeType": "application/pdf", "referanseJournalpostSystemID": "J1"}
    assert {path: "".join(values(filed, path)) for path in expected} == expected


def test_names_stand_shielded_and_the_identity_number_in_its_class_alone(archive: Archive) -> None:
    kept = sent(archive)
    for part, title in zip(list(kept)[:2], ("Stafettlogg", "Stafettlogg, v1"), strict=True):
        assert values(part, "offentligTittel") == [title]
        assert values(part, "skjermetTittel") == ["true"]
        assert values(part, "skjerming/tilgangsrestriksjon/kodeverdi") == ["KL"]
        assert values(part, "skjerming/skjermingOpphoererDato") == ["2085-12-31T00:00:00"]
        assert "offl. § 13" in values(part, "skjerming/skjermingshjemmel")[0]
    assert values(kept[2], "tittel") == ["Stafettlogg, v1"]
    for text, parent, mark in (
            (IDENTITY_NUMBER, "klasseID", "skjermetKlasse"), (OWNER, "navn", "skjermetSakspart")):
        (holder,) = (node for node in kept.iter() if node.text and text in node.text)
        assert etree.QName(holder).localname == parent
        assert "true" in [found.text for found in kept.iterfind(f".//{{*}}{mark}")]
    whole_talk = b"".join(archive.requests)
    assert whole_talk.count(IDENTITY_NUMBER.encode()) == 1
    assert not [head for head in archive.heads if IDENTITY_NUMBER in str(head)]


def test_a_protected_address_has_a_stricter_code_and_no_unit(archive: Archive) -> None:
    kept = sent(archive, replace(VERSION, protected=True))
    assert values(kept[0], "skjerming/tilgangsrestriksjon/kodeverdi") == ["SF"]
    assert "Fjellvik skole" not in etree.tostring(kept, encoding="unicode")
    assert values(kept[0], "tittel") == ["Stafettlogg SS (sperret adresse)"]


def test_the_codes_are_the_municipalitys_and_an_empty_one_is_left_to_the_archive(archive: Archive) -> None:
    codes = Codes(restricted="UO", format="", medium="", archive_part="BARN", responsible="TOLA", party="",
                  administrative_unit="OPP")
    case, entry, filed = sent(archive, codes=codes)
    assert values(case, "skjerming/tilgangsrestriksjon/kodeverdi") == ["UO"]
    assert [values(part, "referanseArkivdel/kodeverdi") for part in (case, entry)] == [["BARN"]] * 2
    assert values(case, "saksansvarligInit") == ["TOLA"]
    assert values(entry, "korrespondansepart/liste/administrativEnhetInit") == ["OPP"]
    assert values(case, "dokumentmedium/kodeverdi") + values(filed, "format/kodeverdi") == []


def test_an_owner_without_a_number_has_no_class(archive: Archive) -> None:
    case, *_ = sent(archive, replace(VERSION, identity_number=None))
    assert values(case, "klasse") == []


@settings(max_examples=15, deadline=None)
@given(typed=st.text(max_size=60))
def test_whatever_was_typed_can_be_archived(services: Any, typed: str) -> None:
    plan = {"type": typed, "shortName": typed, "owner": {"name": typed}}
    with serving(Archive(), services) as archive:
        hub = target(archive)
        body = hub.render(replace(VERSION, plan=plan, unit_name=typed))
        assert hub.deliver(body, Sending(VERSION.fact_id)).confirmed


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


@pytest.mark.parametrize("answered, expected", [
    (401, DeliveryFault.AUTH), (403, DeliveryFault.AUTH), (503, DeliveryFault.RETRYABLE),
    (404, DeliveryFault.RETRYABLE), (410, DeliveryFault.GONE), (400, DeliveryFault.PERMANENT)])
def test_a_refusal_without_soap_has_its_class(
        archive: Archive, answered: int, expected: DeliveryFault) -> None:
    archive.fails = {"NySaksmappe": answered}
    assert fault(archive).fault is expected


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
        assert values(token, "Username") == ["hub"]
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
