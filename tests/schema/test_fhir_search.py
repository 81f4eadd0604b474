"""The parameters of a search in FHIR R4: which are taken, what they come to, and what is said of the rest."""
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st

from db.seeds.parts import PARTS
from schema.fhir.outcome import Issue, Wrong, excused
from schema.fhir.search import KNOWN, LARGEST, PERSON, Search, form, read, token
from schema.parameters import Refusal
from tests.support.facts import D_NUMBER as NEWCOMER
from tests.support.fhirasking import BY_NUMBER, D_NUMBER, FODSELSNUMMER, OWNER

NUMBER = PARTS["owner"].identity_number
FLAG: dict[str, Any] = {"identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}],
                        "status": "active"}
HERE = "urn:ietf:rfc:3986|urn:uuid:1"


def asked(*given: tuple[str, str], strict: bool = False) -> Search:
    return read([(BY_NUMBER, OWNER), *given], strict=strict)


@pytest.mark.parametrize("name", sorted(PERSON))
@pytest.mark.parametrize("value", [OWNER, NUMBER, f"{NUMBER[:6]} {NUMBER[6:]}"])
def test_a_person_is_asked_about_by_number(name: str, value: str) -> None:
    assert read([(name, value)], strict=True) == Search(NUMBER)


def test_a_d_number_has_a_system_of_its_own() -> None:
    assert read([(BY_NUMBER, f"{D_NUMBER}|{NEWCOMER}")], strict=True).number == NEWCOMER


@pytest.mark.parametrize("name, value, issue", [
    (BY_NUMBER, f"{D_NUMBER}|{NUMBER}", Issue.VALUE),  # a fødselsnummer as a D-number
    (BY_NUMBER, f"{FODSELSNUMMER}|{NEWCOMER}", Issue.VALUE),
    (BY_NUMBER, f"urn:oid:1.2.3|{NUMBER}", Issue.VALUE),
    (BY_NUMBER, f"|{NUMBER}", Issue.VALUE),  # by R4 one that has no system
    (BY_NUMBER, f"{FODSELSNUMMER}|{NUMBER[:-1]}0", Issue.VALUE),
    (BY_NUMBER, f"{FODSELSNUMMER}|", Issue.VALUE),
    (BY_NUMBER, "Kim", Issue.VALUE),
    (BY_NUMBER, f"{OWNER},{D_NUMBER}|{NEWCOMER}", Issue.TOO_COSTLY)])
def test_what_is_no_number_of_its_system_is_refused_by_the_parameter_s_name(
        name: str, value: str, issue: Issue) -> None:
    with pytest.raises(Wrong) as refusal:
        read([(name, value)], strict=False)
    assert (refusal.value.parameter, refusal.value.issue) == (name, issue)


@pytest.mark.parametrize("rest, parameter, issue", [
    ([("subject:identifier", OWNER)], BY_NUMBER, Issue.TOO_COSTLY),
    ([("patient", "Patient/1")], "patient", Issue.CODE_INVALID),
    ([("subject:Group.identifier", "x")], "subject", Issue.CODE_INVALID),
    ([(f"patient:{NUMBER}", "x")], "patient", Issue.CODE_INVALID),
    ([("identifier:not", HERE)], "identifier", Issue.CODE_INVALID),
    ([("status:missing", "true")], "status", Issue.CODE_INVALID),
    ([("_count", "-1")], "_count", Issue.VALUE),
    ([("_count", "many")], "_count", Issue.VALUE),
    ([("_count", "1"), ("_count", "x")], "_count", Issue.VALUE)])
def test_what_can_not_be_searched_by_is_refused_however_lenient(
        rest: list[tuple[str, str]], parameter: str, issue: Issue) -> None:
    with pytest.raises(Wrong) as refusal:
        asked(*rest)
    assert (refusal.value.parameter, refusal.value.issue) == (parameter, issue)


def test_nobody_lists_all_children() -> None:
    for rest in ([], [("status", "active")], [("identifier", HERE)]):
        with pytest.raises(Wrong) as refusal:
            read(rest, strict=False)
        assert (refusal.value.parameter, refusal.value.issue) == (BY_NUMBER, Issue.REQUIRED)


def test_what_is_not_known_is_left_out_or_refused_as_the_asker_prefers() -> None:
    unknown = [("_sort", "date"), ("author", "x"), ("date:missing", "true")]
    assert asked(*unknown) == Search(NUMBER, ignored=3)
    with pytest.raises(Refusal) as refusal:
        asked(*unknown, strict=True)
    assert refusal.value.status == 400


@pytest.mark.parametrize("filters, matches", [
    ([], True),
    ([("status", "active")], True),
    ([("status", "inactive")], False),
    ([("status", "inactive,active")], True),
    ([("status", "http://hl7.org/fhir/flag-status|active")], True),
    ([("status", "http://hl7.org/fhir/flag-status|")], True),
    ([("status", "http://example.org|active")], False),
    ([("status", "active"), ("status", "inactive")], False),
    ([("identifier", HERE)], True),
    ([("identifier", "urn:uuid:1")], True),
    ([("identifier", "|urn:uuid:1")], False),
    ([("identifier", f"{HERE},urn:uuid:2")], True),
    ([("identifier", HERE), ("status", "inactive")], False)])
def test_what_repeats_must_all_hold_and_a_comma_means_or(
        filters: list[tuple[str, str]], matches: bool) -> None:
    assert asked(*filters).matches(FLAG) is matches


def test_a_page_has_what_is_asked_for_and_no_more_than_the_largest() -> None:
    assert [asked(*[("_count", each)]).count for each in ("0", "1", "51", "999999999")] == [
        0, 1, LARGEST, LARGEST]
    assert asked().count == LARGEST


def test_what_has_no_value_is_no_parameter() -> None:
    assert form(b"status=&patient:identifier=1&_count") == [("patient:identifier", "1")]


@pytest.mark.parametrize("body", [b"\xff=1", b"a=%ff", urlencode([("a", n) for n in range(21)]).encode()])
def test_what_is_no_form_or_too_much_of_one_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        form(body)


NAMES = st.sampled_from([*PERSON, *KNOWN, "patient:exact", "_sort", "date"]) | st.text(max_size=9)
VALUES = st.sampled_from([OWNER, NUMBER, HERE, "active", "1", f"{NUMBER},", "||", "\\|"]) | st.text(
    max_size=9)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=5), st.booleans())
def test_whatever_is_sent_is_read_or_refused_without_saying_it_again(
        given: list[tuple[str, str]], strict: bool) -> None:
    try:
        search = read(given, strict=strict)
    except Refusal as refusal:
        told = bytes(excused(refusal, "en").body).decode()
        assert NUMBER not in told
    else:
        assert search.number == NUMBER
        assert NUMBER not in repr(search)
        search.matches(FLAG)


def test_a_token_is_a_system_and_a_code_or_one_of_them() -> None:
    assert [token(text) for text in ("a", "s|a", "|a", "s|")] == [
        (None, "a"), ("s", "a"), ("", "a"), ("s", None)]
