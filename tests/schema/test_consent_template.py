"""Templates: published in versions, shown to those who use or keep them; and a form goes the whole way."""
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import literal_column

from db.rules.language import RIGHT_TO_LEFT, direction
from db.tables.consent_template import direction_of
from integrations.documents.text import MISSING
from resolvers import document
from resolvers.context import Context
from tests.support.asking import DAY, Asking
from tests.support.changing import done, rows
from tests.support.printed import text_of

SHOWN = "id planType language direction version title text publishedAt replacedAt"
LIST = f"query($filter: ConsentTemplateFilter) {{ consentTemplates(filter: $filter) {{ {SHOWN} }} }}"
VERIFY = "query($hash: String!) { verifyConsent(hash: $hash) { kind state } }"
NB = {"language": "nb", "title": "Samtykke", "text": "Jeg samtykker til stafettlogg."}
TEXTS = {  # a sentence each, invented: "I consent to the stafettlogg, and can withdraw at any time."
    "fa-AF": "من با stafettlogg موافق هستم و هر زمان می‌توانم رضایت خود را پس بگیرم.",
    "ps": "زه له stafettlogg سره موافق یم او هر وخت خپله رضا بېرته اخیستلای شم.",
    "so": "Waan oggolahay stafettlogg, mar walbana waan ka noqon karaa.",
    "ti": "ንstafettlogg እሰማማዕ ኣለኹ፣ ኣብ ዝኾነ ግዜ ድማ ክስሕቦ እኽእል እየ።",
    "tr": "Stafettlogg için onay veriyorum, istediğim zaman geri çekebilirim. Şüphesiz, İsteğe Göre."}


async def publish(town: Asking, *texts: dict[str, str], of: str = "STAFETTLOGG") -> Any:
    made = await done(town, "admin", "publishConsentTemplate", planType=of, texts=list(texts))
    return made["template"]


async def listed(town: Asking, part: str, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await town.told(part, LIST, filter=given))["consentTemplates"]
    return found


async def test_a_new_version_is_in_force_at_once_and_the_old_one_is_kept_for_those_who_keep_them(
        own_town: Asking) -> None:
    (before,) = await listed(own_town, "stafettholder")
    own_town.now += DAY
    made = await publish(own_town, {**NB, "language": "NN"}, {**NB, "text": "Ja."}, {**NB, "language": "so"})
    assert (made["language"], made["version"], made["text"]) == ("nb", 2, "Ja.")
    used = await listed(own_town, "stafettholder")
    assert [(t["language"], t["version"], t["replacedAt"]) for t in used] == [
        ("nn", 2, None), ("nb", 2, None), ("so", 2, None)]
    kept = await listed(own_town, "admin", planType="STAFETTLOGG", language="nb")
    assert [(t["version"], t["text"]) for t in kept] == [(1, before["text"]), (2, "Ja.")]
    assert kept[0]["replacedAt"] == kept[1]["publishedAt"] == made["publishedAt"]


async def test_one_who_keeps_them_sees_what_was_in_force_at_a_moment(own_town: Asking) -> None:
    early = own_town.now.isoformat()
    for version in (2, 3):
        own_town.now += DAY
        await publish(own_town, {**NB, "text": f"{version}"})
    turn = (await listed(own_town, "admin"))[-1]["publishedAt"]
    for at, versions in ((early, [1]), (turn, [3]), ("2020-01-01T00:00:00Z", [])):
        assert [t["version"] for t in await listed(own_town, "admin", inForceAt=at)] == versions
    assert await listed(own_town, "stafettholder", inForceAt=early) == []


async def test_each_type_has_versions_of_its_own(own_town: Asking) -> None:
    made = await publish(own_town, NB, of="INDIVIDUAL_PLAN")
    assert made["version"] == 1
    assert {(t["planType"], t["version"]) for t in await listed(own_town, "guardian1")} == {
        ("STAFETTLOGG", 1), ("INDIVIDUAL_PLAN", 1)}


async def test_who_is_also_an_administrator_drafts_from_the_newest_alone_and_drafts_keep_their_text(
        own_town: Asking) -> None:
    plan, (old,) = f"Plan:{own_town.town.plan}", await listed(own_town, "stafettholder")
    drafted = await done(own_town, "stafettholder", "draftConsent", planId=plan, templateId=old["id"])
    await publish(own_town, NB)
    person = own_town.town.persons["stafettholder"]
    rows(own_town, "insert into assignment (municipality_id, person_id, post, since) "
                   "values (1, %s, 'LOCAL_ADMINISTRATOR', '2026-01-01') returning id", person)
    assert old["id"] in {t["id"] for t in await listed(own_town, "stafettholder")}
    refusals = await own_town.refused("stafettholder", "mutation($input: DraftConsentInput!) { "
                                      "draftConsent(input: $input) { errors { code } } }",
                                      input={"planId": plan, "templateId": old["id"]})
    assert refusals == ["NOT_FOUND"]
    sent = await done(own_town, "stafettholder", "sendConsent", consentId=drafted["consent"]["id"])
    assert sent["consent"]["texts"] == drafted["consent"]["texts"]


@pytest.mark.parametrize("statement", [
    "update consent_template set text = 'x'", "delete from consent_template"])
async def test_a_version_is_never_altered(own_town: Asking, statement: str) -> None:
    with pytest.raises(Exception, match="permission denied"):
        rows(own_town, f"set role hub_writer; {statement}")


async def printed(town: Asking, consent: str) -> bytes:
    made = await document.signed_form(
        Context(town.hub, town.viewer("guardian1"), town.now, "nb"), consent)
    assert made is not None
    return made


@pytest.mark.parametrize("language", TEXTS)
async def test_a_form_goes_the_whole_way_in_the_language_that_the_signer_chooses(
        own_town: Asking, language: str) -> None:
    """Published, drafted, chosen, hashed, signed, printed and verified."""
    text = TEXTS[language]
    template = await publish(own_town, NB, {"language": language, "title": "T", "text": text})
    made = await done(own_town, "stafettholder", "draftConsent", planId=f"Plan:{own_town.town.plan}",
                      templateId=template["id"])
    consent, forms = made["consent"]["id"], {t["language"]: t for t in made["consent"]["texts"]}
    assert (forms[language]["text"], forms[language]["direction"]) == (text, direction(language))
    await done(own_town, "stafettholder", "sendConsent", consentId=consent)
    _, signed = [await done(own_town, part, "signConsent", consentId=consent, method="DEMO_BANKID",
                            hash=forms[chosen]["hash"])
                 for part, chosen in (("guardian1", language), ("guardian2", "nb"))]
    assert signed["consent"]["state"] == "IN_FORCE"
    assert {(s["language"], s["hash"]) for s in signed["consent"]["signatures"]} == {
        (tag, forms[tag]["hash"]) for tag in (language, "nb")}
    pdf = await printed(own_town, consent)
    assert MISSING not in text_of(pdf)
    assert forms[language]["hash"] in "".join(text_of(pdf).split())
    for digest, kind in ((forms[language]["hash"], "FORM"), (sha256(pdf).hexdigest(), "SIGNED_FORM")):
        told = await own_town.told("guardian1", VERIFY, hash=digest)
        assert told["verifyConsent"] == {"kind": kind, "state": "IN_FORCE"}


async def test_the_database_says_which_way_a_language_is_written_as_the_rule_does(own_town: Asking) -> None:
    tags = [*sorted(RIGHT_TO_LEFT), "nb", "ti", "fa-AF", "uz-Arab", "uz-Arab-AF", "ar-Latn", "es-419", "ku"]
    said = direction_of(literal_column("tag")).compile(compile_kwargs={"literal_binds": True})
    found = rows(own_town, f"select tag, {said.string} from unnest(%s::text[]) tag", tags)
    assert found == [(tag, direction(tag)) for tag in tags]
