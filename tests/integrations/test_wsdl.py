"""A WSDL as vendors give it: in many files or in one, and nothing but files."""
import shutil
from pathlib import Path

import pytest
from lxml import etree

from integrations.wsdl import XS, Unreadable, Wsdl, file_of
from tests.support.fagsystems import JOURNAL, MERKNAD, TEMPURI, merknad, single

KVITTERING = f"{{{JOURNAL}}}KvitteringStatus"


def answer(status: str) -> etree._Element:
    return etree.fromstring(
        f'<RegistrerMerknadResponse xmlns="{TEMPURI}"><RegistrerMerknadResult>'
        f'<Status xmlns="{JOURNAL}">{status}</Status></RegistrerMerknadResult></RegistrerMerknadResponse>')


@pytest.mark.parametrize("files", ["many", "one"])
def test_it_can_be_in_many_files_or_in_one(tmp_path: Path, files: str) -> None:
    wsdl = merknad() if files == "many" else Wsdl(single(tmp_path))
    assert list(wsdl.document.services) == ["Merknad"]
    assert wsdl.breach(answer("Lagret")) is None
    assert wsdl.breach(answer("Kanskje")) == "Status"
    ((node, fault),) = wsdl.faults(answer("Kanskje"))
    assert (etree.QName(node).localname, fault) == ("Status", "SCHEMAV_CVC_ENUMERATION_VALID")


@pytest.mark.parametrize("kind, text, taken", [
    (KVITTERING, "Lagret", True), (KVITTERING, "Kanskje", False),
    (f"{{{XS}}}int", "17", True), (f"{{{XS}}}int", "sytten", False), (f"{{{XS}}}string", "sytten", True)])
def test_a_type_says_what_it_takes(kind: str, text: str, taken: bool) -> None:
    assert merknad().takes(etree.QName(kind), text) is taken


@pytest.mark.parametrize("location, name", [
    ("http://nordlys.example.no/Merknad.svc?xsd=xsd0", "xsd0.xsd"),
    ("https://nordlys.example.no/Merknad.svc?wsdl=wsdl0", "wsdl0.wsdl"),
    ("http://nordlys.example.no/schemas/felles%20typer.xsd", "felles typer.xsd"),
    ("http://nordlys.example.no/?xsd=../../secret", "secret.xsd"),
    ("felles/typer.xsd", "felles/typer.xsd"),
])
def test_what_is_imported_lies_beside_it(location: str, name: str) -> None:
    assert file_of(Path("/etc/hub"), location) == Path("/etc/hub") / name


@pytest.mark.parametrize("file, old, new", [
    ("xsd2.xsd", "", None),
    ("xsd2.xsd", 'type="tns:Tekst"', 'type="tns:Tekster"'),
    ("xsd2.xsd", "<xs:schema ", '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><xs:schema '),
    ("Merknad.wsdl", "<wsdl:types>", "<wsdl:types"),
    ("Merknad.wsdl", "", None),
])
def test_what_can_not_be_used_says_so(tmp_path: Path, file: str, old: str, new: str | None) -> None:
    shutil.copytree(MERKNAD, tmp_path, dirs_exist_ok=True)
    if new is None:
        (tmp_path / file).unlink()
    else:
        text = (tmp_path / file).read_text("utf-8").removeprefix('<?xml version="1.0" encoding="utf-8"?>\n')
        assert old in text
        (tmp_path / file).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(Unreadable, match="can't be read, with what it imports beside it"):
        Wsdl(tmp_path / "Merknad.wsdl")
