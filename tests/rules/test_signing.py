"""What proves a signature: who has just signed in at level high, and nobody else but in the demo."""
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db.rules.signing import FRESH, SKEW, SignIn, proof
from db.rules.words import SigningMethod
from tests.support.refusal import code

NOW, A_MOMENT = datetime(2026, 11, 22, 10, tzinfo=UTC), timedelta(microseconds=1)
SIGN_IN = SignIn("https://idporten.no", "a7f", NOW, high=True)
BANKID = SigningMethod.BANKID


def test_a_fresh_sign_in_at_level_high_is_the_proof() -> None:
    made = proof(BANKID, SIGN_IN, NOW, demo=False)
    assert (made.method, made.transaction, made.signed_in_at) == (BANKID, "https://idporten.no a7f", NOW)


@pytest.mark.parametrize("since, refusal", [
    (FRESH, None), (FRESH + A_MOMENT, "SIGN_IN_AGAIN"), (-SKEW, None), (-SKEW - A_MOMENT, "SIGN_IN_AGAIN")])
def test_a_sign_in_is_fresh_for_ten_minutes(since: timedelta, refusal: str | None) -> None:
    assert code(lambda: proof(BANKID, replace(SIGN_IN, at=NOW - since), NOW, demo=False)) == refusal


@pytest.mark.parametrize("demo", [False, True])
def test_a_token_that_tells_of_no_sign_in_at_level_high_proves_nothing(*, demo: bool) -> None:
    for sign_in in (None, replace(SIGN_IN, high=False)):
        assert code(lambda: proof(BANKID, sign_in, NOW, demo=demo)) == "SIGN_IN_AGAIN"  # noqa: B023


def test_the_demo_s_method_is_taken_in_the_demo_alone_and_each_has_its_own_reference() -> None:
    demo = SigningMethod.DEMO_BANKID
    assert proof(demo, None, NOW, demo=True).transaction != proof(demo, None, NOW, demo=True).transaction
    assert code(lambda: proof(demo, SIGN_IN, NOW, demo=False)) == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("demo", [False, True])
def test_nobody_says_of_themselves_that_they_signed_on_paper(*, demo: bool) -> None:
    assert code(lambda: proof(SigningMethod.PAPER, SIGN_IN, NOW, demo=demo)) == "METHOD_NOT_ALLOWED"
