"""A form signed on paper: uploaded as a PDF, named once by its uploader, kept sealed and never changed."""
import asyncio
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pikepdf
import pytest

from db.rules.document import BYTES, PAGES, WAITING
from db.seeds.parts import PARTS
from db.write.clock import tick
from db.write.document import SEALED_AS
from resolvers import document
from resolvers.context import Context
from tests.support.asking import NOW, SEAL, Asking
from tests.support.changing import change, done, refused, rows, sent
from tests.support.hub import Served
from tests.support.papers import a_pdf, uploaded, with_attachment, with_script

KEPT = "select kind, sha256, sealed, made_at, signed_on::text from consent_document"
WAITS = "select count(*) from upload"
HOLDER = PARTS["stafettholder"].identity_number


def paper(town: Asking, consent: dict[str, Any], upload: str, signer: str = "guardian1") -> dict[str, Any]:
    return {"consentId": consent["id"], "personId": f"Person:{town.town.persons[signer]}",
            "hash": consent["texts"][0]["hash"], "signedOn": str(town.now.date()), "paper": upload}


async def test_a_paper_is_kept_sealed_with_its_hash_and_who_uploaded_it(own_town: Asking) -> None:
    consent, pdf = await sent(own_town), a_pdf(2)
    made = await done(own_town, "stafettholder", "signConsentOnPaper",
                      **paper(own_town, consent, await uploaded(own_town, pdf=pdf)))
    assert made["consent"]["documents"] == [
        {"kind": "PAPER", "signer": {"name": "Ada Nordmo"}, "by": {"name": "Tone Lie"},
         "madeAt": NOW.isoformat(), "signedOn": "2026-11-22", "sha256": sha256(pdf).hexdigest()}]
    assert [s["method"] for s in made["consent"]["signatures"] if s["signedAt"]] == ["PAPER"]
    ((kind, digest, sealed, at, day),) = rows(own_town, KEPT)
    assert (kind, digest, at, day) == ("PAPER", sha256(pdf).hexdigest(), NOW, "2026-11-22")
    assert pdf not in sealed and SEAL.open(sealed, SEALED_AS) == pdf
    assert rows(own_town, WAITS) == [(0,)]


async def test_the_last_signature_on_paper_opens_the_consent_from_now_on(own_town: Asking) -> None:
    consent = await sent(own_town)
    own_town.now = NOW + timedelta(days=3)
    await done(own_town, "guardian2", "signConsent", consentId=consent["id"], method="DEMO_BANKID",
               hash=consent["texts"][0]["hash"])
    entry = {**paper(own_town, consent, await uploaded(own_town)), "signedOn": "2026-11-22"}
    made = await done(own_town, "stafettholder", "signConsentOnPaper", **entry)
    assert made["consent"]["state"] == "IN_FORCE"
    opened = rows(own_town, "select opened_at from consent where 'Consent:' || id = %s", consent["id"])
    assert opened == [(own_town.now,)]


async def test_an_upload_is_named_once_and_by_its_uploader_alone(own_town: Asking) -> None:
    consent, other = await sent(own_town), await sent(own_town)
    theirs, upload = await uploaded(own_town, "guardian1"), await uploaded(own_town)
    for key in (theirs, "Upload:x", consent["id"]):
        assert await refused(own_town, "stafettholder", "signConsentOnPaper",
                             **paper(own_town, consent, key)) == [("NOT_FOUND", "paper")]
    payloads = await asyncio.gather(*(
        change(own_town, "stafettholder", "signConsentOnPaper", **paper(own_town, form, upload, signer))
        for form in (consent, other) for signer in ("guardian1", "guardian2")))
    codes = sorted(tuple(error["code"] for error in payload["errors"]) for payload in payloads)
    assert codes == [(), *[("NOT_FOUND",)] * 3]
    signed = "select count(*) from consent_signature where method = 'PAPER'"
    assert rows(own_town, signed) == [(1,)]


async def test_of_a_paper_and_a_sign_in_of_the_same_signer_at_once_one_counts(own_town: Asking) -> None:
    consent, upload = await sent(own_town), await uploaded(own_town)
    payloads = await asyncio.gather(
        change(own_town, "stafettholder", "signConsentOnPaper", **paper(own_town, consent, upload)),
        change(own_town, "guardian1", "signConsent", consentId=consent["id"], method="DEMO_BANKID",
               hash=consent["texts"][0]["hash"]))
    on_paper, codes = payloads[0]["errors"] == [], [[e["code"] for e in each["errors"]] for each in payloads]
    assert sorted(codes) == [[], ["ALREADY_SIGNED"]]
    papers = "select count(*) from consent_document"
    assert (rows(own_town, papers), rows(own_town, WAITS)) == ([(on_paper,)], [(not on_paper,)])


async def test_an_upload_is_there_for_a_day_and_then_swept_away(own_town: Asking) -> None:
    consent = await sent(own_town)
    upload = await uploaded(own_town)
    own_town.now = NOW + timedelta(hours=24)
    await tick(own_town.writer, own_town.now)
    assert rows(own_town, WAITS) == [(1,)]
    assert await refused(own_town, "stafettholder", "signConsentOnPaper",
                         **paper(own_town, consent, upload)) == [("NOT_FOUND", "paper")]
    await tick(own_town.writer, own_town.now + timedelta(seconds=1))
    assert rows(own_town, WAITS) == [(0,)]


async def said(town: Asking, part: str, pdf: bytes) -> list[str]:
    ctx = Context(town.hub, town.viewer(part), town.now, "en")
    return [problem.code for problem in (await document.upload(ctx, pdf)).problems]


@pytest.mark.parametrize("pdf", [
    b"", b"x" * 100, b"%PDF-1.7\n%%EOF", b"PK\3\4 a docx", a_pdf(0), a_pdf(PAGES + 1),
    with_attachment(), with_script(),
    a_pdf(encryption=pikepdf.Encryption(owner="o", user="u")),
    a_pdf(encryption=pikepdf.Encryption(owner="o"))])
async def test_what_can_be_no_consent_form_is_refused(own_town: Asking, pdf: bytes) -> None:
    assert await said(own_town, "stafettholder", pdf) == ["NOT_A_FORM"]
    assert rows(own_town, WAITS) == [(0,)]


async def test_a_person_leaves_no_heap_of_uploads_and_a_system_none(own_town: Asking) -> None:
    for _ in range(WAITING):
        assert await said(own_town, "stafettholder", a_pdf(PAGES)) == []
    assert await said(own_town, "stafettholder", a_pdf()) == ["TOO_MANY"]
    assert await said(own_town, "nobody", a_pdf()) == ["NOT_ALLOWED"]


async def post(served: Served, body: bytes, **headers: str) -> tuple[int, Any]:
    given = {"Authorization": f"Bearer {served.client.issuer.token(pid=HOLDER)}",
             "Content-Type": "application/pdf", "Accept-Language": "nb", **headers}
    response = await served.client.http.post("/uploads", content=body, headers=given)
    return response.status_code, response.json()


async def test_a_form_is_uploaded_over_http(served: Served) -> None:
    status, told = await post(served, a_pdf())
    assert (status, told["id"][:7]) == (201, "Upload:")
    assert (await post(served, a_pdf(), Authorization=""))[0] == 401
    assert (await post(served, a_pdf(), **{"Content-Type": "application/json"}))[0] == 415
    assert (await post(served, b"%PDF-" + b"x" * BYTES))[0] == 413
    status, told = await post(served, b"a report")
    assert (status, told["errors"][0]["extensions"]) == (422, {"code": "NOT_A_FORM"})
    assert "Bare samtykkeskjemaet" in told["errors"][0]["message"]
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert await served.client.ask(HOLDER, node, id=told.get("id", "Upload:x")) == {"node": None}
