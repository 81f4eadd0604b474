"""The consent form in several languages: drafted from one template, signed in the one that is read."""
from typing import Any

import pytest

from db.rules.words import PlanType
from db.seeds.texts import forms
from tests.support.asking import Asking
from tests.support.changing import done, refused, rows
from tests.support.staged import Staged

TEMPLATES = "{ consentTemplates { id planType language direction version } }"
ADD = """insert into consent_template
    (municipality_id, plan_type, language, version, title, text, published_at)
  values (1, %s, %s, %s, 'T', %s, now()) returning 'ConsentTemplate:' || id"""


def add(town: Asking, language: str, version: int, text: str = "T", kind: str = "STAFETTLOGG") -> str:
    """A template, past the act that publishes a whole form."""
    ((key,),) = rows(town, ADD, kind, language, version, text)
    return str(key)


async def drafted(own: Staged, template: str) -> dict[str, Any]:
    entry = {"planId": own["plan"], "templateId": template}
    made: dict[str, Any] = (await done(own.asking, "stafettholder", "draftConsent", **entry))["consent"]
    return made


async def test_each_signs_the_text_that_they_have_read(own: Staged) -> None:
    add(own.asking, "ar", 1, forms()["ar"][PlanType.STAFETTLOGG].text)
    add(own.asking, "en", 1)
    consent = await drafted(own, own["template"])
    texts = {text["language"]: text for text in consent["texts"]}
    assert {tag: text["direction"] for tag, text in texts.items()} == {"ar": "RTL", "en": "LTR", "nb": "LTR"}
    assert len({text["hash"] for text in texts.values()}) == 3
    await done(own.asking, "stafettholder", "sendConsent", consentId=consent["id"])
    _, signed = [await done(own.asking, part, "signConsent", consentId=consent["id"], method="DEMO_BANKID",
                            hash=texts[language]["hash"])
                 for part, language in (("guardian1", "ar"), ("guardian2", "nb"))]
    assert signed["consent"]["state"] == "IN_FORCE"
    assert {(s["person"]["name"], s["language"], s["hash"]) for s in signed["consent"]["signatures"]} == {
        ("Ada Nordmo", "ar", texts["ar"]["hash"]), ("Per Nordmo", "nb", texts["nb"]["hash"])}
    again = (await done(own.asking, "stafettholder", "renewConsent", consentId=consent["id"]))["consent"]
    assert [(t["language"], t["text"]) for t in again["texts"]] == [
        (t["language"], t["text"]) for t in consent["texts"]]
    assert not {t["hash"] for t in again["texts"]} & {t["hash"] for t in consent["texts"]}, "another form"


async def test_a_text_of_another_consent_is_not_what_was_read(own: Staged) -> None:
    one, other = [await drafted(own, own["template"]) for _ in range(2)]
    for consent in (one, other):
        await done(own.asking, "stafettholder", "sendConsent", consentId=consent["id"])
    assert await refused(own.asking, "guardian1", "signConsent", consentId=one["id"], method="DEMO_BANKID",
                         hash=other["texts"][0]["hash"]) == [("FORM_CHANGED", "hash")]


async def test_an_adjusted_text_comes_without_translations_of_what_it_no_longer_is(own: Staged) -> None:
    add(own.asking, "en", 1)
    texts = [{"language": "PS", "text": "هو."}, {"language": "FA_AF", "text": "بلی."}]
    made = await done(own.asking, "stafettholder", "draftConsent", planId=own["plan"], texts=texts)
    assert [(t["language"], t["direction"]) for t in made["consent"]["texts"]] == [
        ("fa-AF", "RTL"), ("ps", "RTL")]


async def test_a_new_version_takes_the_place_of_the_old_in_all_languages(own: Staged) -> None:
    before = await drafted(own, own["template"])
    add(own.asking, "en", 1)
    newer = [add(own.asking, language, 2) for language in ("nb", "ti")]
    other = add(own.asking, "nb", 1, kind="INDIVIDUAL_PLAN")
    told = (await own.asking.told("guardian1", TEMPLATES))["consentTemplates"]
    assert {t["id"] for t in told} == {*newer, other}
    assert await own.asking.told("guardian1", "query($id: ID!) { consentTemplate(id: $id) { text } }",
                                 id=own["template"]) == {"consentTemplate": None}
    wrong = {"planId": own["plan"], "templateId": other}
    assert await refused(own.asking, "stafettholder", "draftConsent", **wrong) == [
        ("OTHER_PLAN_TYPE", "templateId")]
    old = {"planId": own["plan"], "templateId": own["template"]}
    assert await refused(own.asking, "stafettholder", "draftConsent", **old) == [("NOT_FOUND", "templateId")]
    assert [t["language"] for t in (await drafted(own, newer[0]))["texts"]] == ["nb", "ti"]
    kept = rows(own.asking, "select text from consent_text where 'Consent:' || consent_id = %s", before["id"])
    assert kept == [(before["texts"][0]["text"],)]


@pytest.mark.parametrize("statement", ["update consent_text set text = 'x'", "delete from consent_text"])
async def test_a_text_is_never_changed(own: Staged, statement: str) -> None:
    with pytest.raises(Exception, match="permission denied"):
        rows(own.asking, f"set role hub_writer; {statement}")
