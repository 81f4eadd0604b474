"""How the hub shows a system over plain HTTP who it is: by what never changes, or by a token."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal, TypeVar

from pydantic import ConfigDict

from integrations.keys import Certificates, Key
from integrations.oauth import Algorithm, ClientKey, ClientSecret, Grant, Maskinporten, Tokens
from integrations.settings import Https, SecretFile, Variable, secret
from integrations.sign_in import SignedIn
from integrations.wire import Reply

Way = Literal["none", "basic", "apikey", "client_secret", "client_key", "maskinporten"]
Value = TypeVar("Value")
Ask = Callable[[Mapping[str, str], float], Reply]  # headers, and seconds that are left


@dataclass(frozen=True)
class Credentials:
    """What goes along with every call."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    tokens: Tokens | None = None

    def call(self, ask: Ask, timeout: float) -> Reply:
        """One call; with what it takes to get a token, all within `timeout` seconds. A token that is refused
        before its time is asked for anew, once: its issuer may have taken it back. DeliveryError."""
        ends = monotonic() + timeout
        if self.tokens is None:
            return ask(self.headers, timeout)
        reply, token = self._by_token(self.tokens, ask, ends)
        if reply.status == 401:
            self.tokens.forget(token)
            reply, _ = self._by_token(self.tokens, ask, ends)
        return reply

    def _by_token(self, tokens: Tokens, ask: Ask, ends: float) -> tuple[Reply, str]:
        token = tokens.token(ends - monotonic())
        return ask({**self.headers, "Authorization": f"Bearer {token}"}, ends - monotonic()), token


class Credentialed(SignedIn):
    """The table of a system over plain HTTP: the ways of `SignedIn` that are HTTP's, and three by a token."""
    model_config = ConfigDict(arbitrary_types_allowed=True)
    sign_in: Way = "none"  # type: ignore[assignment]  # SOAP has two that there are not here
    client: str | None = None  # our id at whoever gives tokens
    client_secret_env: Variable | None = None
    client_secret_file: SecretFile | None = None
    client_key_file: Key | None = None  # PEM, RSA
    client_key_id: str | None = None
    client_key_algorithm: Algorithm = "RS384"
    client_certificate_file: Certificates | None = None  # of the key, where Maskinporten knows it by no id
    token_url: Https | None = None
    scope: str | None = None
    maskinporten: Https = "https://maskinporten.no/"

    def credentials(self) -> Credentials:
        """ValueError: what the way needs is not there, or there is more than it can use."""
        if self.sign_in in ("none", "basic", "apikey"):
            self._unused("client", "client_secret_env", "client_secret_file", "client_key_file", "token_url")
            return Credentials(self.who().headers())
        self._unused("username", "password_env", "password_file", "key_env", "key_file")
        return Credentials(tokens=Tokens(self._grant(), self.line()))

    def _grant(self) -> Grant:
        client = self._needed("client", self.client)
        if self.sign_in == "maskinporten":
            return self._maskinporten(client)
        url = self._needed("token_url", self.token_url)
        if self.sign_in == "client_secret":
            known = secret("client_secret", self.client_secret_env, self.client_secret_file)
            return ClientSecret(url, client, self._needed("client_secret", known), self.scope)
        key = self._needed("client_key_file", self.client_key_file)
        return ClientKey(url, client, key, self.client_key_id, self.scope, self.client_key_algorithm)

    def _maskinporten(self, client: str) -> Maskinporten:
        key = self._needed("client_key_file", self.client_key_file)
        scope, certificate = self._needed("scope", self.scope), None
        if self.client_key_id is None:
            certificate = self._needed("client_certificate_file", self.client_certificate_file)[0]
            if certificate.public_key() != key.public_key():
                raise ValueError("client_certificate_file: not of the key in client_key_file")
        issuer = self.maskinporten.rstrip("/") + "/"
        return Maskinporten(issuer, client, scope, key, self.client_key_id, certificate)

    def _needed(self, setting: str, value: Value | None) -> Value:
        if value is None:
            raise ValueError(f"{setting}: {self.sign_in} needs one")
        return value

    def _unused(self, *settings: str) -> None:
        for setting in settings:
            if getattr(self, setting) is not None:
                raise ValueError(f"{setting}: is of no use to sign_in {self.sign_in}")
