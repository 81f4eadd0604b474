"""The practice receiver as a server: what it shows to whom, what it refuses, and what outlives a restart."""
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree
from starlette.applications import Starlette

from integrations.fagsystem.soap.contract import NAMESPACE, WSDL
from integrations.fagsystem.soap.practice import practice
from integrations.soap import ENVELOPES, SoapVersion

OWNER = "15861490049"  # the synthetic series: 80 is added to the month
PLAN = "01980000-0000-7000-8000-000000000002"
FACT = f"""<fact>
  <factId>01980000-0000-7000-8000-000000000001</factId><planRef>{PLAN}</planRef><seq>1</seq>
  <kind>OPENED</kind><occurredAt>2026-03-02T10:30:00+01:00</occurredAt>
  <hasPlan>1</hasPlan><since>2026-03-02</since>
  <person><system>urn:oid:2.16.578.1.12.4.1.4.1</system><value> {OWNER} </value></person>
  <municipalityNumber>4601</municipalityNumber><unitOrganisationNumber>987654321</unitOrganisationNumber>
  <contact><role>stafettholder</role><name>Kari &lt;b&gt; Ødegård</name></contact>
  <hubUrl>https://hub.example/plan/1</hubUrl><protected>true</protected>
</fact>"""


def envelope(body: str, version: SoapVersion = "1.1") -> bytes:
    return (f'<s:Envelope xmlns:s="{ENVELOPES[version]}"><s:Header><ignored/></s:Header>'
            f'<s:Body xmlns="{NAMESPACE}">{body}</s:Body></s:Envelope>').encode()


def files(folder: Path) -> dict[str, Any]:
    return {path.name: json.loads(path.read_text("utf-8")) for path in folder.iterdir()}


async def asked(app: Starlette, method: str, path: str, content: bytes = b"") -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://practice.example") as client:
        return await client.request(method, path, content=content)


async def posted(app: Starlette, body: str, version: SoapVersion = "1.1") -> httpx.Response:
    """The answer to a message, after what stands in it has been held against the contract's own schema."""
    response = await asked(app, "POST", "/", envelope(body, version))
    (types,) = etree.parse(str(WSDL)).getroot().iter("{http://www.w3.org/2001/XMLSchema}schema")
    said = etree.fromstring(response.content)
    assert said.tag == f"{{{ENVELOPES[version]}}}Envelope"
    ours = next(node for node in said.iter(f"{{{NAMESPACE}}}*"))
    etree.XMLSchema(types).assertValid(ours)
    return response


async def test_a_message_by_hand_is_answered_and_shown_without_the_last_five_digits() -> None:
    app = practice(None)
    response = await posted(app, f"<register>{FACT}</register>")
    assert (response.status_code, "CONFIRMED" in response.text) == (200, True)
    (record,) = (await asked(app, "GET", "/records")).json()
    assert record["person"]["value"] == "158614*****"
    assert (record["seq"], record["hasPlan"], record["protected"]) == (1, True, True)
    page = await asked(app, "GET", "/")
    assert "158614*****" in page.text
    assert OWNER not in page.text
    assert "protected address" in page.text
    assert "Kari &lt;b&gt; Ødegård" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_an_empty_page_tells_a_newcomer_what_to_do() -> None:
    page = await asked(practice(None), "GET", "/")
    assert "Nothing has arrived yet" in page.text


async def test_records_outlive_a_restart_and_no_file_is_named_after_a_person(tmp_path: Path) -> None:
    await posted(practice(tmp_path), f"<register>{FACT}</register>")
    (name, (fact,)), = files(tmp_path).items()
    assert (name, fact["person"]["value"]) == (f"{PLAN}.json", OWNER)
    again = await posted(practice(tmp_path), f"<register>{FACT}</register>")
    assert "DUPLICATE" in again.text


@pytest.mark.parametrize("version, status", [("1.1", 500), ("1.2", 400)])
@pytest.mark.parametrize("body, reason", [
    ("<register/>", "SCHEMA"),
    ("<delete/>", "SCHEMA"),
    (f"<register>{FACT.replace(OWNER, '158614900')}</register>", "SCHEMA"),
    (f"<register>{FACT}<more/></register>", "SCHEMA"),
    (f"<register>{FACT.replace('+01:00', '')}</register>", "SCHEMA"),
    (f"<end>{FACT}</end>", "INCONSISTENT"),
    (f"<register>{FACT.replace('<hasPlan>1', '<hasPlan>0')}</register>", "INCONSISTENT"),
    (f"<register>{FACT.replace('.4.1<', '.4.2<')}</register>", "INCONSISTENT"),
    (f"<update>{FACT.replace('OPENED', 'CORRECTED')}</update>", "NOT_REGISTERED"),
])
async def test_what_breaks_the_contract_is_refused_without_an_echo(
        body: str, reason: str, version: SoapVersion, status: int) -> None:
    app = practice(None)
    response = await posted(app, body, version)
    assert response.status_code == status
    assert etree.fromstring(response.content).findtext(f".//{{{NAMESPACE}}}reason") == reason
    assert OWNER not in response.text
    assert (await asked(app, "GET", "/records")).json() == []


async def test_a_folder_that_is_gone_is_a_temporary_fault(tmp_path: Path) -> None:
    app = practice(tmp_path / "records")
    (tmp_path / "records").rmdir()
    response = await posted(app, f"<register>{FACT}</register>", "1.2")
    assert response.status_code == 500
    assert "TemporaryFault" in response.text
    assert "Receiver" in response.text
    assert (await asked(app, "GET", "/records")).json() == []


@pytest.mark.parametrize("content, status", [
    (b"", 400),
    (b"{}", 400),
    (b"<register/>", 400),
    (b'<!DOCTYPE x [<!ENTITY a "1">]>' + envelope(f"<register>{FACT}</register>"), 400),
    (b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x">' + envelope(f"<register>{FACT}</register>"), 400),
    (b" " * 300_000, 413),
])
async def test_what_is_no_soap_message_is_not_read(content: bytes, status: int) -> None:
    app = practice(None)
    response = await asked(app, "POST", "/", content)
    assert response.status_code == status
    assert OWNER not in response.text
    assert (await asked(app, "GET", "/records")).json() == []


async def test_status_tells_of_one_plan_and_of_nobody() -> None:
    app = practice(None)
    await posted(app, f"<register>{FACT}</register>")
    told = etree.fromstring((await posted(app, f"<status><planRef>{PLAN}</planRef></status>")).content)
    record: Any = told.find(f".//{{{NAMESPACE}}}record")
    assert [child.text for child in record] == [PLAN, "1", "true"]
    assert OWNER not in (await posted(app, "<status/>")).text
