"""Which tags are languages, and which way each is written: as CLDR has it."""
import pytest
from babel import Locale
from babel.localedata import locale_identifiers

from db.rules.language import canonical, direction


@pytest.mark.parametrize(("typed", "tag"), [
    ("nb", "nb"), (" NN ", "nn"), ("FA-af", "fa-AF"), ("uz-ARAB-AF", "uz-Arab-AF"), ("es-419", "es-419"),
    ("ckb", "ckb"), ("", None), ("n", None), ("norsk", None), ("nb_NO", None), ("nb-NO-x-privat", None),
    ("en-GB-oed", None), ("es-\u0664\u0661\u0669", None), ("\u017fo", None), ("nb\n", "nb")])
def test_a_tag_is_written_as_it_usually_is_or_is_none(typed: str, tag: str | None) -> None:
    assert canonical(typed) == tag


def test_every_language_is_written_the_way_that_cldr_says() -> None:
    """Of the tags that we take; Mongolian in its own script, which is written downwards, stays."""
    known = {tag: Locale.parse(name) for name in locale_identifiers()
             if (tag := canonical(name.replace("_", "-"))) and "-Mong" not in tag}
    assert len(known) > 500
    wrong = {tag for tag, locale in known.items() if direction(tag) != locale.text_direction.upper()}
    assert wrong == set()
