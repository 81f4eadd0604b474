"""Who asks: a bearer token of ID-porten or Maskinporten becomes a viewer, or is refused in one word."""
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from jose import jwt
from jose.backends.base import Key
from jose.exceptions import JWTClaimsError, JWTError

from db.rules.signing import SignIn
from resolvers.context import Client, Viewer
from schema.issuer import Issuer, KeyRing, Kind

TOKEN_MAX = 8_192  # characters; ID-porten's have about 1,500
LEEWAY = 30  # seconds by which clocks may differ
KEPT = 10_000  # viewers
KEY_MAX = 200  # characters; ID-porten's `jti` has 43


class Reason(StrEnum):
    """Why a token is refused. Tells the client's maker what to mend, and nothing of anybody."""
    MISSING = "MISSING"
    MALFORMED = "MALFORMED"
    ISSUER = "ISSUER"
    ALGORITHM = "ALGORITHM"
    KEY = "KEY"
    SIGNATURE = "SIGNATURE"
    CLAIMS = "CLAIMS"  # audience, or a claim that is missing or of another form
    EXPIRED = "EXPIRED"
    NOT_YET = "NOT_YET"
    ASSURANCE = "ASSURANCE"
    SCOPE = "SCOPE"  # of a system: it has none that this hub asks for
    IDENTITY = "IDENTITY"
    UNKNOWN = "UNKNOWN"  # nobody with this identity in this municipality
    UNAVAILABLE = "UNAVAILABLE"  # none of the issuer's keys could be had: no fault of the token


class Unauthenticated(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Identity:
    """Whom a valid token names; `number` is never printed."""
    kind: Kind
    number: str = field(repr=False)  # a person's identity number, a system's organisation number
    sign_in: SignIn | None = None
    client: Client | None = None  # of a system


Find = Callable[[Identity, str | None], Awaitable[Viewer | None]]


class Login:
    """Bearer tokens to viewers. Keeps a viewer for a minute by the token's hash, never the token.

    `find` gives the viewer that an identity is in a municipality (its number; None where the request names
    none), or None; `clock` seconds since 1970; `max_age` is in seconds."""

    def __init__(self, issuers: Iterable[Issuer], find: Find, clock: Callable[[], float] = time.time,
                 max_age: float = 60) -> None:
        self.rings = {issuer.issuer: KeyRing(issuer, clock) for issuer in issuers}
        self.find, self.clock, self.max_age = find, clock, max_age
        self.kept: OrderedDict[tuple[bytes, str | None], tuple[Viewer, float]] = OrderedDict()

    async def viewer(self, authorization: str | None, municipality: str | None) -> Viewer:
        """The viewer that the header Authorization stands for; Unauthenticated where it stands for none."""
        if authorization is None:
            raise Unauthenticated(Reason.MISSING)
        key = (sha256(authorization.encode("utf-8", "replace")).digest(), municipality)
        kept = self.kept.get(key)
        if kept is not None and self.clock() < kept[1]:
            self.kept.move_to_end(key)
            return kept[0]
        identity, expires = await self.identity(bearer(authorization))
        viewer = await self.find(identity, municipality)
        if viewer is None:
            raise Unauthenticated(Reason.UNKNOWN)
        viewer = replace(viewer, sign_in=identity.sign_in, client=identity.client)
        self.kept[key] = (viewer, min(expires, self.clock() + self.max_age))
        self.kept.move_to_end(key)
        if len(self.kept) > KEPT:
            self.kept.popitem(last=False)
        return viewer

    async def identity(self, token: str) -> tuple[Identity, float]:
        """Whom the token names, and until when."""
        kid, algorithm, named = unverified(token)
        ring = self.rings.get(named)
        if ring is None:
            raise Unauthenticated(Reason.ISSUER)
        found = await ring.key(kid)
        if found is None:
            raise Unauthenticated(Reason.KEY if ring.keys else Reason.UNAVAILABLE)
        if algorithm != found[0]:
            raise Unauthenticated(Reason.ALGORITHM)
        claims = verified(token, *found, ring.issuer)
        expires = lasting(claims, self.clock())
        read = person if ring.issuer.kind is Kind.PERSON else system
        return read(claims, ring.issuer), expires


def bearer(authorization: str) -> str:
    """The token of the header, signed and so in three parts; in five it would be encrypted (JWE)."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or len(token) > TOKEN_MAX or token.count(".") != 2:
        raise Unauthenticated(Reason.MALFORMED)
    return token


def unverified(token: str) -> tuple[str, str, str]:
    """What the token says of itself, which decides only what it is tested with: kid, algorithm and issuer."""
    try:
        header, claims = jwt.get_unverified_header(token), jwt.get_unverified_claims(token)
    except (JWTError, RecursionError):
        raise Unauthenticated(Reason.MALFORMED) from None
    kid, algorithm, issuer = header.get("kid"), header.get("alg"), claims.get("iss")
    if "crit" in header or not (isinstance(algorithm, str) and isinstance(issuer, str)):
        raise Unauthenticated(Reason.MALFORMED)  # RFC 7515 §4.1.11: `crit` must be understood; jose skips it
    if not isinstance(kid, str):
        raise Unauthenticated(Reason.KEY)
    return kid, algorithm, issuer


def verified(token: str, algorithm: str, key: Key, issuer: Issuer) -> Mapping[str, Any]:
    """The claims, once signature, issuer and audience hold. Times come after: jose has its own clock."""
    timeless = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    try:
        claims = jwt.decode(token, key, [algorithm], timeless, issuer.audience, issuer.issuer)
    except JWTClaimsError:
        raise Unauthenticated(Reason.CLAIMS) from None
    except JWTError:
        raise Unauthenticated(Reason.SIGNATURE) from None
    if "aud" not in claims:  # which jose lets pass
        raise Unauthenticated(Reason.CLAIMS)
    return claims


def lasting(claims: Mapping[str, Any], now: float) -> float:
    """When the token ends; it must have begun."""
    times = {name: claims[name] for name in ("exp", "nbf", "iat") if claims.get(name) is not None}
    if "exp" not in times or not all(type(t) in (int, float) and 0 <= t < 1e11 for t in times.values()):
        raise Unauthenticated(Reason.CLAIMS)
    expires = float(times.pop("exp")) + LEEWAY
    if now >= expires:
        raise Unauthenticated(Reason.EXPIRED)
    if any(t > now + LEEWAY for t in times.values()):
        raise Unauthenticated(Reason.NOT_YET)
    return expires


def person(claims: Mapping[str, Any], issuer: Issuer) -> Identity:
    if str(claims.get("acr")) not in issuer.acr:
        raise Unauthenticated(Reason.ASSURANCE)
    number = claims.get(issuer.claim)
    if not (isinstance(number, str) and len(number) == 11 and number.isascii() and number.isdigit()):
        raise Unauthenticated(Reason.IDENTITY)
    return Identity(Kind.PERSON, number, sign_in(claims, issuer))


def sign_in(claims: Mapping[str, Any], issuer: Issuer) -> SignIn | None:
    """The sign-in behind a person's token (RFC 9068 §2.2); None where the token does not tell of it."""
    at, key = claims.get("auth_time"), str(claims.get("jti") or claims.get("sid") or "")
    if not (isinstance(at, int) and 0 <= at < 1e11 and 0 < len(key) <= KEY_MAX and key.isprintable()):
        return None
    high = str(claims.get("acr")) in issuer.signing_acr
    return SignIn(issuer.issuer, key, datetime.fromtimestamp(at, UTC), high)


def system(claims: Mapping[str, Any], issuer: Issuer) -> Identity:
    """Maskinporten's `consumer` is the organisation in whose name is asked, also where a supplier asks."""
    number = organisation(claims.get("consumer"))
    if number is None:
        raise Unauthenticated(Reason.IDENTITY)
    scopes = str(claims.get("scope") or "").split()
    asks, creates = issuer.scope in scopes, issuer.write_scope in scopes
    if not (asks or creates):
        raise Unauthenticated(Reason.SCOPE)
    client = Client(number, organisation(claims.get("supplier")), asks, creates)
    return Identity(Kind.SYSTEM, number, client=client)


def organisation(claim: Any) -> str | None:
    """The organisation number in a claim of Maskinporten's (ISO 6523); None where it has none."""
    known = claim.get("ID") if isinstance(claim, dict) else None
    register, _, number = str(known).partition(":")
    fits = register == "0192" and len(number) == 9 and number.isascii() and number.isdigit()
    return number if fits else None
