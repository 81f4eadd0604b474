"""A vendor's own WSDL: what facts become in its operations, what its answers mean, and every fault of the
settings, told with its line before anything is sent."""
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from lxml import etree

from db.rules.delivery import ENDING, OPENING
from integrations.fagsystem.fact import elements
from integrations.fagsystem.soap import mapping
from integrations.fagsystem.soap.vendor.fact import FIELDS, examples, flat
from integrations.fagsystem.soap.vendor.target import VendorsFagsystem
from integrations.fagsystem.soap.vendor.template import Template
from integrations.registry import BadTargets, targets
from integrations.soap import Endpoint
from integrations.target import Contact, DeliveryError, DeliveryFault, FactKind, PlanFact, Receipt
from integrations.wire import Reply
from tests.support.fagsystems import FACT, MERKNAD, PORTS, Way, merknad, read, table, vendors

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
URL = "https://nordlys.example.no/Merknad.svc"
CODES = {"texts": {"true": "ja", "false": "nei"}, "departments": {"987654321": "PPT"}}


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Way:
    return vendors(tmp_path_factory.mktemp("vendor"))


@pytest.fixture(scope="module")
def nordlys(tmp_path_factory: pytest.TempPathFactory) -> VendorsFagsystem:
    return read(tmp_path_factory.mktemp("nordlys"), "1.1")


def becomes(target: VendorsFagsystem, fact: PlanFact) -> etree._Element:
    """What stands in the body, valid."""
    envelope = target.calls[fact.kind].operation.envelope(flat(elements(fact)))
    (message,) = envelope.find("{*}Body")  # type: ignore[misc]
    merknad().schema.assertValid(message)
    return message


def tree(node: etree._Element) -> Any:
    """Names and values, in their order."""
    name = etree.QName(node).localname
    return (name, [tree(child) for child in node]) if len(node) else (name, node.text)


def test_a_fact_becomes_what_the_settings_say(nordlys: VendorsFagsystem) -> None:
    assert tree(becomes(nordlys, FACT)) == ("RegistrerMerknad", [("merknad", [
        ("Avdeling", "PPT"), ("EksternId", str(FACT.plan_ref)), ("Fodselsnummer", FACT.identity_number),
        ("FraDato", "2026-03-02T00:00:00"),
        ("Kontakter", [("Kontakt", [
            ("Navn", "Kari Ødegård"), ("Rolle", "stafettholder"), ("Telefon", "+4790000000")])]),
        ("Lopenummer", "1"),
        ("Nokler", [
            ("KeyValueOfstringstring", [("Key", "melding"), ("Value", str(FACT.fact_id))]),
            ("KeyValueOfstringstring", [("Key", "lenke"), ("Value", FACT.hub_url)])]),
        ("Skjermet", "false"), ("Tekst", "Har stafettlogg (fra 02.03.2026). Ring Kari Ødegård."),
        ("Type", "Samarbeidsplan")])])


def test_what_the_fact_does_not_have_is_left_out_or_said_otherwise(nordlys: VendorsFagsystem) -> None:
    told = tree(becomes(nordlys, replace(FACT, contact=None)))
    assert [name for name, _ in told[1][0][1]] == [
        "Avdeling", "EksternId", "Fodselsnummer", "FraDato", "Lopenummer", "Nokler", "Skjermet", "Tekst",
        "Type"]
    assert ("Tekst", "Har stafettlogg (fra 02.03.2026). Ring tjenesten.") in told[1][0][1]
    changed = replace(FACT, kind=FactKind.HOLDER_CHANGED, contact=Contact("", "stafettholder", None, None))
    update = becomes(nordlys, changed)
    assert tree(update) == ("OppdaterKontakt", [
        ("eksternId", str(FACT.plan_ref)), ("kontakt", [("Navn", "ikke oppgitt")])])
    assert update[1].get("Kilde") == "Stafettlogg"


def test_each_kind_has_its_operation(nordlys: VendorsFagsystem) -> None:
    ended = replace(FACT, kind=FactKind.CLOSED, has_plan=False, closed_on=date(2026, 6, 19), contact=None)
    assert tree(becomes(nordlys, ended)) == ("AvsluttMerknad", [
        ("eksternId", str(FACT.plan_ref)), ("sluttDato", "2026-06-19T23:59:59"), ("lopenummer", "1")])
    withdrawn = tree(becomes(nordlys, replace(ended, kind=FactKind.WITHDRAWN)))
    assert ("Tekst", "Har ikke stafettlogg (fra 02.03.2026). Ring tjenesten.") in withdrawn[1][0][1]


def test_a_unit_that_the_settings_have_no_code_for_stops_the_delivery(way: Way) -> None:
    with pytest.raises(DeliveryError, match="the codes departments have none for this unitOrg") as caught:
        way.told(Endpoint("http://127.0.0.1:9/"), fact=replace(FACT, unit_organisation_number="123456789"))
    assert caught.value.fault is DeliveryFault.PERMANENT


@pytest.mark.parametrize("text, becoming", [
    ("{occurredAt}", "2026-03-02T09:30:00.000Z"), ("{occurredAt:dd.MM.yyyy HH:mm}", "02.03.2026 10:30"),
    ("{since}", "2026-03-02"), ("{since:yyyyMMdd}", "20260302"), ("{since:%dd}", "%02"),
    ("{closedOn|since:dd/MM}", "02/03"), ("{closedOn}", None), ("{closedOn|'ingen'}", "ingen"),
    ("til {closedOn}.", "til ."), ("{{{seq}}}", "{1}"), ("", ""), ("{contact.name:4}", "Kari"),
    ("{contact.unit|contact.role}", "stafettholder"), ("{hasPlan:texts}", "ja"), ("{protected}", "false"),
    ("{person.system}", "urn:oid:2.16.578.1.12.4.1.4.1")])
def test_the_notation(text: str, becoming: str | None) -> None:
    assert Template.read(text, CODES).filled(flat(elements(FACT))) == becoming


@pytest.mark.parametrize("text, told", [
    ("{", "a brace that is not closed"), ("{since", "a brace that is not closed"), ("}", "a brace"),
    ("{}", "is not {field}"), ("{since!r}", "is not {field}"), ("{since.__class__}", "the fact has no since"),
    ("{goals}", "the fact has no goals"), ("{since|goals}", "the fact has no goals"),
    ("{since:%Y}", "a date is written with"), ("{since:d. MMMM}", "a date is written with"),
    ("{since:HH}", "a day has no hours"), ("{closedOn|occurredAt:HH:mm}", "a day has no hours"),
    ("{contact.name:ti}", "how many signs"), ("{contact.name:0}", "how many signs"),
    ("{person.value:6}", "can't be written as 6"), ("{since|contact.name:4}", "can't be written as 4"),
    ("{kind:gone}", "there is no table of codes gone")])
def test_what_is_not_the_notation_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        Template.read(text, CODES)


@given(st.text(alphabet="{}|:'.aksince%!0[]"))
def test_no_text_does_more_than_the_notation(text: str) -> None:
    try:
        filled = Template.read(text, CODES).filled(flat(elements(FACT)))
    except ValueError:
        return
    assert filled is None or "{" not in text or "since" in text or "{{" in text


def test_the_examples_hold_every_field_and_miss_what_can_be_missing() -> None:
    facts = [fact for kind in OPENING | ENDING for fact in examples(kind, {})]
    assert {field for fact in facts for field in fact} == set(FIELDS)
    always = set.intersection(*map(set, facts))
    assert set(FIELDS) - always == {
        "closedOn", "contact.name", "contact.role", "contact.unit", "contact.phone"}


def said(way: Way, which: str, status: int = 200) -> Receipt | DeliveryError:
    answers = way.made(Endpoint("http://127.0.0.1/"), "1.1").calls[FactKind.OPENED].answers  # type: ignore[union-attr]
    try:
        return answers.receipt(Reply(status, {}, way.answer(which)), NOW)
    except DeliveryError as error:
        return error


@pytest.mark.parametrize("which, status, receipt", [
    ("confirmed", 200, Receipt(True, "A-1", "Lagret")),
    ("duplicate", 200, Receipt(True, "A-1", "FinnesFraFor")),
    ("accepted", 202, Receipt(False, "A-1", "Mottatt")),
    ("duplicate, as a fault", 500, Receipt(True, None, "FinnesFraFor"))])
def test_what_the_settings_call_a_receipt_is_one(way: Way, which: str, status: int, receipt: Receipt) -> None:
    assert said(way, which, status) == receipt


@pytest.mark.parametrize("which, status, fault, message", [
    ("unknown person", 500, "UNKNOWN_PERSON", "the receiver does not know the person: PasientIkkeFunnet"),
    ("unknown person, said", 200, "UNKNOWN_PERSON", "the receiver does not know the person: UkjentPasient"),
    ("several", 500, "AMBIGUOUS", "the receiver finds several: FlerePasienter"),
    ("refused", 200, "PERMANENT", "refused: Avvist"),
    ("temporary", 500, "RETRYABLE", "the receiver can't take it now: Opptatt"),
    ("no word for it", 200, "RETRYABLE", "the answer says nothing that the settings know"),
    ("no word for the fault", 500, "RETRYABLE", "HTTP 500, no answer of the contract"),
    ("a code", 500, "AUTH", "the credentials are refused: Klient.UtenTilgang"),
    ("a known code", 500, "PERMANENT", "a SOAP fault says that the message is wrong"),
    ("confirmed", 500, "RETRYABLE", "HTTP 500, no answer of the contract"),
    ("unknown person", 401, "AUTH", "HTTP 401, no answer of the contract")])
def test_whatever_else_it_says_has_its_class(
        way: Way, which: str, status: int, fault: str, message: str) -> None:
    error = said(way, which, status)
    assert isinstance(error, DeliveryError)
    assert (error.fault.value, error.message) == (fault, message)


def test_an_answer_that_says_two_things_is_no_receipt(way: Way) -> None:
    meaning = way.made(Endpoint("http://127.0.0.1/"), "1.1").calls[FactKind.OPENED].answers.answer  # type: ignore[union-attr]
    both = etree.fromstring(
        "<a><RegistrerMerknadResult><Status>Lagret</Status></RegistrerMerknadResult>"
        "<RegistrerMerknadResult><Status>Avvist</Status></RegistrerMerknadResult></a>")
    assert isinstance(meaning.of(both), DeliveryError)


def faults(folder: Path, *changes: tuple[str, str]) -> list[tuple[str, str]]:
    """What is told of the settings with some of them changed: the line, and what is told of it."""
    text = table(URL)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (folder / "targets.toml").write_text(text, "utf-8")
    with pytest.raises(BadTargets) as refusal:
        targets(folder / "targets.toml")
    found = re.findall(r"targets\.toml:(\d+): \[nordlys\] (.*)", str(refusal.value))
    return [(text.splitlines()[int(number) - 1].strip(), told) for number, told in found]


TELL, MERKNAD_PATH = "calls.tell.arguments", "calls.tell.arguments.merknad"


@pytest.mark.parametrize("old, new, line, fault", [
    ('operation = "AvsluttMerknad"', 'operation = "Slett"', 'operation = "Slett"',
     "calls.end.operation: the port has no Slett: it has RegistrerMerknad, AvsluttMerknad, "),
    ("Lopenummer = ", "Lopenr = ", 'Lopenr = "{seq}"',
     f"{MERKNAD_PATH}.Lopenr: merknad has no Lopenr: it has Avdeling, EksternId, "),
    ("Kontakter.Kontakt.Navn = ", "Kontakter.Navn = ", 'Kontakter.Navn = "{contact.name}"',
     f"{MERKNAD_PATH}.Kontakter.Navn: Kontakter has no Navn: it has Kontakt"),
    ('FraDato = "{since:yyyy-MM-ddT00:00:00}"', "", "[nordlys.calls.tell.arguments.merknad]",
     f"{MERKNAD_PATH}.FraDato: is mandatory, and can be missing when kind is OPENED"),
    ("{since:yyyy-MM-ddT00:00:00}", "{since}", 'FraDato = "{since}"',
     f"{MERKNAD_PATH}.FraDato: does not become a value of its type when kind is OPENED"),
    ("{person.value}", "{person.system}", 'Fodselsnummer = "{person.system}"',
     f"{MERKNAD_PATH}.Fodselsnummer: does not become what its pattern asks for when kind is OPENED"),
    ('"Samarbeidsplan"', '"Plan"', 'Type = "Plan"',
     f"{MERKNAD_PATH}.Type: becomes none of the values that it can have when kind is OPENED"),
    ("{contact.name|'tjenesten':60}", "{contact.name}", 'Tekst = "{hasPlan:texts}',
     f"{MERKNAD_PATH}.Tekst: can become too long when kind is OPENED"),
    ('"{protected}"', '"{contact.name}"', 'Skjermet = "{contact.name}"',
     f"{MERKNAD_PATH}.Skjermet: does not become true or false"),
    ('"{seq}"\nFodsel', '"{goals}"\nFodsel', 'Lopenummer = "{goals}"',
     f"{MERKNAD_PATH}.Lopenummer: the fact has no goals: it has closedOn, contact.name, "),
    ("{hasPlan:texts}", "{kind:texts}", "[nordlys.calls.tell]",
     f"{TELL}: the codes texts have none for this kind, when kind is OPENED"),
    ('"Samarbeidsplan"', "17.5", "Type = 17.5",
     f"{MERKNAD_PATH}.Type: is not a text, a whole number, true or false"),
    ("[2].Key", "[2][3]", '"Nokler.KeyValueOfstringstring[2][3]"',
     f"{MERKNAD_PATH}.Nokler.KeyValueOfstringstring[2][3]: is not a path: names with dots between, "),
    ("Fodselsnummer = ", '"Fodselsnummer[2]" = ', '"Fodselsnummer[2]" = "{person.value}"',
     f"{MERKNAD_PATH}.Fodselsnummer[2]: there is one Fodselsnummer at most"),
    ("[2].Key", "[2]", '"Nokler.KeyValueOfstringstring[2]"',
     f"{MERKNAD_PATH}.Nokler.KeyValueOfstringstring[2]: KeyValueOfstringstring is no single value: "),
    ('kinds = ["CLOSED"]', 'kinds = ["HOLDER_CHANGED"]', "[nordlys]",
     "calls: CLOSED is told by 0 of them, not by one"),
    ('kinds = ["CLOSED"]', 'kinds = ["CLOSED", "ENDED"]', 'kinds = ["CLOSED", "ENDED"]',
     "calls.end.kinds.1: Input should be 'OPENED', "),
    ("Status=Lagret", "Status=Kanskje", 'confirmed = ["RegistrerMerknadResult.Status=Kanskje"',
     "calls.tell.answer.confirmed: RegistrerMerknadResult.Status can't be Kanskje"),
    ("Result.Status=Lagret", "Result.Versjon=1", 'confirmed = ["RegistrerMerknadResult.Versjon=1"',
     "calls.tell.answer.confirmed: RegistrerMerknadResult.Versjon is an attribute, and only "),
    ("Result.MerknadId", "Result.Id", 'reference = "RegistrerMerknadResult.Id"',
     "calls.tell.answer.reference: RegistrerMerknadResult has no Id: it has MerknadId, Status"),
    ('answer.confirmed = ["AvsluttMerknadResult=true"]', "", "[nordlys.calls.end]",
     "calls.end.answer: nothing in it would count as a receipt: say confirmed"),
    ('Result=true"', 'Result=ja"', 'answer.confirmed = ["AvsluttMerknadResult=ja"]',
     "calls.end.answer.confirmed: AvsluttMerknadResult can't be ja"),
    ("MerknadFeil.Kode=Opptatt", "MerknadFeil.Kode=Travelt", 'retryable = ["MerknadFeil.Kode=Travelt"',
     "faults.retryable: MerknadFeil.Kode can't be Travelt"),
    ('Result=true"', 'Result"', 'answer.confirmed = ["AvsluttMerknadResult"]',
     "calls.end.answer.confirmed: AvsluttMerknadResult says nothing by being there: say "),
    ("faultcode=Server.Vedlikehold", "faultcode", "retryable = ",
     "faults.retryable: faultcode says nothing by being there: say faultcode=VALUE"),
    ("MerknadFeil.Kode=Opptatt", "Feil", 'retryable = ["Feil"',
     "faults.retryable: no operation has the fault Feil: they have MerknadFeil"),
    ('operation = "Ping"\nanswer.confirmed = ["PingResult=Klar"]',
     'operation = "AvsluttMerknad"\narguments.eksternId = "{planRef}"', "[nordlys.check]",
     "check.arguments: a check is told nothing of anybody"),
    ("Merknad.wsdl", "gone.wsdl", "wsdl = ", "wsdl: can't be read, with what it imports beside it"),
    (f'port = "{PORTS["1.1"]}"', "", "[nordlys]",
     "port: one of BasicHttpBinding_IMerknad, CustomBinding_IMerknad"),
    ("timeout = 5", "timeout = 500", "timeout = 500",
     "timeout: Input should be less than or equal to 300"),
])
def test_every_fault_of_the_settings_is_told_with_its_line(
        tmp_path: Path, old: str, new: str, line: str, fault: str) -> None:
    told = faults(tmp_path, (old, new))
    assert [where for where, what in told if what.startswith(fault)] != [], told
    assert all(where.startswith(line) for where, what in told if what.startswith(fault)), told


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    told = faults(
        tmp_path, ("https:", "http:"), ("Lopenummer = ", "Lopenr = "), ("Result=true", "Result=ja"),
        ("Opptatt", "Travelt"))
    assert [what.partition(": ")[0] for _, what in told] == [
        "url", f"{MERKNAD_PATH}.Lopenr", "calls.end.answer.confirmed", "faults.retryable"]


@pytest.mark.parametrize("folder, kind", [("soap/vendor", "wsdl"), ("soap", "soap")])
def test_the_table_in_the_readme_is_one(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, kind: str) -> None:
    for variable in ("SKOLE_PASSWORD", "CLINICS_PASSWORD"):
        monkeypatch.setenv(variable, "hemmelig")
    readme = (Path(mapping.__file__).parents[1] / folder / "README.md").read_text("utf-8")
    (tables,) = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    file = tmp_path / "targets.toml"
    file.write_text(tables.replace("/etc/hub", str(MERKNAD)), "utf-8")
    assert f'kind = "fagsystem/{kind}"' in tables
    assert len(targets(file)) == 1
