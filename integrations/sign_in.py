"""How the hub shows a system that speaks SOAP who it is: in HTTP's head, in the message, by a certificate."""
import base64
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from zeep.wsse.username import UsernameToken

from integrations.settings import Reached, SecretFile, Variable, secret
from integrations.wire import Line

Method = Literal["none", "basic", "username_token", "username_digest", "apikey"]


@dataclass(frozen=True)
class SignIn:
    """`secret`: the password, or the key, which stands in the header `key_header`. ValueError: what the
    method needs is not there, or can't be sent."""
    method: Method = "none"
    username: str | None = None
    secret: str | None = field(default=None, repr=False)
    key_header: str = "apikey"

    def __post_init__(self) -> None:
        if self.method == "none" and (self.username or self.secret):
            raise ValueError("sign_in: says none, yet there is who and what to sign in with")
        if self.method not in ("none", "apikey") and not self.username:
            raise ValueError(f"username: {self.method} needs one")
        if self.method == "basic" and ":" in (self.username or ""):
            raise ValueError("username: can't have a colon with basic")
        if self.method != "none" and not self.secret:
            raise ValueError(f"{'key' if self.method == 'apikey' else 'password'}: {self.method} needs one")
        if self.method == "apikey":
            self._fits_a_header()

    def _fits_a_header(self) -> None:
        """RFC 9110 §5.1 and §5.5."""
        if not re.fullmatch(r"[\x21-\x7e]+", self.secret or ""):
            raise ValueError("key: can't stand in a header")
        if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", self.key_header):
            raise ValueError("key_header: can't be the name of a header")

    def headers(self) -> Mapping[str, str]:
        """Of HTTP: Basic (RFC 7617 §2), or the key."""
        match self.method:
            case "basic":
                pair = f"{self.username}:{self.secret}".encode()
                return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
            case "apikey":
                return {self.key_header: self.secret or ""}
            case _:
                return {}

    def token(self) -> Any:
        """Of the message: WS-Security UsernameToken (profile 1.1 §3), the password as text or digest."""
        if not self.method.startswith("username_"):
            return None
        return UsernameToken(  # type: ignore[no-untyped-call]
            self.username, self.secret, use_digest=self.method == "username_digest", zulu_timestamp=True)


class SignedIn(Reached):
    """The table of a system that asks who we are. A certificate may come on top of any other way."""
    sign_in: Method = "none"
    username: str | None = None
    password_env: Variable | None = None  # the variable that holds the password
    password_file: SecretFile | None = None
    key_env: Variable | None = None  # for apikey
    key_file: SecretFile | None = None
    key_header: str = "apikey"
    certificate_file: Path | None = None  # PEM
    certificate_key_file: Path | None = None  # where the key doesn't stand with its certificate

    def who(self) -> SignIn:
        """ValueError: a secret that is missing, or one too many."""
        password = secret("password", self.password_env, self.password_file)
        key = secret("key", self.key_env, self.key_file)
        asked, other = (key, "password") if self.sign_in == "apikey" else (password, "key")
        if {"password": password, "key": key}[other]:
            raise ValueError(f"{other}: is of no use to sign_in {self.sign_in}")
        return SignIn(self.sign_in, self.username, asked, self.key_header)

    def line(self) -> Line:
        """ValueError: a certificate that can't be used."""
        return Line(self.networks, self._tls())

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.certificate_file is None:
            if self.certificate_key_file:
                raise ValueError("certificate_key_file: is of no use without certificate_file")
            return context
        try:
            # Without a password of its own an encrypted key would ask for one at the terminal.
            context.load_cert_chain(self.certificate_file, self.certificate_key_file, password="")
        except (OSError, ValueError):
            raise ValueError(
                "certificate_file: can't be used, with its key, which must not be encrypted") from None
        return context
