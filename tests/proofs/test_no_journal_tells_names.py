"""No title, file name or key that an archive is given holds a name, whatever stands in the plan."""
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings, strategies as st
from lxml import etree

from integrations.archive.folder.mapping import unpack
from integrations.archive.folder.target import FolderArchive
from integrations.archive.geointegrasjon.codes import Codes
from integrations.archive.geointegrasjon.mapping import package
from integrations.documents.journal import public_title
from tests.proofs.test_every_document_lasts import VERSION
from tests.support.plans import plans

NAMES = ["Sára Šaŋŋa Sørås", "Kari Sørås", "Tone Lærer", "Bo Li", "ÅSE ØY", "O'Neil Ida-Marie", "نور علي",
         "Zoë Łukasz"]
OPEN = {"tittel", "offentligTittel", "filnavn", "referanseDokumentfil", "noekkel"}  # copied unshielded
KINDS = {f"{kind}{mark}" for kind in ("Stafettlogg", "Individuell plan", "Individuell opplæringsplan")
         for mark in ("", " (sperret adresse)")}
FOLDER = FolderArchive("archive", Path("unused"))


@st.composite
def versions(draw: st.DrawFn) -> Any:
    """Of any plan, everybody in it with a name; the short name is one, a part of one, or initials."""
    plan = draw(plans())
    for row in rows(plan):
        if "name" in row:
            row["name"] = draw(st.sampled_from(NAMES))
    plan["owner"] = {"name": draw(st.sampled_from(NAMES)), "birthDate": "2017-03-04"}
    owner = plan["owner"]["name"]
    plan["shortName"] = draw(st.sampled_from([
        None, owner, owner.upper(), owner.lower(), owner.split()[0], owner.split()[0].upper(),
        f"{owner} sin plan", "".join(word[0] for word in owner.split()), "-".join(owner.split())]))
    return replace(VERSION, plan=plan, archived_by=draw(st.sampled_from(NAMES)),
                   protected=draw(st.booleans()), identity_number="15861490049")


def rows(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for one in value if isinstance(value, list) else ():
        yield from rows(one)


def titles(version: Any) -> Iterator[str]:
    """Of both messages that our archives speak; Fiks IO carries the first."""
    message = etree.fromstring(unpack(FOLDER.render(version)).files["arkivmelding.xml"])
    for node in message.iter("*"):
        if etree.QName(node).localname in OPEN:
            yield node.text or ""
    for told in rows(package(version, Codes()).told):
        yield from (value for name, value in told.items() if name in OPEN)


def words(text: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"\w{2,}", text)}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(versions())
@example(replace(VERSION, plan={"type": "STAFETTLOGG", "shortName": "BO", "owner": {"name": "Bo Li"}}))
def test_no_title_holds_a_name(version: Any) -> None:
    told = list(titles(version))
    assert len(told) > 8
    kinds = words(" ".join([*KINDS, public_title(version)]))
    names = words(" ".join(NAMES)) - kinds
    assert [title for title in told if words(title) & names] == []
    assert "15861490049" not in " ".join(told)


def test_initials_are_told_and_the_public_is_told_the_kind_alone() -> None:
    plan = {"type": "STAFETTLOGG", "shortName": "SŠS", "owner": {"name": NAMES[0]}}
    told = set(titles(replace(VERSION, plan=plan)))
    assert {"Stafettlogg SŠS", "Stafettlogg SŠS, v1", "Stafettlogg", "Stafettlogg, v1"} <= told
