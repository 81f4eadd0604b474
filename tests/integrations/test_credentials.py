"""What goes along with a call to show who we are: each way of it, as its table says."""
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from integrations.credentials import Credentialed, Credentials
from integrations.oauth import ClientKey, ClientSecret, Maskinporten, Tokens
from integrations.target import DeliveryError, DeliveryFault
from integrations.wire import Reply
from tests.support.edge import Call, Said, edge, told
from tests.support.organisation import holder

TOKEN = {"client": "hub", "token_url": "https://tokens.example.no/token"}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "an-invented-secret")
    monkeypatch.chdir(tmp_path)
    for name in ("mine", "other"):
        holder(tmp_path, name)


def shown(**settings: Any) -> Credentials:
    return Credentialed(**settings).credentials()


@pytest.mark.parametrize("settings, headers", [
    ({}, {}),
    ({"sign_in": "basic", "username": "hub", "password_env": "SECRET"},
     {"Authorization": "Basic aHViOmFuLWludmVudGVkLXNlY3JldA=="}),
    ({"sign_in": "apikey", "key_env": "SECRET", "key_header": "Ocp-Apim-Subscription-Key"},
     {"Ocp-Apim-Subscription-Key": "an-invented-secret"})])
def test_what_never_changes_stands_in_a_header(
        files: None, settings: dict[str, str], headers: dict[str, str]) -> None:
    made = shown(**settings)
    assert made.call(lambda given, _: Reply(200, given, b""), 1).headers == headers
    assert "secret" not in repr(made)


def grant(**settings: Any) -> Any:
    made = shown(**settings)
    assert made.tokens and not [held for held in ('secret"', "RSAPrivateKey") if held in repr(made)]
    return made.tokens.grant


def test_each_way_to_a_token_is_made_of_its_settings(files: None) -> None:
    by_secret = grant(sign_in="client_secret", client_secret_env="SECRET", scope="a", **TOKEN)
    assert isinstance(by_secret, ClientSecret)
    assert (by_secret.url, by_secret.client, by_secret.secret, by_secret.scope) == (
        TOKEN["token_url"], "hub", "an-invented-secret", "a")
    by_key = grant(
        sign_in="client_key", client_key_file="mine-key.pem", client_key_algorithm="RS256", **TOKEN)
    assert isinstance(by_key, ClientKey) and (by_key.algorithm, by_key.kid) == ("RS256", None)
    of_theirs = {"sign_in": "maskinporten", "client": "hub", "scope": "a", "client_key_file": "mine-key.pem"}
    with_id = grant(client_key_id="k", maskinporten="https://test.maskinporten.no", **of_theirs)
    assert isinstance(with_id, Maskinporten)
    assert (with_id.url, with_id.kid, with_id.certificate) == (
        "https://test.maskinporten.no/token", "k", None)
    assert grant(client_certificate_file="mine.pem", **of_theirs).certificate


@pytest.mark.parametrize("settings, told", [
    ({"sign_in": "client_secret", **TOKEN}, "client_secret: client_secret needs one"),
    ({"sign_in": "client_key", **TOKEN}, "client_key_file: client_key needs one"),
    ({"sign_in": "client_key", "username": "hub", **TOKEN}, "username: is of no use to sign_in client_key"),
    ({"sign_in": "maskinporten", "client": "x", "client_key_file": "mine-key.pem"}, "scope: maskinporten"),
    ({"sign_in": "maskinporten", "client": "x", "client_key_file": "mine-key.pem", "scope": "a"},
     "client_certificate_file: maskinporten needs one"),
    ({"sign_in": "maskinporten", "client": "x", "client_key_file": "mine-key.pem", "scope": "a",
      "client_certificate_file": "other.pem"}, "client_certificate_file: not of the key in client_key_file")])
def test_what_is_missing_or_too_much_is_told_by_its_setting(
        files: None, settings: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}"):
        shown(**settings)


def test_a_key_that_is_none_is_told_by_its_setting(files: None) -> None:
    with pytest.raises(ValidationError, match="client_key_file"):
        shown(sign_in="client_key", client_key_file="mine.pem", **TOKEN)


class Guarded:
    """A server that takes the newest token alone, and gives a new one to whoever asks."""

    def __init__(self) -> None:
        self.given, self.asked, self.lasting = 0, list[str](), True

    def answer(self, call: Call) -> Said:
        self.given += 1
        return told(200, {"access_token": f"token-{self.given}", "expires_in": 300})

    def ask(self, headers: Mapping[str, str], seconds: float) -> Reply:
        self.asked.append(headers["Authorization"])
        newest = headers["Authorization"] == f"Bearer token-{self.given}"
        return Reply(200 if newest and self.lasting else 401, {}, b"")


@pytest.fixture
def guarded() -> Iterator[tuple[Guarded, Credentials]]:
    server = Guarded()
    with edge(server.answer) as url:
        yield server, Credentials(tokens=Tokens(ClientSecret(f"{url}/token", "hub", "secret")))


def test_a_token_that_was_taken_back_is_asked_for_anew_once(guarded: tuple[Guarded, Credentials]) -> None:
    server, credentials = guarded
    assert [credentials.call(server.ask, 3).status for _ in range(2)] == [200, 200]
    assert server.asked == ["Bearer token-1"] * 2, "one serves for many calls"
    server.given = 7
    assert credentials.call(server.ask, 3).status == 200
    assert server.asked[2:] == ["Bearer token-1", "Bearer token-8"]
    server.lasting = False
    assert credentials.call(server.ask, 3).status == 401, "who refuses a fresh one refuses us"
    assert len(server.asked) == 6


def test_the_way_to_a_token_is_part_of_the_call_s_time() -> None:
    with edge(lambda _: Said(wait=0.5)) as url:
        credentials = Credentials(tokens=Tokens(ClientSecret(f"{url}/token", "hub", "secret")))
        with pytest.raises(DeliveryError) as late:
            credentials.call(lambda *_: Reply(200, {}, b""), 0.1)
    assert late.value.fault is DeliveryFault.RETRYABLE
