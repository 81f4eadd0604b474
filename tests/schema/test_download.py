"""The signed form and the papers beside it: for those who may read consent, the same bytes, and logged."""
import asyncio
from hashlib import sha256
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from db.rules.errors import Refused
from db.rules.words import AddressProtection, PlanType
from db.seeds.parts import PARTS, TEXT
from db.seeds.texts import forms
from db.tables.person import Person
from db.write.find import transaction
from resolvers import document
from resolvers.context import Context
from tests.support.asking import DAY, Asking
from tests.support.changing import done, rows
from tests.support.hub import Served
from tests.support.papers import a_pdf, uploaded
from tests.support.printed import text_of

READ = """select person_id, elements, action from access_log
  where elements = (1::bigint << 28) and action = 'READ'"""
KEPT = "select count(*) from consent_document where kind = 'SIGNED_FORM'"


def ctx(town: Asking, part: str) -> Context:
    return Context(town.hub, town.viewer(part), town.now, "en")


async def form(town: Asking, part: str, consent: str | None = None) -> bytes | None:
    try:
        return await document.signed_form(ctx(town, part), consent or f"Consent:{town.town.consent}")
    except Refused:
        return None


async def half_on_paper(town: Asking, pdf: bytes) -> dict[str, Any]:
    """A consent in Arabic and bokmål that names a service; one signs in Arabic, the other on paper."""
    arabic = forms()["ar"][PlanType.STAFETTLOGG].text
    names = [{"personId": f"Person:{town.town.persons['nurse']}",
              "restrictions": [{"element": "COMMENTS", "level": "NONE"}]},
             {"unitId": f"Unit:{town.town.units['PPT Nordmo']}", "whereabouts": True}]
    consent: dict[str, Any] = (await done(
        town, "stafettholder", "draftConsent", planId=f"Plan:{town.town.plan}", names=names,
        texts=[{"language": "AR", "text": arabic}, {"language": "NB", "text": TEXT}]))["consent"]
    await done(town, "stafettholder", "sendConsent", consentId=consent["id"])
    in_arabic, in_bokmal = (text["hash"] for text in consent["texts"])
    await done(town, "guardian1", "signConsent", consentId=consent["id"], method="DEMO_BANKID",
               hash=in_arabic)
    assert await form(town, "guardian1", consent["id"]) is None, "not before all have signed"
    await done(town, "stafettholder", "signConsentOnPaper", consentId=consent["id"], hash=in_bokmal,
               personId=f"Person:{town.town.persons['guardian2']}", signedOn=str(town.now.date()),
               paper=await uploaded(town, pdf=pdf))
    return consent


async def test_the_form_is_made_once_and_is_the_same_for_all_who_may_read_it(own_town: Asking) -> None:
    parts = ("guardian1", "nurse", "stafettholder", "guardian2")
    first, *others = await asyncio.gather(*(form(own_town, part) for part in parts))
    own_town.now += 30 * DAY
    assert first and {*others, await form(own_town, "guardian1")} == {first}
    assert rows(own_town, KEPT) == [(1,)]
    read = rows(own_town, READ)
    assert {person for person, *_ in read} == {own_town.town.persons[part] for part in parts}


@pytest.mark.parametrize("part", ["owner", "leader", "admin", "former", "stranger", "analyst", "nobody"])
async def test_who_may_not_read_consent_finds_no_form(own_town: Asking, part: str) -> None:
    assert await form(own_town, part) is None
    assert await form(own_town, "guardian1", f"Consent:{own_town.town.plan}") is None
    assert (rows(own_town, READ), rows(own_town, KEPT)) == ([], [(0,)])


async def test_a_withdrawn_consent_closes_its_form_to_providers_and_not_to_the_family(
        own_town: Asking) -> None:
    kept = await form(own_town, "nurse")
    await done(own_town, "guardian2", "withdrawConsent", consentId=f"Consent:{own_town.town.consent}")
    assert (await form(own_town, "nurse"), await form(own_town, "guardian1")) == (None, kept)


async def test_where_an_address_is_protected_it_is_for_those_who_may_know_whereabouts(
        own_town: Asking) -> None:
    consent = await half_on_paper(own_town, a_pdf())
    assert await form(own_town, "guardian1", consent["id"])
    await protect(own_town)
    told = await own_town.told("guardian1", "query($id: ID!) { node(id: $id) { ... on Consent { state } } }",
                               id=consent["id"])
    assert told["node"] == {"state": "IN_FORCE"}
    assert await form(own_town, "guardian1", consent["id"]) is None


async def protect(town: Asking) -> None:
    """The owner's address, through a session that re-grants."""
    async with transaction(town.writer, town.now) as session:
        owner = await session.get_one(Person, (town.town.municipality, town.town.persons["owner"]))
        owner.address_protection = AddressProtection.CONFIDENTIAL


async def test_the_form_tells_all_that_was_signed(own_town: Asking) -> None:
    paper = a_pdf()
    consent = await half_on_paper(own_town, paper)
    pdf = await form(own_town, "guardian1", consent["id"])
    assert pdf is not None
    text = "".join(text_of(pdf).split())
    for part in ("Signert samtykke", "Kim Nordmo", "Samtykketekst på arabisk",
                 "Samtykketekst på norsk bokmål", "Siv Berg", "Evaluering: ingen tilgang", "PPT Nordmo",
                 "Ada Nordmo", "Per Nordmo", "arabisk", "BankID", "På papir", "22. nov. 2026 kl. 11:00",
                 "22. nov. 2026 – 22. nov. 2027"):
        assert "".join(part.split()) in text, part
    for digest in (*(t["hash"] for t in consent["texts"]), sha256(paper).hexdigest()):
        assert digest in text
    with pikepdf.open(BytesIO(pdf)) as read, read.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
    (kept,) = [d for d in (await own_town.told(
        "guardian1", "query($id: ID!) { node(id: $id) { ... on Consent { documents { kind sha256 } } } }",
        id=consent["id"]))["node"]["documents"] if d["kind"] == "SIGNED_FORM"]
    assert kept["sha256"] == sha256(pdf).hexdigest()


async def test_a_paper_is_had_again_as_it_was_uploaded(own_town: Asking) -> None:
    paper = a_pdf()
    await half_on_paper(own_town, paper)
    ((key,),) = rows(own_town, "select 'ConsentDocument:' || id from consent_document")
    assert await document.paper(ctx(own_town, "guardian1"), key) == paper
    for part in ("leader", "stranger", "nobody"):
        with pytest.raises(Refused, match="NOT_FOUND"):
            await document.paper(ctx(own_town, part), key)


async def get(served: Served, part: str, path: str) -> Any:
    token = served.client.issuer.token(pid=PARTS[part].identity_number)
    return await served.client.http.get(path, headers={"Authorization": f"Bearer {token}"})


async def test_a_form_is_downloaded_over_http_and_what_is_not_yours_never_was(served: Served) -> None:
    consent = f"Consent:{served.town.consent}"
    response = await get(served, "guardian1", f"/consents/{consent}.pdf")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/pdf")
    assert response.headers["cache-control"] == "no-store"
    assert response.content.startswith(b"%PDF-")
    missing = [await get(served, part, path) for part, path in (
        ("stranger", f"/consents/{consent}.pdf"), ("leader", f"/consents/{consent}.pdf"),
        ("guardian1", f"/consents/{consent[:-1]}.pdf"), ("guardian1", "/consents/x.pdf"),
        ("guardian1", f"/documents/{consent}.pdf"))]
    assert {(each.status_code, each.content) for each in missing} == {(404, missing[0].content)}
    assert (await served.client.http.get(f"/consents/{consent}.pdf")).status_code == 401
