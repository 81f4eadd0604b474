"""The hub's own contract of GeoIntegrasjon is a part of the official one, and another can take its place."""
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from integrations.archive.geointegrasjon.calls import Calls, service
from integrations.archive.geointegrasjon.contract import FOLDER, STANDARD
from integrations.archive.geointegrasjon.mapping import context
from integrations.archive.geointegrasjon.target import GeoIntegrasjonArchive
from integrations.sign_in import SignIn
from integrations.target import DeliveryError, DeliveryFault
from tests.support.filed import Delivery, whole
from tests.support.geointegrasjon import OFFICIAL, SERVICES, described, serving
from tests.support.noark import Archive

XS = "{http://www.w3.org/2001/XMLSchema}"
official = pytest.mark.skipif(
    not OFFICIAL.is_dir(),
    reason="the official schemas of GeoIntegrasjon 1.1 (../shared/schemas) are not on this machine")


def elements(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """By type or message: the elements in order, with type and how often; and the type that it extends."""
    told: dict[str, list[tuple[str, ...]]] = {}
    for kind in etree.parse(str(path)).iter(f"{XS}complexType"):
        holder = kind if kind.get("name") else kind.getparent()
        assert holder is not None
        bases = [("", full(base, str(base.get("base")))) for base in kind.iter(f"{XS}extension")]
        told[str(holder.get("name"))] = [*bases, *(
            (str(one.get("name")), full(one, str(one.get("type"))), one.get("minOccurs", "1"),
             one.get("maxOccurs", "1")) for one in kind.iter(f"{XS}element"))]
    return told


def full(node: etree._Element, name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{node.nsmap[prefix or None]}}}{local}"


@official
@pytest.mark.parametrize("name", [path.name for path in sorted(FOLDER.iterdir())])
def test_each_type_is_the_standards_own_with_some_elements_left_out(name: str) -> None:
    theirs = elements(OFFICIAL / SERVICES.get(name.removesuffix(".wsdl"), name))
    for kind, parts in elements(FOLDER / name).items():
        assert [part for part in theirs[kind] if part in parts] == parts
        left_out = [part for part in theirs[kind] if part not in parts]
        assert all(part[2] == "0" for part in left_out), kind


@official
@pytest.mark.parametrize("name", SERVICES)
def test_each_operation_is_the_standards_own(name: str) -> None:
    ours, theirs = (etree.parse(str(path)).getroot()
                    for path in (FOLDER / f"{name}.wsdl", OFFICIAL / SERVICES[name]))
    assert ours.get("targetNamespace") == theirs.get("targetNamespace")
    for part in ("portType", "binding"):
        (mine,), (other,) = ours.findall(f"{{*}}{part}"), theirs.findall(f"{{*}}{part}")
        assert mine.get("name") == other.get("name")
        assert operations(mine).items() <= operations(other).items()


def operations(part: etree._Element) -> dict[str, list[tuple[str, ...]]]:
    """Of a portType or a binding: all that stands in each."""
    told = ("name", "message", "soapAction", "use")
    return {str(operation.get("name")): [
        (etree.QName(one).localname, *(str(one.get(name)) for name in told))
        for one in operation.iterdescendants()] for operation in part.iterfind("{*}operation")}


@official
def test_the_official_schemas_refuse_what_they_should() -> None:
    schema = described(official=True)["/oppdatering"].schema
    asked = etree.Element(f"{{{STANDARD.format('Arkiv/Oppdatering/xml.wsdl')}}}NySaksmappe")
    assert schema.validate(asked)
    etree.SubElement(asked, "mappe")
    assert not schema.validate(asked)


@pytest.fixture
def archive() -> Iterator[Archive]:
    with serving(Archive(), described(OFFICIAL.is_dir())) as started:
        yield started


def by(archive: Archive, wsdls: dict[str, Path]) -> GeoIntegrasjonArchive:
    oppdatering, innsyn = (service(name, archive.urls[name], wsdls[name]) for name in SERVICES)
    return GeoIntegrasjonArchive("archive", Calls(innsyn, oppdatering, SignIn(), context(None)))


@official
def test_the_official_wsdl_can_be_used_as_it_stands(archive: Archive) -> None:
    hub = by(archive, {name: OFFICIAL / file for name, file in SERVICES.items()})
    assert Delivery().attempt(hub).confirmed
    whole(archive, 1)


def changed(folder: Path, file: str, old: str, new: str) -> dict[str, Path]:
    for path in FOLDER.iterdir():
        text = path.read_text("utf-8")
        assert path.name != file or old in text
        (folder / path.name).write_text(text.replace(old, new) if path.name == file else text, "utf-8")
    return {name: folder / f"{name}.wsdl" for name in SERVICES}


def test_a_wsdl_that_may_import_from_addresses_is_read_from_the_files_beside_it(
        archive: Archive, tmp_path: Path) -> None:
    place = 'schemaLocation="giArkivKjerne20120131.xsd"'
    wsdls = changed(tmp_path, "innsyn.wsdl", place, place.replace("giA", "http://rep.example.no/xsd/giA"))
    assert Delivery().attempt(by(archive, wsdls)).confirmed


@pytest.mark.parametrize("file, old, new, told", [
    ("giArkivKjerne20120131.xsd", "skjermetKlasse", "skjermet", "has no Klasse.skjermetKlasse"),
    ("oppdatering.wsdl", "SakArkivOppdateringSoap", "SakArkivOppdatering2", "has no SakArkivOppdateringSoap"),
    ("oppdatering.wsdl", "<wsdl:types>", "<wsdl:types", "can't be read"),
    ("oppdatering.wsdl", "giArkivKjerne20120131.xsd", "gone.xsd", "can't be read"),
    ("oppdatering.wsdl", "NyDokument", "NyttDokument", "has no NyDokument.dokument"),
])
def test_a_wsdl_that_lacks_what_the_hub_needs_is_refused(
        tmp_path: Path, file: str, old: str, new: str, told: str) -> None:
    wsdls = changed(tmp_path, file, old, new)
    with pytest.raises(ValueError, match=f"oppdatering_wsdl: {told}"):
        service("oppdatering", "https://archive.example.no/", wsdls["oppdatering"])


def test_what_breaks_the_contract_is_not_sent(archive: Archive) -> None:
    hub = by(archive, {name: FOLDER / f"{name}.wsdl" for name in SERVICES})
    with pytest.raises(DeliveryError, match=r"not sent, .*: skjermingOpphoererDato") as caught:
        hub.calls.new_case({"tittel": "Stafettlogg", "skjerming": {"skjermingOpphoererDato": "i morgen"}})
    assert (caught.value.fault, archive.log) == (DeliveryFault.PERMANENT, [])


@pytest.mark.parametrize("address", ["http://a.example/", "https://hub:secret@a.example/", "nowhere"])
def test_an_address_that_names_may_not_travel_to_makes_no_service(address: str) -> None:
    with pytest.raises(ValueError, match="innsyn: https") as refusal:
        service("innsyn", address)
    assert "secret" not in str(refusal.value)
