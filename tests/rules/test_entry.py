"""What people may type."""
from datetime import date

import pytest

from db.rules.entry import LINE, TEXT, TITLE, Entry
from db.rules.errors import Problem, Refused


def problems(typed: Entry) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in typed.problems]


@pytest.mark.parametrize("given, kept", [
    (None, None), ("", ""), ("  \n ", ""), (" Lese \n", "Lese"), ("a\r\nb", "a\nb"), ("a\tb", "a\tb"),
    ("čđŋ ✓ 👧🏽", "čđŋ ✓ 👧🏽")])
def test_a_text_is_kept_without_white_space_round_it(given: str | None, kept: str | None) -> None:
    typed = Entry()
    assert typed.text("title", given, TITLE) == kept
    assert problems(typed) == []


@pytest.mark.parametrize("most", [TITLE, LINE, TEXT])
def test_a_text_may_be_as_long_as_its_limit_and_no_longer(most: int) -> None:
    typed = Entry()
    typed.text("fits", "x" * most, most)
    typed.text("long", "x" * (most + 1), most)
    assert typed.problems == [Problem("TOO_LONG", "long", {"most": most})]


@pytest.mark.parametrize("character", ["\0", "\x07", "\x7f", "\ud800", "\uffff", "\r"])
def test_characters_that_no_document_can_carry_are_refused(character: str) -> None:
    typed = Entry()
    typed.text("title", f"a{character}b", TITLE)
    assert problems(typed) == [("BAD_CHARACTER", "title")]


@pytest.mark.parametrize("given", ["", "   "])
def test_what_must_be_there_may_not_be_blank(given: str) -> None:
    typed = Entry()
    assert typed.needed("title", given, TITLE) == ""
    assert problems(typed) == [("REQUIRED", "title")]


@pytest.mark.parametrize("earlier, later, fault", [
    (None, None, False), (date(2026, 1, 2), None, False), (None, date(2026, 1, 2), False),
    (date(2026, 1, 2), date(2026, 1, 2), False), (date(2026, 1, 2), date(2026, 1, 3), False),
    (date(2026, 1, 2), date(2026, 1, 1), True)])
def test_an_end_may_not_lie_before_its_start(
        earlier: date | None, later: date | None, *, fault: bool) -> None:
    typed = Entry()
    typed.order("deadline", earlier, later)
    assert problems(typed) == [("TOO_EARLY", "deadline")] * fault


def test_all_faults_of_an_input_are_told_at_once() -> None:
    typed = Entry()
    typed.needed("title", " ", TITLE)
    typed.text("description", "\0", TEXT)
    typed.refuse("BAD_LEVEL", "level")
    with pytest.raises(Refused) as refused:
        typed.done()
    assert [(p.code, p.field) for p in refused.value.problems] == [
        ("REQUIRED", "title"), ("BAD_CHARACTER", "description"), ("BAD_LEVEL", "level")]


def test_an_input_without_fault_is_not_refused() -> None:
    Entry().done()
