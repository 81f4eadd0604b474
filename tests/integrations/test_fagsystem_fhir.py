"""FHIR R4 to Medplum's server and to one at the edge: what a plan's facts become there."""
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import unquote
from urllib.request import urlopen
from uuid import uuid4

import pytest
from fhir.resources.R4B.flag import Flag

from integrations.credentials import Credentials
from integrations.fagsystem.fhir.codes import ISSUES, MISSING, EpisodeStatus, FlagStatus, Kept
from integrations.fagsystem.fhir.mapping import resource
from integrations.fagsystem.fhir.target import FhirFagsystem
from integrations.oauth import ClientSecret, Tokens
from integrations.preview import masked
from integrations.target import DeliveryError, DeliveryFault, PlanFact, Receipt, RecordState, Sending, Told
from tests.support.edge import Call, Said, edge, told as said
from tests.support.facts import D_NUMBER, OPENED, OWNER, a_plan, life
from tests.support.fhirserver import Edge, at_the_edge, codes, found, medplum, needs_medplum


@pytest.fixture(scope="module")
def of_others() -> Iterator[str]:
    with medplum() as address:
        yield address


@pytest.fixture(scope="module")
def of_ours() -> Iterator[str]:
    with at_the_edge() as address:
        yield address


@pytest.fixture(params=["of_others", "of_ours"])
def url(request: pytest.FixtureRequest) -> str:
    address: str = request.getfixturevalue(request.param)
    return address


def told(target: FhirFagsystem, fact: PlanFact) -> Receipt:
    return target.deliver(target.render(fact), Sending(fact.fact_id))


def refused(target: FhirFagsystem, fact: PlanFact) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        told(target, fact)
    return caught.value


def test_a_fact_is_a_flag_on_the_person_by_the_unit() -> None:
    made = resource(OPENED, Kept.FLAG, "nb")
    Flag.model_validate(made)
    assert made == {
        "resourceType": "Flag", "language": "nb", "status": "active",
        "meta": {"source": f"https://hub.example#{OPENED.fact_id}"},
        "text": {"status": "generated", "div": (
            '<div xmlns="http://www.w3.org/1999/xhtml"><p>Stafettlogg siden 2026-03-02.</p>'
            "<p>Kontakt: Kari Ødegård, stafettholder, Solbakken skole &amp; SFO, +4790000000.</p>"
            "<p>Åpnes med innlogging: https://hub.example</p></div>")},
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{OPENED.plan_ref}"}],
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/flag-category",
                                  "code": "admin", "display": "Administrative"}]}],
        "code": {"text": "Barnet har stafettlogg"}, "period": {"start": "2026-03-02"},
        "subject": {"type": "Patient",
                    "identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": OWNER}},
        "author": {"type": "Organization",
                   "identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.101", "value": "987654321"}}}


def test_what_is_shown_beforehand_is_a_flag_too() -> None:
    shown = masked(OPENED)
    assert isinstance(shown, PlanFact)
    Flag.model_validate(resource(shown, Kept.FLAG, "nb"))


def test_where_a_server_keeps_episodes_the_same_is_told_as_one() -> None:
    ended = replace(OPENED, has_plan=False, closed_on=date(2026, 6, 19), contact=None)
    flag, episode = (resource(ended, kept, "en") for kept in Kept)
    assert (flag["status"], episode["status"]) == ("inactive", "finished")
    assert flag["period"] == episode["period"] == {"start": "2026-03-02", "end": "2026-06-19"}
    assert episode["patient"] == flag["subject"] and episode["managingOrganization"] == flag["author"]
    assert episode["type"] == [flag["code"]] == [{"text": "The child has a stafettlogg"}]
    assert "Stafettlogg from 2026-03-02 to 2026-06-19." in episode["text"]["div"]
    assert not {"subject", "author", "code", "category"} & episode.keys()


def test_a_protected_address_is_marked(url: str) -> None:
    target, fact = FhirFagsystem("clinics", url), a_plan(protected=True)
    told(target, fact)
    (record,) = found(url, "Flag", fact.plan_ref)
    assert [label["code"] for label in record["meta"]["security"]] == ["R", "LOCIS"]


@pytest.mark.parametrize("kept", Kept)
def test_a_plan_lives_in_the_server_from_opening_to_withdrawal(url: str, kept: Kept) -> None:
    target, facts = FhirFagsystem("clinics", url, kept), life()
    stands, persons, numbers = [], [], set()
    for fact in facts:
        receipt = told(target, fact)
        (record,) = found(url, kept, fact.plan_ref)
        assert receipt.confirmed and receipt.reference == f"{kept}/{record['id']}"
        assert record["meta"]["source"].endswith(f"#{fact.fact_id}")
        stands.append((record["status"], record["period"].get("end")))
        persons.append((record.get("subject") or record["patient"])["identifier"]["value"])
        numbers.add(record["id"])
    over = "inactive" if kept is Kept.FLAG else "finished"
    assert stands == [("active", None)] * 3 + [(over, "2026-06-19"), ("active", None), (over, "2026-06-30")]
    assert persons == [OWNER] * 2 + [D_NUMBER] * 4
    assert len(numbers) == 1, "one record of a plan, whatever happens to it"


def test_a_fact_twice_is_confirmed_twice_and_one_record(url: str) -> None:
    target, fact = FhirFagsystem("clinics", url), a_plan()
    first, again = told(target, fact), told(target, fact)
    assert (first.code, again.code, first.reference) == ("201", "200", again.reference)
    assert len(found(url, "Flag", fact.plan_ref)) == 1


def test_two_plans_of_a_person_are_two_records(url: str) -> None:
    target = FhirFagsystem("clinics", url)
    assert told(target, a_plan()).reference != told(target, a_plan()).reference


def test_several_records_with_our_identifier_are_for_a_person_to_look_at(of_others: str) -> None:
    target, fact = FhirFagsystem("clinics", of_others), a_plan()
    for _ in range(2):
        urlopen(f"{of_others}/Flag", target.render(fact)).close()
    assert refused(target, fact).fault is DeliveryFault.AMBIGUOUS


def test_what_the_server_finds_wrong_is_told_by_its_code(of_others: str) -> None:
    target, fact = FhirFagsystem("clinics", of_others), a_plan()
    broken = target.render(fact).replace(b'"status":"active",', b"")
    with pytest.raises(DeliveryError, match="refused: structure") as caught:
        target.deliver(broken, Sending(fact.fact_id))
    assert caught.value.fault is DeliveryFault.PERMANENT


def test_a_server_is_asked_at_night_how_a_record_stands(url: str) -> None:
    target, facts = FhirFagsystem("clinics", url), life()
    asked = [Told(fact.plan_ref, uuid4(), fact.seq, fact.has_plan, None, None, None) for fact in facts]
    assert target.compare(asked[0]) is RecordState.MISSING
    told(target, facts[0])
    assert [target.compare(asked[0]), target.compare(asked[3])] == [RecordState.SAME, RecordState.DIFFERENT]
    for fact in facts[1:4]:
        told(target, fact)
    assert [target.compare(asked[0]), target.compare(asked[3])] == [RecordState.DIFFERENT, RecordState.SAME]


def test_no_identity_number_stands_outside_the_resource() -> None:
    server = Edge()
    with at_the_edge(server) as url:
        target = FhirFagsystem("clinics", url)
        for fact in life():
            told(target, fact)
    told_outside = "".join(f"{unquote(call.path)} {call.headers}" for call in server.calls)
    assert OWNER not in told_outside and D_NUMBER not in told_outside


def test_one_whom_the_server_does_not_know_waits_for_a_person() -> None:
    server = Edge()
    server.unknown.add(OWNER)
    with at_the_edge(server) as url:
        error = refused(FhirFagsystem("clinics", url), a_plan())
    assert (error.fault, error.message) == (
        DeliveryFault.UNKNOWN_PERSON, "the server does not know the person")


def test_a_body_is_only_sent_for_its_own_delivery() -> None:
    target = FhirFagsystem("clinics", "http://127.0.0.1:9")
    with pytest.raises(DeliveryError, match="another delivery"):
        target.deliver(target.render(OPENED), Sending(uuid4()))


def test_a_server_is_asked_what_it_can(url: str) -> None:
    assert [FhirFagsystem("clinics", url, kept).check() for kept in Kept] == [[], []]
    assert FhirFagsystem("clinics", url + "/elsewhere").check() != []


def test_a_token_is_fetched_and_shown() -> None:
    server, shown = Edge(), list[str | None]()

    def answer(call: Call) -> Said:
        if call.path == "/token":
            return said(200, {"access_token": "a-token", "expires_in": 60})
        shown.append(call.headers.get("authorization"))
        return server.answer(call)
    with edge(answer) as url:
        by_token = Credentials(tokens=Tokens(ClientSecret(f"{url}/token", "hub", "secret")))
        target = FhirFagsystem("clinics", url, credentials=by_token)
        assert target.check() == [] and told(target, a_plan()).confirmed
    assert shown == ["Bearer a-token"] * 2


def test_every_code_is_one_of_hl7s() -> None:
    needs_medplum()
    assert set(FlagStatus) < codes("http://hl7.org/fhir/flag-status")
    assert set(EpisodeStatus) < codes("http://hl7.org/fhir/episode-of-care-status")
    left = codes("http://hl7.org/fhir/issue-type") - ISSUES.keys() - MISSING
    assert left == {"informational", "suppressed", "processing"}, "they say nothing of what to do"
    made = resource(replace(OPENED, protected=True), Kept.FLAG, "nb")
    (category,) = made["category"][0]["coding"]
    assert category["code"] in codes(category["system"])
    for label in made["meta"]["security"]:
        assert label["code"] in codes(label["system"], "v3-codesystems.json")
