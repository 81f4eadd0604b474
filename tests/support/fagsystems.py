"""The two ways in which a fagsystem is told over SOAP, and what it answers: HarStafettlogg, and a WSDL of an
invented vendor in the shape that WCF gives them."""
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from lxml import etree

from integrations.fagsystem.soap.contract import NAMESPACE, SCHEMA
from integrations.fagsystem.soap.target import SoapFagsystem
from integrations.fagsystem.soap.vendor.target import VendorsFagsystem
from integrations.registry import targets
from integrations.sign_in import SignIn
from integrations.soap import ENVELOPES, Endpoint, SoapVersion
from integrations.target import Contact, DeliveryError, FactKind, PlanFact, Receipt, Sending
from integrations.wire import Line
from integrations.wsdl import Wsdl

MERKNAD = Path(__file__).with_name("merknad")
JOURNAL = "http://schemas.datacontract.org/2004/07/Nordlys.Journal"
TEMPURI = "http://tempuri.org/"
PORTS: Mapping[SoapVersion, str] = {"1.1": "BasicHttpBinding_IMerknad", "1.2": "CustomBinding_IMerknad"}
LINE, NOBODY = Line(), SignIn()
OWNER = "15861490049"  # the synthetic series: 80 is added to the month
FACT = PlanFact(
    fact_id=UUID("01980000-0000-7000-8000-000000000001"),
    plan_ref=UUID("01980000-0000-7000-8000-000000000002"), seq=1, kind=FactKind.OPENED,
    occurred_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC), has_plan=True, since=date(2026, 3, 2),
    closed_on=None, identity_number=OWNER, municipality_number="4601", unit_organisation_number="987654321",
    contact=Contact("Kari Ødegård", "stafettholder", None, "+47 900 00 000"),
    hub_url="https://hub.example/1", protected=False)


@dataclass(frozen=True)
class Way:
    """`made`: the target; `message`: what a fact goes out in, `schema`, what that must keep, and `id_path`,
    where its fact_id stands; `others`: what the other operations answer."""
    name: str
    made: Callable[[Endpoint, SoapVersion], SoapFagsystem | VendorsFagsystem]
    message: str
    schema: Callable[[], etree.XMLSchema]
    answers: Mapping[str, str]  # what stands in the body
    id_path: str
    others: Mapping[str, str]

    def fact_id(self, message: etree._Element) -> str:
        return str(message.findtext(self.id_path))

    def told(self, endpoint: Endpoint, soap: SoapVersion = "1.1", fact: PlanFact = FACT) -> Receipt:
        target = self.made(endpoint, soap)
        return target.deliver(target.render(fact), Sending(fact.fact_id))

    def answer(self, which: str = "confirmed", reference: str = "A-1") -> bytes:
        return enveloped(self.answers[which].format(reference=reference))


def enveloped(body: str, version: SoapVersion = "1.1") -> bytes:
    return (f'<s:Envelope xmlns:s="{ENVELOPES[version]}"><s:Body>{body}</s:Body></s:Envelope>').encode()


def faulty(detail: str, code: str = "Server") -> str:
    return (f"<s:Fault><faultcode>s:{code}</faultcode><faultstring>Nei</faultstring>"
            f"<detail>{detail}</detail></s:Fault>")


def table(url: str, port: str = PORTS["1.1"], folder: Path = MERKNAD) -> str:
    """The targets' file of a municipality whose fagsystem is the invented vendor's."""
    text = (MERKNAD / "targets.toml").read_text("utf-8")
    return text.format(folder=folder, port=port, url=url, timeout=5)


@cache
def merknad() -> Wsdl:
    return Wsdl(MERKNAD / "Merknad.wsdl")


def single(folder: Path) -> Path:
    """The same as `…?singleWsdl` gives it: all schemas beside each other in one file, without addresses."""
    schemas = "".join(re.sub(r"<\?xml.*\?>| schemaLocation=\"[^\"]*\"", "", file.read_text("utf-8"))
                      for file in sorted(MERKNAD.glob("*.xsd")))
    whole = re.sub(r"(?s)<xsd:schema .*</xsd:schema>", lambda _: schemas,
                   (MERKNAD / "Merknad.wsdl").read_text("utf-8"))
    path = folder / "Merknad.wsdl"
    path.write_text(whole, "utf-8")
    return path


@cache
def read(folder: Path, soap: SoapVersion) -> VendorsFagsystem:
    file = folder / f"targets-{soap}.toml"
    file.write_text(table("http://127.0.0.1/", PORTS[soap]), "utf-8")
    made = targets(file)["nordlys"]
    assert isinstance(made, VendorsFagsystem)
    return made


def endpoint(url: str, sign_in: SignIn = NOBODY) -> Endpoint:
    """On this machine, where no TLS is spoken: reading whom to trust costs more than the call."""
    return Endpoint(url, sign_in, line=LINE)


def own() -> Way:
    def said(result: str) -> str:
        return (f'<registerResponse xmlns="{NAMESPACE}"><answer><result>{result}</result>'
                "<reference>{reference}</reference></answer></registerResponse>")
    return Way(
        "HarStafettlogg", lambda endpoint, soap: SoapFagsystem("fagsystem", endpoint, soap),
        f"{{{NAMESPACE}}}register", lambda: SCHEMA, {
            "confirmed": said("CONFIRMED"), "duplicate": said("DUPLICATE"), "accepted": said("PENDING"),
            "unknown person": faulty(f'<UnknownPersonFault xmlns="{NAMESPACE}"/>'),
            "temporary": faulty(f'<TemporaryFault xmlns="{NAMESPACE}"/>')},
        ".//{*}factId", {
            "status": f'<statusResponse xmlns="{NAMESPACE}"><status><contract>HarStafettlogg v1</contract>'
                      "<ready>true</ready></status></statusResponse>",
            **{name: f'<{name}Response xmlns="{NAMESPACE}"><answer><result>CONFIRMED</result></answer>'
                     f"</{name}Response>" for name in ("update", "end")}})


def vendors(folder: Path) -> Way:
    def said(status: str) -> str:
        return (f'<RegistrerMerknadResponse xmlns="{TEMPURI}" xmlns:j="{JOURNAL}"><RegistrerMerknadResult>'
                f"<j:MerknadId>{{reference}}</j:MerknadId><j:Status>{status}</j:Status>"
                "</RegistrerMerknadResult></RegistrerMerknadResponse>")

    def fault(code: str) -> str:
        return faulty(f'<MerknadFeil xmlns="{JOURNAL}"><Kode>{code}</Kode></MerknadFeil>')

    def made(endpoint: Endpoint, soap: SoapVersion) -> VendorsFagsystem:
        target = read(folder, soap)
        return VendorsFagsystem(target.name, endpoint, target.port, target.calls, target.harmless)
    return Way(
        "a vendor's WSDL", made, f"{{{TEMPURI}}}RegistrerMerknad", lambda: merknad().schema, {
            "confirmed": said("Lagret"), "duplicate": said("FinnesFraFor"), "accepted": said("Mottatt"),
            "unknown person": fault("PasientIkkeFunnet"), "temporary": fault("Opptatt"),
            "unknown person, said": said("UkjentPasient"), "duplicate, as a fault": fault("FinnesFraFor"),
            "several": fault("FlerePasienter"), "refused": said("Avvist"), "no word for it": said("Ukjent"),
            "no word for the fault": fault("Ukjent"), "a code": faulty("", "Klient.UtenTilgang"),
            "a known code": faulty("", "Client.Ugyldig")},
        ".//{*}KeyValueOfstringstring/{*}Value",
        {"Ping": f'<PingResponse xmlns="{TEMPURI}"><PingResult>Klar</PingResult></PingResponse>',
         "OppdaterKontakt": f'<OppdaterKontaktResponse xmlns="{TEMPURI}"/>',
         "AvsluttMerknad": f'<AvsluttMerknadResponse xmlns="{TEMPURI}"><AvsluttMerknadResult>true'
                           "</AvsluttMerknadResult></AvsluttMerknadResponse>"})


def failure(way: Way, endpoint: Endpoint, **changes: Any) -> DeliveryError:
    try:
        receipt = way.told(endpoint, **changes)
    except DeliveryError as error:
        return error
    raise AssertionError(receipt)
