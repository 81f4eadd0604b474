"""How the hub shows an archive who it is."""
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from zeep.wsse.username import UsernameToken

Method = Literal["none", "basic", "username_token", "apikey"]


@dataclass(frozen=True)
class SignIn:
    """`secret`: the password, or the key. ValueError: what the method needs is not there."""
    method: Method = "none"
    username: str | None = None
    secret: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.method == "none" and (self.username or self.secret):
            raise ValueError("sign_in: says none, yet there is who and what to sign in with")
        if self.method in ("basic", "username_token") and not self.username:
            raise ValueError(f"username: {self.method} needs one")
        if self.method != "none" and not self.secret:
            raise ValueError(f"{'key' if self.method == 'apikey' else 'password'}: {self.method} needs one")
        if self.method == "apikey" and not (self.secret or "").isascii():
            raise ValueError("key: can't stand in a header")

    def headers(self) -> Mapping[str, str]:
        """Of HTTP: Basic (RFC 7617 §2), or the key."""
        match self.method:
            case "basic":
                pair = f"{self.username}:{self.secret}".encode()
                return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
            case "apikey":
                return {"apikey": self.secret or ""}
            case _:
                return {}

    def token(self) -> Any:
        """Of the message: WS-Security UsernameToken with PasswordText."""
        if self.method != "username_token":
            return None
        return UsernameToken(self.username, self.secret)  # type: ignore[no-untyped-call]
