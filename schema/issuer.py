"""Whose tokens the hub trusts, and with which keys: given, or fetched from the issuer and kept."""
import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from jose import jwk
from jose.backends.base import Key
from jose.exceptions import JOSEError

KEY_TYPES = {"RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "ES256": "EC", "ES384": "EC", "ES512": "EC"}
HERE = {("http", "127.0.0.1"), ("http", "::1"), ("http", "localhost")}
JWKS_MAX, DEADLINE = 262_144, 5  # bytes, seconds
RETRY, OLD = 60, 3_600  # seconds: one fetch a minute at most; a key that is withdrawn ends within the hour,
STALE = 86_400  # or within the day, where the issuer does not answer

log = logging.getLogger(__name__)
Keys = Mapping[str, tuple[str, Key]]  # kid → the one algorithm it serves, and the key


class Kind(StrEnum):
    """What an issuer's tokens stand for."""
    PERSON = "PERSON"  # ID-porten
    SYSTEM = "SYSTEM"  # Maskinporten


@dataclass(frozen=True)
class Issuer:
    """One whose tokens are trusted. Its keys are given (`jwks`, JSON) or fetched (`jwks_url`)."""
    issuer: str
    audience: str
    kind: Kind
    jwks: str | None = None
    jwks_url: str | None = None
    algorithms: tuple[str, ...] = ("RS256",)
    acr: frozenset[str] = frozenset({"idporten-loa-high"})  # accepted for persons
    signing_acr: frozenset[str] = frozenset({"idporten-loa-high"})  # of these, what a signature asks for
    claim: str = "pid"  # of persons: the one with the identity number
    scope: str = "stafettlogg:read"  # of systems: to ask
    write_scope: str = "stafettlogg:write"  # of systems: to create

    def __post_init__(self) -> None:
        """ValueError where it would trust too much, or nothing: found at start, not at the first sign-in."""
        if not (self.issuer and self.audience):
            raise ValueError("An issuer needs its name and our audience.")
        if not self.algorithms or not set(self.algorithms) <= set(KEY_TYPES):
            raise ValueError(f"An issuer's algorithms are of {', '.join(KEY_TYPES)}.")
        if (self.jwks is None) == (self.jwks_url is None):
            raise ValueError("An issuer's keys come either from jwks or from jwks_url.")
        if self.jwks_url is not None and not safe(self.jwks_url):
            raise ValueError("jwks_url must be https: who can change the keys on the way can be anybody.")
        if self.jwks is not None and not signing_keys(self.jwks, self.algorithms):
            raise ValueError("jwks holds no usable key.")


class KeyRing:
    """The keys of one issuer. `clock` gives seconds."""

    def __init__(self, issuer: Issuer, clock: Callable[[], float]) -> None:
        self.issuer, self.clock, self.lock = issuer, clock, asyncio.Lock()
        self.keys: Keys = signing_keys(issuer.jwks, issuer.algorithms) if issuer.jwks else {}
        self.tried = self.fetched = float("-inf")

    async def key(self, kid: str) -> tuple[str, Key] | None:
        """The key with its algorithm. One that is not known is looked for, at most once a minute."""
        enough = kid in self.keys and self.lock.locked()  # nobody waits for what they have
        if self.wanted(kid) and not enough:
            async with self.lock:
                if self.wanted(kid) and self.clock() - self.tried >= RETRY:
                    await self.refresh()
        return self.keys.get(kid)

    def wanted(self, kid: str) -> bool:
        given = self.issuer.jwks_url is None
        return not given and (kid not in self.keys or self.clock() - self.fetched >= OLD)

    async def refresh(self) -> None:
        """Fetches the keys; where that fails the old ones stay, for a day. No keys at all are a failure."""
        self.tried = self.clock()
        found: Keys = {}
        try:
            found = signing_keys(await fetched(str(self.issuer.jwks_url)), self.issuer.algorithms)
        except (httpx.HTTPError, OSError, ValueError) as error:
            log.warning("The keys of %s could not be fetched: %s", self.issuer.issuer, type(error).__name__)
        if found or self.tried - self.fetched >= STALE:
            self.keys = found
        if found:
            self.fetched = self.tried


async def fetched(url: str) -> bytes:
    """The body; ValueError where it is none or too large, TimeoutError where it takes too long."""
    found = b""
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}  # nothing to unpack: no bomb
    async with (asyncio.timeout(DEADLINE), httpx.AsyncClient() as client,
                client.stream("GET", url, headers=headers) as answer):
        if answer.status_code != 200:  # a redirect, too, which could lead anywhere
            raise ValueError("The keys are not there.")
        async for part in answer.aiter_raw():
            found += part
            if len(found) > JWKS_MAX:
                raise ValueError("The keys are too large.")
    return found


def signing_keys(jwks: str | bytes, algorithms: Collection[str]) -> Keys:
    """The keys by kid that can test a signature; one of no use is left out. ValueError: not JSON."""
    found = orjson.loads(jwks)
    entries = found.get("keys") if isinstance(found, dict) else None
    named = [e for e in entries or () if isinstance(e, dict) and isinstance(e.get("kid"), str)]
    usable = {entry["kid"]: signing_key(entry, algorithms) for entry in named}
    return {kid: key for kid, key in usable.items() if key}


def signing_key(entry: Mapping[str, Any], algorithms: Collection[str]) -> tuple[str, Key] | None:
    """One algorithm a key, its own or the first of ours that fits: no token chooses another."""
    fitting = [a for a in algorithms if KEY_TYPES[a] == entry.get("kty") and entry.get("alg", a) == a]
    if not fitting or entry.get("use", "sig") != "sig":
        return None
    try:
        return fitting[0], jwk.construct(dict(entry), fitting[0]).public_key()
    except (JOSEError, ArithmeticError, LookupError, TypeError, ValueError):
        return None


def safe(url: str) -> bool:
    """Encrypted, or on this very machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme, parts.hostname) in HERE
