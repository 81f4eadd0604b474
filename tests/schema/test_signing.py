"""Signing: with a sign-in of one's own that confirms one form; what is kept of it, and who comes second."""
import asyncio
from datetime import timedelta
from typing import Any

import pytest

from db.rules.signing import SignIn
from tests.support.asking import NOW, Asking
from tests.support.changing import change, done, refused, rows, sent

SIGN_IN = SignIn("https://idporten.no", "a7f", NOW - timedelta(minutes=3), high=True)
KEPT = """select method, transaction, signed_in_at, signed_at, hash from consent_signature
  where 'Consent:' || consent_id = %s and signed_at is not null"""


def signing(consent: dict[str, Any]) -> dict[str, Any]:
    return {"consentId": consent["id"], "method": "BANKID", "hash": consent["texts"][0]["hash"]}


async def test_what_is_kept_is_who_when_what_and_where_to_look_it_up(own_town: Asking) -> None:
    consent = await sent(own_town)
    own_town.sign_in = SIGN_IN
    told = await done(own_town, "guardian1", "signConsent", **signing(consent))
    (mine,) = [s for s in told["consent"]["signatures"] if s["signedAt"]]
    assert (mine["person"]["name"], mine["method"], mine["hash"]) == (
        "Ada Nordmo", "BANKID", consent["texts"][0]["hash"])
    assert rows(own_town, KEPT, consent["id"]) == [
        ("BANKID", "https://idporten.no a7f", SIGN_IN.at, NOW, consent["texts"][0]["hash"])]


async def test_without_a_fresh_sign_in_nothing_is_signed(own_town: Asking) -> None:
    consent = await sent(own_town)
    for sign_in, later in ((None, 0), (SIGN_IN, 8)):
        own_town.sign_in, own_town.now = sign_in, NOW + timedelta(minutes=later)
        assert await refused(own_town, "guardian1", "signConsent", **signing(consent)) == [
            ("SIGN_IN_AGAIN", "method")]
    assert rows(own_town, KEPT, consent["id"]) == []


@pytest.mark.parametrize("part, again", [
    ("guardian1", SIGN_IN),  # the same token
    ("guardian1", SignIn("https://idporten.no", "b8", SIGN_IN.at, high=True)),  # another of the same sign-in
    ("guardian2", SIGN_IN)])
async def test_one_sign_in_confirms_one_form(own_town: Asking, part: str, again: SignIn) -> None:
    one, other = [await sent(own_town) for _ in range(2)]
    own_town.sign_in = SIGN_IN
    await done(own_town, "guardian1", "signConsent", **signing(one))
    own_town.sign_in = again
    assert await refused(own_town, part, "signConsent", **signing(other)) == [("SIGN_IN_USED", "method")]
    assert rows(own_town, KEPT, other["id"]) == []
    own_town.sign_in = SignIn("https://idporten.no", "c9", NOW, high=True)
    await done(own_town, part, "signConsent", **signing(other))


async def test_one_sign_in_confirms_one_form_of_many_at_once(own_town: Asking) -> None:
    forms = [await sent(own_town) for _ in range(4)]
    own_town.sign_in = SIGN_IN
    payloads = await asyncio.gather(*(
        change(own_town, "guardian1", "signConsent", **signing(form)) for form in forms))
    codes = sorted(tuple(error["code"] for error in payload["errors"]) for payload in payloads)
    assert codes == [(), *[("SIGN_IN_USED",)] * 3]


async def test_of_the_same_signer_twice_at_once_one_signs(own_town: Asking) -> None:
    consent = await sent(own_town)
    own_town.sign_in = SIGN_IN
    payloads = await asyncio.gather(*(
        change(own_town, "guardian1", "signConsent", **signing(consent)) for _ in range(4)))
    codes = sorted(tuple(error["code"] for error in payload["errors"]) for payload in payloads)
    assert codes == [(), *[("ALREADY_SIGNED",)] * 3]


async def test_of_two_who_sign_at_once_the_later_one_opens_it(own_town: Asking) -> None:
    consent = await sent(own_town)
    form = {**signing(consent), "method": "DEMO_BANKID"}
    payloads = await asyncio.gather(*(
        change(own_town, part, "signConsent", **form) for part in ("guardian1", "guardian2")))
    assert sorted(payload["consent"]["state"] for payload in payloads) == ["IN_FORCE", "SENT"]
    states = "select count(*) from consent where opened_at is not null and superseded_at is null"
    assert rows(own_town, states) == [(1,)]
