"""Whoever holds a form or a PDF of it can check it, and nobody learns more by it."""
from hashlib import sha256
from typing import Any

import pytest

from db.seeds.parts import build
from resolvers import document
from resolvers.context import Context
from tests.support.asking import NOW, SEAL, Asking
from tests.support.changing import done, rows
from tests.support.papers import a_pdf, uploaded

ASK = """query($hash: String!) { verifyConsent(hash: $hash) {
  kind state openedAt endsAt signatures { method count } } }"""


async def verified(town: Asking, part: str, digest: str) -> Any:
    return (await town.told(part, ASK, hash=digest))["verifyConsent"]


def kept(town: Asking) -> str:
    """The hash of the form in force."""
    ((digest,),) = rows(town, "select hash from consent_text where consent_id = %s", town.town.consent)
    return str(digest)


@pytest.mark.parametrize("part", ["guardian1", "nurse", "stranger", "nobody"])
async def test_who_holds_a_form_learns_how_it_stands_and_no_more(own_town: Asking, part: str) -> None:
    digest = kept(own_town)
    told = await verified(own_town, part, digest.upper())
    assert {name: told[name] for name in ("kind", "state", "signatures")} == {
        "kind": "FORM", "state": "IN_FORCE", "signatures": [{"method": "DEMO_BANKID", "count": 2}]}
    assert told["openedAt"] < NOW.isoformat() < told["endsAt"]
    await done(own_town, "guardian2", "withdrawConsent", consentId=f"Consent:{own_town.town.consent}")
    told = await verified(own_town, part, digest)
    assert (told["state"], told["endsAt"]) == ("WITHDRAWN", NOW.isoformat())


async def test_the_pdfs_beside_a_form_can_be_checked_too(own_town: Asking) -> None:
    pdf, consent = a_pdf(), f"Consent:{own_town.town.consent}"
    form = await document.signed_form(Context(own_town.hub, own_town.viewer("nurse"), NOW, "en"), consent)
    made = (await done(own_town, "stafettholder", "renewConsent", consentId=consent))["consent"]
    await done(own_town, "stafettholder", "sendConsent", consentId=made["id"])
    upload = await uploaded(own_town, pdf=pdf)
    assert await verified(own_town, "stranger", sha256(pdf).hexdigest()) is None, "nothing names it yet"
    await done(own_town, "stafettholder", "signConsentOnPaper", consentId=made["id"], paper=upload,
               personId=f"Person:{own_town.town.persons['guardian1']}", hash=made["texts"][0]["hash"],
               signedOn=str(NOW.date()))
    told = await verified(own_town, "stranger", sha256(form).hexdigest())
    assert (told["kind"], told["state"]) == ("SIGNED_FORM", "IN_FORCE")
    told = await verified(own_town, "stranger", sha256(pdf).hexdigest())
    assert (told["kind"], told["state"], told["openedAt"], told["signatures"]) == (
        "PAPER", "SENT", None, [{"method": "PAPER", "count": 1}])


async def test_what_is_unknown_a_draft_or_next_door_is_nothing(own_town: Asking) -> None:
    draft = (await done(own_town, "stafettholder", "renewConsent",
                        consentId=f"Consent:{own_town.town.consent}"))["consent"]
    home = own_town.town
    own_town.town = await build(own_town.writer, SEAL, NOW, number=2)
    next_door = kept(own_town)
    own_town.town = home
    for digest in (draft["texts"][0]["hash"], next_door, "0" * 64, "", "x\0", "%", kept(own_town)[:-1]):
        assert await verified(own_town, "stafettholder", digest) is None
