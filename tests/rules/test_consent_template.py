"""A form is whole when it is published, in a language of Norway's own, and used for what it is about."""
import pytest

from db.rules.consent_template import check_languages, check_of_type, unfilled
from db.rules.errors import Refused
from db.rules.words import PlanType


@pytest.mark.parametrize(("text", "left"), [
    ("Jeg samtykker.", False), ("Mål (se over), § 3 – 100 % [1] ...", False), ("a_b __ c", False),
    ("Jeg, {navn}", True), ("{}", True), ("Navn: ____", True), ("Navn: ........", True),
    ("{\n}", True), ("}{", False)])
def test_what_is_left_to_fill_in_is_found(text: str, left: bool) -> None:
    assert unfilled(text) is left


@pytest.mark.parametrize("languages", [(), ("en",), ("ar", "fa-AF"), ("no",), ("NB",)])
def test_one_of_the_two_languages_of_the_country_must_be_there(languages: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="OWN_LANGUAGE_MISSING"):
        check_languages(languages)
    check_languages((*languages, "nn"))


def test_a_form_is_for_plans_of_its_type() -> None:
    check_of_type(PlanType.STAFETTLOGG, PlanType.STAFETTLOGG)
    with pytest.raises(Refused, match="OTHER_PLAN_TYPE"):
        check_of_type(PlanType.STAFETTLOGG, PlanType.INDIVIDUAL_PLAN)
