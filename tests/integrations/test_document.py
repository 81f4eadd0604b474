"""The archived document: PDF/A in the plan's language, with what was released alone, whatever was typed."""
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings

from db.rules import words
from db.rules.rights import Element
from integrations.documents.plan import content_checksum, pdf
from integrations.documents.text import MISSING, _letters, one_line, plain, printable
from integrations.documents.wording import Wording
from integrations.target import ArchiveTrigger, PlanVersion
from tests.support.plans import TYPED, plans
from tests.support.printed import letters, lines, opened, text_of

OWNER, GUARDIAN, HOLDER, NURSE = "Sára Šaŋŋa Sørås", "Kari Sørås", "Tone Lærer", "Nils Helse"
NOTHING = {"nb": "Ingen registrert.", "nn": "Ingen registrert.", "en": "None recorded."}
HEADINGS = {
    "overview": {"nb": "Oversikt", "nn": "Oversikt", "en": "Overview"},
    "goals": {"nb": "Mål og tiltak", "nn": "Mål og tiltak", "en": "Goals and activities"},
    "participants": {"nb": "Deltakere", "nn": "Deltakarar", "en": "Participants"},
    "consents": {"nb": "Samtykke", "nn": "Samtykke", "en": "Consent"},
    "accessLog": {"nb": "Logg", "nn": "Logg", "en": "Access log"},
}


def a_plan(**changes: Any) -> dict[str, Any]:
    return {
        "shortName": "SS", "type": "STAFETTLOGG", "status": "ACTIVE", "level": 2,
        "startDate": "2025-09-01", "endDate": None, "nextEvaluationDate": "2026-01-15",
        "owner": {"name": OWNER, "birthDate": "2017-03-04"}, "unit": {"name": "Fjellvik skole"},
        "stafettholder": {"name": HOLDER},
        "overview": {"presentation": "Liker å tegne, øve og være ute.", "initiative": "Foreldrene spurte.",
                     "strengths": "Modig.", "challenges": "", "ownVoice": "«Gå sammen med meg.»"},
        "goals": [a_goal()],
        "participants": [
            {"role": "STAFETTHOLDER", "responsibility": "Kaller inn",
             "since": "2025-09-01T08:00:00+00:00", "until": None, "person": {
                 "name": HOLDER, "position": "Kontaktlærer", "workplace": {"name": "Fjellvik skole"}}}],
        "consents": [
            {"state": "IN_FORCE", "validFrom": "2025-09-05T08:00:00Z", "sentAt": "2025-09-03T08:00:00Z",
             "openedAt": "2025-09-05T08:00:00Z", "withdrawnAt": None, "names": [
                 {"unit": {"name": "Fjellvik helsestasjon"}, "whereabouts": True, "restrictions": [
                     {"element": "COMMENTS", "level": "NONE"}, {"element": "GOALS", "level": "READ"}]}],
             "texts": [{"language": "nb", "text": "Ja."}], "signatures": [
                 {"person": {"name": GUARDIAN}, "signedAt": "2025-09-04T22:30:00Z", "method": "BANKID"}]}],
        "accessLog": [
            read(NURSE, "2025-11-03T12:15:00Z", "GOALS"), read(HOLDER, "2025-10-01T08:00:00Z", "GOALS"),
            read(NURSE, "2025-09-06T12:15:00Z", "OVERVIEW", "GOALS")],
        **changes}


def read(name: str, at: str, *elements: str) -> dict[str, Any]:
    person = {"id": f"Person:{name}", "name": name}
    return {"action": "READ", "at": at, "read": list(elements), "person": person}


def a_goal(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Til skolen hver dag", "description": "Første time.", "arena": "SCHOOL",
        "deadline": "2025-12-19", "status": "OPEN",
        "comments": [{"body": "Går bedre.", "createdAt": "2025-11-03T12:15:00Z", "author": {"name": HOLDER}}],
        "activities": [
            {"title": "Følge", "arena": "HOME", "deadline": "2025-10-01", "status": "DONE",
             "responsible": {"role": "PROVIDER", "person": {"name": NURSE}},
             "comments": [{"body": "Ja.", "createdAt": "2025-11-04T12:15:00Z", "author": {"name": NURSE}}]}],
        **changes}


def a_version(plan: dict[str, Any] | None = None, **changes: Any) -> PlanVersion:
    facts: dict[str, Any] = {
        "fact_id": UUID(int=1), "plan_key": UUID("0192f0c1-2b3c-7d4e-8f50-123456789abc"), "version": 3,
        "plan": a_plan() if plan is None else plan, "language": "nb",
        "archived_at": datetime(2025, 11, 22, 9, 29, tzinfo=UTC), "archived_by": HOLDER,
        "trigger": ArchiveTrigger.BY_HAND,
        "identity_number": "04431799999", "municipality_number": "9999",
        "municipality_name": "Fjellvik kommune", "municipality_organisation_number": "999999999",
        "unit_name": "Fjellvik skole", "protected": False}
    return PlanVersion(**{**facts, **changes})


def headings(document: bytes) -> list[str]:
    def walk(items: Any) -> Iterator[str]:
        for item in items:
            yield item.title
            yield from walk(item.children)
    with opened(document).open_outline() as outline:
        return list(walk(outline.root))


def test_the_document_is_pdf_a_2a_tagged_and_self_contained() -> None:
    with opened(pdf(a_version(language="nn"))) as document:
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
        assert str(document.Root.Lang) == "nn"
        assert bool(document.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in document.Root
        assert not (document.attachments or document.is_encrypted)
        assert not {"/JavaScript", "/EmbeddedFiles"} & set(document.Root.get("/Names", {}).keys())
        assert not {"/OpenAction", "/AA", "/AcroForm"} & set(document.Root.keys())


def test_every_font_is_embedded_and_can_be_read_back() -> None:
    with opened(pdf(a_version())) as document:
        for font in [font for page in document.pages for font in page.Resources.Font.values()]:
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert {"/FontFile2", "/FontFile3"} & set(descriptor.keys())
            assert letters(font)


def test_norwegian_and_sami_letters_can_be_found() -> None:
    typed = "ÆØÅ æøå čđŋšŧž ČĐŊŠŦŽ á"
    assert typed in text_of(pdf(a_version({"overview": {"presentation": typed}})))


def test_the_same_version_gives_the_same_bytes() -> None:
    assert pdf(a_version()) == pdf(a_version())


def test_the_metadata_names_nobody() -> None:
    with opened(pdf(a_version())) as document:
        assert str(document.docinfo["/Title"]) == "Stafettlogg SS"
        assert "/Author" not in document.docinfo
        metadata = document.Root.Metadata.read_bytes().decode()
    assert not any(name in metadata for name in (OWNER, GUARDIAN, HOLDER, NURSE, "04431799999"))


@pytest.mark.parametrize("element", HEADINGS)
def test_a_withheld_element_has_no_heading(element: str) -> None:
    found = headings(pdf(a_version(a_plan(**{element: None}))))
    assert HEADINGS[element]["nb"] not in found
    assert {titles["nb"] for other, titles in HEADINGS.items() if other != element} <= set(found)


@pytest.mark.parametrize("element", ["goals", "participants", "consents", "accessLog"])
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_an_empty_list_has_its_heading_and_says_so(element: str, language: str) -> None:
    withheld = dict.fromkeys(HEADINGS)
    document = pdf(a_version(a_plan(**{**withheld, element: []}), language=language))
    assert headings(document) == [HEADINGS[element][language]]
    assert text_of(document).count(NOTHING[language]) == 1


def test_withheld_evaluations_leave_no_heading_and_empty_ones_do() -> None:
    activities = [{"title": "Følge", "comments": None}]
    withheld = pdf(a_version(a_plan(goals=[a_goal(comments=None, activities=activities)])))
    assert "Evaluering" not in headings(withheld)
    empty = pdf(a_version(a_plan(goals=[a_goal(comments=[], activities=activities)])))
    assert headings(empty).count("Evaluering") == 1
    assert NOTHING["nb"] in text_of(empty)


def test_evaluations_say_who_when_in_norway_and_of_what() -> None:
    text = text_of(pdf(a_version()))
    assert "Går bedre." in text
    assert "4. nov. 2025 kl. 13:15" in text
    assert [text.count(told) for told in (f"Mål 1\n{HOLDER}\n3. nov. 2025", f"Følge\n{NURSE}")] == [1, 1]


def test_a_consent_says_whom_it_names_what_is_held_back_and_what_became_of_it() -> None:
    text = text_of(pdf(a_version()))
    assert "Fjellvik helsestasjon\nEvaluering: ingen tilgang; Mål: bare lese\nKan få vite" in text
    assert "Sendt til underskrift\n3. sep. 2025 kl. 10:00\nGjelder\n5. sep. 2025 kl. 10:00" in text
    assert "Trukket tilbake" not in text


def test_the_access_log_is_one_line_for_each_reader() -> None:
    text = " ".join(text_of(pdf(a_version({"accessLog": a_plan()["accessLog"]}))).split())
    assert f"{NURSE} Lest Mål, Oversikt 2 6. sep. 2025 – 3. nov. 2025" in text
    assert f"{HOLDER} Lest Mål 1 1. okt. 2025" in text
    assert text.index(NURSE) < text.index(HOLDER)


def test_a_fagsystem_that_was_told_stands_in_it_by_its_unit() -> None:
    told: dict[str, Any] = {"action": "ASK", "read": [], "unit": {"id": "1", "name": "Fjellvik skole"}}
    entries = [{**told, "at": f"{day}T10:00:00+00:00"} for day in ("2025-10-01", "2025-10-02")]
    text = " ".join(text_of(pdf(a_version({"accessLog": entries}))).split())
    assert "Fjellvik skole Utlevert til fagsys" in text
    assert "2 1. okt. 2025 – 2. okt. 2025" in text


def test_a_column_that_nobody_released_has_no_heading() -> None:
    assert "Ansvarlig" in text_of(pdf(a_version()))
    withheld = [{**activity, "responsible": None} for activity in a_goal()["activities"]]
    assert "Ansvarlig" not in text_of(pdf(a_version(a_plan(goals=[a_goal(activities=withheld)]))))


def test_a_field_left_blank_is_not_a_field_withheld() -> None:
    assert "Ikke fylt ut." in text_of(pdf(a_version({"overview": {"challenges": ""}})))
    found = headings(pdf(a_version({"overview": {"strengths": "Modig.", "challenges": None}})))
    assert found == ["Oversikt", "Styrker"]


@pytest.mark.parametrize(("language", "role"), [
    ("nb", "Tjenesteyter"), ("nn", "Tenesteytar"), ("en", "Service provider")])
def test_headings_and_codes_speak_the_language_of_the_plan(language: str, role: str) -> None:
    document = pdf(a_version(language=language))
    assert {names[language] for names in HEADINGS.values()} <= set(headings(document))
    assert role in text_of(document)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize(("group", "codes"), [
    ("type", words.PlanType), ("planStatus", words.PlanStatus), ("role", words.Role), ("arena", words.Arena),
    ("workStatus", words.WorkStatus), ("consentState", words.ConsentState), ("method", words.SigningMethod),
    ("element", Element), ("action", words.LogAction)])
def test_every_code_is_a_word(language: str, group: str, codes: type[StrEnum]) -> None:
    assert not [code for code in codes if Wording(language).code(group, code) == code.value]
    assert all(Wording(language).code("level", level) != str(level) for level in range(4))


def test_a_type_of_the_municipalitys_own_is_shown_by_its_code() -> None:
    assert "FAMILIEPLAN" in text_of(pdf(a_version(a_plan(type="FAMILIEPLAN"))))


def test_the_footer_tells_who_when_which_page_and_which_content() -> None:
    version = a_version()
    text = text_of(pdf(version))
    assert "Arkivert 22. nov. 2025 kl. 10:29 av Tone Lærer" in text
    assert "1 av " in text
    assert "Plan 0192f0c1-2b3c-7d4e-8f50-123456789abc, versjon 3" in text
    assert content_checksum(version.plan) in text
    assert "1 of " in text_of(pdf(a_version(language="en")))


def test_the_checksum_is_of_the_content_not_of_its_order() -> None:
    assert content_checksum({"a": 1, "b": 2}) == content_checksum({"b": 2, "a": 1})
    assert content_checksum({"a": 1, "b": 2}) != content_checksum({"a": 1})


def test_a_protected_address_is_marked_and_gives_no_place_away() -> None:
    text, ordinary = text_of(pdf(a_version(protected=True))), text_of(pdf(a_version()))
    assert ("Sperret adresse" in text, "Sperret adresse" in ordinary) == (True, False)
    assert ("Fjellvik skole" in text, ordinary.count("Fjellvik skole")) == (False, 2)
    assert ("helsestasjon" in text, "helsestasjon" in ordinary) == (False, True)


@pytest.mark.parametrize("typed", [
    "#set page(width: 1cm)", "$x^2$ *b* _k_ `c`", r"\ #{panic()} \u{41}", "= h - l + n / t: u",
    "<l> @ref [a] {b}", '"); #read("/etc/hosts") //'])
def test_markup_is_shown_as_it_was_typed(typed: str) -> None:
    text = text_of(pdf(a_version(a_plan(overview={"ownVoice": typed}, goals=[a_goal(title=typed)]))))
    assert text.count(typed) == 2


@pytest.mark.parametrize("changes", [
    {"overview": {"presentation": "W" * 100_000}},
    {"overview": {"presentation": "WWWW " * 25_000}},
    {"owner": {"name": "W" * 100_000}},
    {"goals": [a_goal(title="W" * 100_000)]},
    {"goals": [a_goal(activities=[{"responsible": {"person": {"name": "W" * 100_000}}}])]},
], ids=["unbroken", "words", "fact", "title", "cell"])
def test_a_hundred_thousand_characters_are_all_there_and_inside_the_page(changes: dict[str, Any]) -> None:
    printed = list(lines(pdf(a_version(a_plan(**changes)))))
    assert "".join(printed).count("W") >= 100_000
    assert max(map(len, printed)) < 200


def test_titles_and_running_lines_are_cut() -> None:
    long = "W" * 100_000
    text = text_of(pdf(a_version({"shortName": long}, archived_by=long, municipality_name=long)))
    assert 100 < text.count("W") < 1_000


def test_scripts_of_the_consent_forms_are_kept_and_what_no_font_draws_is_marked() -> None:
    texts = [{"language": "ti", "text": "ትግርኛ 😀漢 slutt"}]
    text = "".join(lines(pdf(a_version({"consents": [{"texts": texts}]}))))
    assert "ትግርኛ" in text
    assert f"{MISSING}{MISSING} slutt" in text
    assert printable("نوافق على أن تتعاون المدرسة") == "نوافق على أن تتعاون المدرسة"
    assert printable("پښتو، دری") == "پښتو، دری"


def test_what_a_document_cannot_hold_is_taken_out_of_a_text() -> None:
    assert plain("a\x00\x07b\x7f\x9fc\ue000\ufffe\ufdd0\U0010ffff\ud800\ufeffd\te") == "abcd\te"
    assert plain("én\r\nto\rtre\u2028fire\x85fem") == "én\nto\ntre\nfire\nfem"
    assert plain("a\u030a") == "å"
    assert printable("\u0301a b\u0301") == f"{MISSING}a b\u0301"  # a mark without a letter
    assert printable("b" + "\u0301" * 100).count(MISSING) == 3  # more marks than any letter has
    assert printable("ተ\u135d ж\u135d") == f"ተ\u135d ж{MISSING}"  # a mark that the letter's font lacks
    assert one_line(" to \n linjer ", 40) == "to linjer"
    assert one_line("x" * 50, 40) == "x" * 39 + "…"


def test_a_text_that_is_taken_whole_is_as_it_would_be_letter_by_letter() -> None:
    letters = [letter for letter in sorted(_letters()) if unicodedata.is_normalized("NFC", letter)]
    assert len(letters) > 2_000 and {"å", "ŋ", "Ж"} <= set(letters)
    assert printable("\t" + "".join(letters)) == " " + "".join(letters)  # a tab is in no font


def test_a_plan_with_nothing_released_is_still_a_document() -> None:
    assert headings(pdf(a_version({}))) == []
    bare: dict[str, Any] = {
        "overview": {}, "goals": [{"activities": [{}]}], "participants": [{}], "consents": [{}]}
    assert headings(pdf(a_version(bare))) == [
        "Mål og tiltak", "Mål 1", "Tiltak", "Deltakere", "Samtykke", "Samtykke 1"]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=plans(), typed=TYPED)
def test_no_text_that_a_person_can_type_stops_the_document(plan: dict[str, Any], typed: str) -> None:
    with opened(pdf(a_version(plan, archived_by=typed, municipality_name=typed))) as document:
        assert document.pages
