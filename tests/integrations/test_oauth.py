"""Tokens: how we are known at each kind of token endpoint, how long one is kept, and what is refused."""
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jose import jwt

from integrations.oauth import ClientKey, ClientSecret, Maskinporten, Tokens
from integrations.target import DeliveryError, DeliveryFault
from tests.support.edge import Call, Said, edge, told
from tests.support.organisation import Holder, holder

SECRET = "sec:ret/æ"
GIVEN: dict[str, Any] = {"access_token": "a-token", "token_type": "Bearer", "expires_in": 300}


class Issuer:
    """A token endpoint that says what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.url, self.calls, self.says = "", list[Call](), told(200, GIVEN)

    def answer(self, call: Call) -> Said:
        self.calls.append(call)
        return self.says

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.calls[-1].body.decode(), strict_parsing=True))


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    with edge(made.answer) as made.url:
        yield made


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Holder:
    return holder(tmp_path_factory.mktemp("ours"), "ours")


def claims(signed: str, ours: Holder, algorithm: str, audience: str) -> dict[str, Any]:
    public = ours.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return jwt.decode(signed, public, algorithm, audience=audience)


def test_a_client_with_a_secret_signs_in_as_the_standard_says(issuer: Issuer) -> None:
    grant = ClientSecret(f"{issuer.url}/token", "the hub", SECRET, "system/Flag.write")
    assert Tokens(grant).token(3) == "a-token"
    assert issuer.form() == {"grant_type": "client_credentials", "scope": "system/Flag.write"}
    scheme, _, pair = issuer.calls[0].headers["authorization"].partition(" ")
    assert (scheme, [unquote(half) for half in b64decode(pair).decode().split(":")]) == (
        "Basic", ["the hub", SECRET])
    assert SECRET not in repr(grant)


def test_a_client_with_a_key_signs_what_it_asks(issuer: Issuer, ours: Holder) -> None:
    grant = ClientKey(f"{issuer.url}/token", "hub", ours.key, "key-1", "system/Flag.write")
    assert Tokens(grant).token(3) == "a-token"
    form = issuer.form()
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert jwt.get_unverified_header(form["client_assertion"])["kid"] == "key-1"
    said = claims(form["client_assertion"], ours, "RS384", grant.url)
    assert (said["iss"], said["sub"]) == ("hub", "hub")
    assert said["jti"] and said["exp"] - said["iat"] <= 300


def test_a_client_of_maskinporten_shows_its_key_s_id_or_its_certificate(issuer: Issuer, ours: Holder) -> None:
    for kid in ("key-1", None):
        grant = Maskinporten(f"{issuer.url}/", "hub", "a:scope", ours.key, kid, ours.certificate)
        Tokens(grant).token(3)
        form = issuer.form()
        head = jwt.get_unverified_header(form["assertion"])
        assert (head.get("kid"), "x5c" in head) == (kid, kid is None)
        said = claims(form["assertion"], ours, "RS256", f"{issuer.url}/")
        assert (said["iss"], said["scope"], "sub" in said) == ("hub", "a:scope", False)


@pytest.mark.parametrize("lasts, asked", [(300, 1), ("300", 1), (19, 2)])
def test_a_token_is_kept_while_it_is_good_for_some_time_yet(
        issuer: Issuer, lasts: float | str, asked: int) -> None:
    issuer.says = told(200, {**GIVEN, "expires_in": lasts})
    tokens = Tokens(ClientSecret(f"{issuer.url}/token", "hub", SECRET))
    assert [tokens.token(3), tokens.token(3)] == ["a-token"] * 2
    assert len(issuer.calls) == asked


def test_a_token_that_is_refused_is_not_shown_again(issuer: Issuer) -> None:
    tokens = Tokens(ClientSecret(f"{issuer.url}/token", "hub", SECRET))
    tokens.forget(tokens.token(3))
    tokens.forget("another")
    issuer.says = told(200, {**GIVEN, "access_token": "a-new-one"})
    assert [tokens.token(3), tokens.token(3), len(issuer.calls)] == ["a-new-one", "a-new-one", 2]


@pytest.mark.parametrize("says, fault", [
    (told(400, {"error": "invalid_client"}), DeliveryFault.AUTH),
    (Said(401), DeliveryFault.AUTH),
    (Said(503, b"<html>"), DeliveryFault.RETRYABLE),
    (Said(200, b"<html>"), DeliveryFault.RETRYABLE),
    (Said(200, b"[" * 100_000), DeliveryFault.RETRYABLE),
    (told(200, {"access_token": "x"}), DeliveryFault.RETRYABLE),
    (told(200, {**GIVEN, "access_token": "a\r\nb"}), DeliveryFault.RETRYABLE),
    (told(200, []), DeliveryFault.RETRYABLE)])
def test_what_is_no_token_has_its_kind_and_says_who_said_it(
        issuer: Issuer, says: Said, fault: DeliveryFault) -> None:
    issuer.says = says
    with pytest.raises(DeliveryError) as caught:
        Tokens(ClientSecret(f"{issuer.url}/token", "hub", SECRET)).token(3)
    assert caught.value.fault is fault
    assert caught.value.message.startswith("the token server: ")
