"""The archive over GeoIntegrasjon: a plan's versions from the first to the last, by the official contract."""
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from lxml import etree

from integrations.archive.geointegrasjon.codes import Codes
from integrations.archive.geointegrasjon.mapping import unpack
from integrations.target import (
    DeliveryError,
    DeliveryFault,
    PlanVersion,
    Receipt,
    RecordState,
    Sending,
    Target,
    Told,
)
from tests.support.filed import (
    FIRST,
    IDENTITY_NUMBER,
    LIFE,
    OWNER,
    VERSION,
    Delivery,
    rendered,
    target,
    whole,
)
from tests.support.geointegrasjon import OFFICIAL, described, serving
from tests.support.noark import Archive, status


@pytest.fixture(scope="module", params=["official", "own"])
def services(request: pytest.FixtureRequest) -> Any:
    if request.param == "official" and not OFFICIAL.is_dir():
        pytest.skip("the official schemas of GeoIntegrasjon 1.1 (../shared/schemas) are not on this machine")
    return described(request.param == "official")


@pytest.fixture
def archive(services: Any) -> Iterator[Archive]:
    with serving(Archive(), services) as started:
        yield started


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


@settings(max_examples=8, deadline=None)
@given(typed=st.text(max_size=60))
def test_whatever_was_typed_can_be_archived(services: Any, typed: str) -> None:
    plan = {"type": typed, "shortName": typed, "owner": {"name": typed}}
    with serving(Archive(), services) as archive:
        hub = target(archive)
        body = hub.render(replace(VERSION, plan=plan, unit_name=typed))
        assert hub.deliver(body, Sending(VERSION.fact_id)).confirmed


def test_at_night_the_archive_is_asked_whether_the_version_is_there(archive: Archive) -> None:
    told = Told(VERSION.plan_key, VERSION.plan_key, 1, True, 1, None, None)
    hub = target(archive)
    assert hub.compare(told) is RecordState.MISSING
    assert Delivery(1).attempt(hub).confirmed
    archive.log.clear()
    assert hub.compare(told) is RecordState.SAME
    assert {name[:4] for name in archive.log} == {"Finn"}, "nothing is fetched or written"
    archive.documents.clear()
    assert hub.compare(told) is RecordState.MISSING
