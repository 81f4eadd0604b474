"""Who the hub is, as a system that speaks SOAP is told; and what is refused before anything is sent."""
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from lxml import etree

from integrations.sign_in import Method, SignedIn, SignIn
from tests.support.tls import certificate


@pytest.mark.parametrize("sign_in, told", [
    (SignIn("basic", "hub", "hemmelig"), {"Authorization": "Basic aHViOmhlbW1lbGln"}),
    (SignIn("apikey", None, "hemmelig"), {"apikey": "hemmelig"}),
    (SignIn("apikey", None, "hemmelig", "X-API-Key"), {"X-API-Key": "hemmelig"}),
    (SignIn("username_token", "hub", "hemmelig"), {}),
    (SignIn(), {}),
])
def test_what_stands_in_the_head(sign_in: SignIn, told: dict[str, str]) -> None:
    assert sign_in.headers() == told


def test_a_digest_says_the_password_to_none_who_does_not_know_it() -> None:
    first, second = (etree.tostring(SignIn("username_digest", "hub", "hemmelig").token().apply(
        etree.Element("{http://schemas.xmlsoap.org/soap/envelope/}Envelope"), {})[0]) for _ in range(2))
    assert b"#PasswordDigest" in first
    assert b"hemmelig" not in first
    assert first != second


@pytest.mark.parametrize("sign_in, told", [
    (("basic", None, "s"), "username: basic needs one"),
    (("basic", "a:b", "s"), "username: can't have a colon with basic"),
    (("username_token", "hub", None), "password: username_token needs one"),
    (("apikey", None, None), "key: apikey needs one"),
    (("apikey", None, "nøkkel"), "key: can't stand in a header"),
    (("apikey", None, "a\r\nb"), "key: can't stand in a header"),
    (("apikey", None, "s", "api key"), "key_header: can't be the name of a header"),
    (("none", "hub", None), "sign_in: says none"),
])
def test_a_sign_in_that_lacks_something_says_what(
        sign_in: tuple[Method, str | None, str | None], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        SignIn(*sign_in)


def test_no_secret_shows_in_a_trace() -> None:
    assert "hemmelig" not in repr(SignIn("basic", "hub", "hemmelig"))


def test_a_secret_that_the_way_has_no_use_for_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hemmelig")
    with pytest.raises(ValueError, match="key: is of no use to sign_in basic"):
        SignedIn(sign_in="basic", username="hub", password_env="SECRET", key_env="SECRET").who()
    with pytest.raises(ValueError, match="password: is of no use to sign_in apikey"):
        SignedIn(sign_in="apikey", password_env="SECRET", key_env="SECRET").who()


def test_a_certificate_that_can_not_be_used_is_a_fault_and_asks_nobody(tmp_path: Path) -> None:
    pem, locked = certificate(tmp_path), tmp_path / "locked.pem"
    locked.write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hemmelig")))
    assert isinstance(SignedIn(certificate_file=pem).line().tls, ssl.SSLContext)
    for key in (locked, tmp_path / "gone"):
        with pytest.raises(ValueError, match="certificate_file: can't be used"):
            SignedIn(certificate_file=pem, certificate_key_file=key).line()
    with pytest.raises(ValueError, match="certificate_key_file: is of no use"):
        SignedIn(certificate_key_file=pem).line()
