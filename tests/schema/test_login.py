"""Only a token that ID-porten or Maskinporten signed for us, now, for somebody we know, makes a viewer."""
import asyncio
import base64
import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, strategies as st
from jose import jwe, jwt

from db.rules.signing import SignIn
from resolvers.context import Client
from schema.demo_issuer import PERSONS, SYSTEMS
from schema.issuer import Issuer, Kind
from schema.login import KEPT, LEEWAY, Identity, Login, Reason, Unauthenticated
from tests.support.tokens import (
    NOW,
    ORGANISATION,
    PID,
    STRANGER,
    SYSTEM,
    TEACHER,
    Clock,
    Town,
    claims,
    demo,
    public,
    signed,
    unsigned,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def login(town: Town, clock: Clock) -> Login:
    return Login(demo().issuers(), town.find, clock)


async def reason(login: Login, token: str, municipality: str | None = None) -> Reason:
    with pytest.raises(Unauthenticated) as refusal:
        await login.viewer(f"Bearer {token}", municipality)
    return refusal.value.reason


async def test_a_person_of_idporten_is_a_viewer(login: Login, town: Town) -> None:
    assert await login.viewer(f"Bearer {signed(claims())}", "4204") == TEACHER
    assert town.asked == [(Identity(Kind.PERSON, PID), "4204")]


HOUR_AGO = datetime.fromtimestamp(NOW - 3_600, UTC)


@pytest.mark.parametrize("told, known", [
    ({"auth_time": NOW - 3_600, "jti": "a7f"}, SignIn(PERSONS, "a7f", HOUR_AGO, high=True)),
    ({"auth_time": NOW - 3_600, "sid": "b8"}, SignIn(PERSONS, "b8", HOUR_AGO, high=True)),
    ({"auth_time": NOW - 3_600}, None), ({"jti": "a7f"}, None), ({"auth_time": "1", "jti": "a7f"}, None),
    ({"auth_time": -1, "jti": "a7f"}, None), ({"auth_time": 1e300, "jti": "a7f"}, None),
    ({"auth_time": NOW, "jti": "a" * 201}, None), ({"auth_time": NOW, "jti": "a\n"}, None)])
async def test_a_viewer_knows_the_sign_in_behind_the_token(
        login: Login, told: dict[str, Any], known: SignIn | None) -> None:
    viewer = await login.viewer(f"Bearer {signed(claims(**told))}", None)
    assert viewer == replace(TEACHER, sign_in=known)


async def test_a_level_that_suffices_to_read_need_not_suffice_to_sign(town: Town, clock: Clock) -> None:
    persons = replace(demo().issuers()[0], acr=frozenset({"idporten-loa-high", "idporten-loa-substantial"}))
    told = claims(acr="idporten-loa-substantial", auth_time=NOW, jti="a7f")
    viewer = await Login([persons], town.find, clock).viewer(f"Bearer {signed(told)}", None)
    assert viewer.sign_in is not None and not viewer.sign_in.high


async def test_a_system_has_signed_in_nowhere(login: Login) -> None:
    assert (await login.viewer(f"Bearer {of_system(auth_time=NOW, jti='a7f')}", None)).sign_in is None


def of_system(**other: Any) -> str:
    consumer = {"authority": "iso6523-actorid-upis", "ID": f"0192:{ORGANISATION}"}
    scope = "other stafettlogg:read"
    given = {"iss": SYSTEMS, "pid": None, "acr": None, "consumer": consumer, "scope": scope}
    return signed(claims(**{**given, **other}))


@pytest.mark.parametrize("scope, asks, creates", [
    ("other stafettlogg:read", True, False), ("stafettlogg:write", False, True),
    ("stafettlogg:write stafettlogg:read", True, True)])
async def test_a_system_of_maskinporten_with_one_of_the_hub_s_scopes_is_a_viewer(
        login: Login, town: Town, scope: str, asks: bool, creates: bool) -> None:
    client = Client(ORGANISATION, None, asks, creates)
    viewer = await login.viewer(f"bearer {of_system(scope=scope)}", None)
    assert viewer == replace(SYSTEM, client=client)
    assert town.asked == [(Identity(Kind.SYSTEM, ORGANISATION, client=client), None)]


@pytest.mark.parametrize("claim, known", [
    ({"authority": "iso6523-actorid-upis", "ID": "0192:313000002"}, "313000002"),
    ({"ID": "0193:313000002"}, None), ({"ID": "0192:x"}, None), ("0192:313000002", None)])
async def test_who_asks_for_another_organisation_is_known_where_the_token_tells(
        login: Login, claim: Any, known: str | None) -> None:
    viewer = await login.viewer(f"Bearer {of_system(supplier=claim)}", None)
    assert viewer.client == Client(ORGANISATION, known, asks=True)


REFUSED: dict[str, tuple[Reason, Callable[[], str]]] = {
    "nothing": (Reason.MALFORMED, lambda: ""),
    "garbage": (Reason.MALFORMED, lambda: "a.b.c"),
    "not ASCII": (Reason.MALFORMED, lambda: "å.æ.ø"),
    "a header that is no object": (Reason.MALFORMED, lambda: unsigned([], claims())),  # type: ignore[arg-type]
    "claims that are no object": (Reason.MALFORMED, lambda: unsigned({"alg": "RS256", "kid": "x"}, [])),  # type: ignore[arg-type]
    "braces in braces": (Reason.MALFORMED, lambda: ".".join([
        unsigned({"alg": "RS256", "kid": "x"}, {}).split(".")[0],
        base64.urlsafe_b64encode(b"[" * 5_000).decode().rstrip("="), "eHh4"])),
    "20 kB": (Reason.MALFORMED, lambda: signed(claims(more="x" * 15_000))),
    "encrypted": (Reason.MALFORMED, lambda: jwe.encrypt(
        json.dumps(claims()), public(), "A256GCM", "RSA-OAEP-256", kid=demo().kid).decode()),
    "a critical header": (Reason.MALFORMED, lambda: signed(claims(), crit=["b64"], b64=False)),
    "alg none": (Reason.ALGORITHM, lambda: unsigned({"alg": "none", "kid": demo().kid}, claims())),
    "alg None": (Reason.ALGORITHM, lambda: unsigned({"alg": "None", "kid": demo().kid}, claims())),
    "no alg": (Reason.MALFORMED, lambda: unsigned({"kid": demo().kid}, claims())),
    "another RSA algorithm": (Reason.ALGORITHM, lambda: jwt.encode(
        claims(), demo().key.decode(), "RS512", {"kid": demo().kid})),
    "a secret of its own": (Reason.ALGORITHM, lambda: jwt.encode(
        claims(), "secret", "HS256", {"kid": demo().kid})),
    "no kid": (Reason.KEY, lambda: signed(claims(), kid=None)),
    "a kid that is no text": (Reason.KEY, lambda: signed(claims(), kid=["x"])),
    "an unknown kid": (Reason.KEY, lambda: signed(claims(), kid="unknown")),
    "another's key under our kid": (Reason.SIGNATURE, lambda: signed(claims(), demo(1), kid=demo().kid)),
    "another's key": (Reason.KEY, lambda: signed(claims(), demo(1))),
    "no signature": (Reason.SIGNATURE, lambda: unsigned({"alg": "RS256", "kid": demo().kid}, claims())),
    "changed claims": (Reason.SIGNATURE, lambda: ".".join([
        *unsigned({"alg": "RS256", "kid": demo().kid}, claims(pid=STRANGER)).split(".")[:2],
        signed(claims()).split(".")[2]])),
    "another issuer": (Reason.ISSUER, lambda: signed(claims(iss="https://elsewhere.invalid"))),
    "no issuer": (Reason.MALFORMED, lambda: signed(claims(iss=None))),
    "another audience": (Reason.CLAIMS, lambda: signed(claims(aud="another"))),
    "no audience": (Reason.CLAIMS, lambda: signed(claims(aud=None))),
    "an audience that is no text": (Reason.CLAIMS, lambda: signed(claims(aud={"hub": 1}))),
    "no end": (Reason.CLAIMS, lambda: signed(claims(exp=None))),
    "an end in words": (Reason.CLAIMS, lambda: signed(claims(exp=str(NOW + 600)))),
    "an end that is true": (Reason.CLAIMS, lambda: signed(claims(exp=True))),
    "no end ever": (Reason.CLAIMS, lambda: signed(claims(exp=float("inf")))),
    "an end that is no number": (Reason.CLAIMS, lambda: signed(claims(exp=float("nan")))),
    "expired": (Reason.EXPIRED, lambda: signed(claims(exp=NOW - LEEWAY))),
    "not before later": (Reason.NOT_YET, lambda: signed(claims(nbf=NOW + LEEWAY + 1))),
    "issued later": (Reason.NOT_YET, lambda: signed(claims(iat=NOW + LEEWAY + 1))),
    "a lower level": (Reason.ASSURANCE, lambda: signed(claims(acr="idporten-loa-substantial"))),
    "no level": (Reason.ASSURANCE, lambda: signed(claims(acr=None))),
    "levels in a list": (Reason.ASSURANCE, lambda: signed(claims(acr=["idporten-loa-high"]))),
    "no identity number": (Reason.IDENTITY, lambda: signed(claims(pid=None))),
    "an identity number of other digits": (Reason.IDENTITY, lambda: signed(claims(pid="١٣٠٩٧٢٤٨٠٢٢"))),
    "an identity number that is a number": (Reason.IDENTITY, lambda: signed(claims(pid=13097248022))),
    "a system's organisation at the persons' issuer": (Reason.ASSURANCE, lambda: signed(
        claims(pid=None, acr=None, consumer={"ID": f"0192:{ORGANISATION}"}))),
    "a system without the hub's scope": (Reason.SCOPE, lambda: of_system(scope="other")),
    "a system with no scope": (Reason.SCOPE, lambda: of_system(scope=None)),
    "a system whose scope only begins so": (Reason.SCOPE, lambda: of_system(scope="stafettlogg:reader")),
    "a person at the systems' issuer": (Reason.IDENTITY, lambda: signed(claims(iss=SYSTEMS))),
    "an organisation of another register": (Reason.IDENTITY, lambda: signed(
        claims(iss=SYSTEMS, consumer={"ID": f"9908:{ORGANISATION}"}))),
    "a stranger": (Reason.UNKNOWN, lambda: signed(claims(pid=STRANGER))),
}


@pytest.mark.parametrize("token", REFUSED)
async def test_any_other_token_is_refused(token: str, login: Login) -> None:
    expected, made = REFUSED[token]
    assert await reason(login, made()) is expected


async def test_no_secret_made_of_the_public_key_signs(login: Login) -> None:
    """The old trick: the issuer's public key, which anybody has, is taken for the secret of HS256."""
    start = unsigned({"alg": "HS256", "kid": demo().kid}, claims()).removesuffix(".")
    mac = base64.urlsafe_b64encode(hmac.digest(public(), start.encode(), "sha256")).rstrip(b"=").decode()
    assert await reason(login, f"{start}.{mac}") is Reason.ALGORITHM


async def test_two_tokens_in_one_request_are_none(login: Login) -> None:
    token = signed(claims())
    with pytest.raises(Unauthenticated):
        await login.viewer(f"Bearer {token},Bearer {token}", None)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Basic {}", "{}", "Bearer{}"])
async def test_only_the_scheme_bearer_is_understood(authorization: str, login: Login) -> None:
    with pytest.raises(Unauthenticated):
        await login.viewer(authorization.format(signed(claims())), None)


async def test_without_a_token_nobody_is_signed_in(login: Login) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await login.viewer(None, None)
    assert refusal.value.reason is Reason.MISSING


async def test_clocks_may_differ_by_half_a_minute(login: Login) -> None:
    assert await login.viewer(f"Bearer {signed(claims(exp=NOW - LEEWAY + 1))}", None) == TEACHER
    assert await login.viewer(f"Bearer {signed(claims(iat=NOW + LEEWAY, nbf=NOW + LEEWAY))}", None) == TEACHER


async def test_another_claim_and_level_can_be_agreed_on(town: Town, clock: Clock) -> None:
    local = Issuer(PERSONS, "hub", Kind.PERSON, jwks=demo().jwks, acr=frozenset({"Level4"}), claim="nin")
    login = Login([local], town.find, clock)
    assert await login.viewer(f"Bearer {signed(claims(pid=None, nin=PID, acr='Level4'))}", None) == TEACHER


async def test_a_viewer_is_looked_up_once_a_minute(login: Login, town: Town, clock: Clock) -> None:
    header = f"Bearer {signed(claims())}"
    for seconds, lookups in ((0, 1), (59, 1), (1, 2), (59, 2)):
        clock.now += seconds
        assert await login.viewer(header, None) == TEACHER
        assert len(town.asked) == lookups


async def test_a_viewer_is_forgotten_when_the_token_ends(login: Login, clock: Clock) -> None:
    token = signed(claims(exp=NOW + 10))
    assert await login.viewer(f"Bearer {token}", None) == TEACHER
    clock.now += 10 + LEEWAY
    assert await reason(login, token) is Reason.EXPIRED


async def test_who_is_taken_away_is_out_within_a_minute(login: Login, town: Town, clock: Clock) -> None:
    token = signed(claims())
    await login.viewer(f"Bearer {token}", None)
    town.gone = True
    clock.now += 60
    assert await reason(login, token) is Reason.UNKNOWN


async def test_a_refusal_is_not_remembered(login: Login, town: Town) -> None:
    token = signed(claims())
    town.gone = True
    assert await reason(login, token) is Reason.UNKNOWN
    town.gone = False
    assert await login.viewer(f"Bearer {token}", None) == TEACHER


async def test_a_token_opens_no_other_municipality(login: Login) -> None:
    token = signed(claims())
    assert await login.viewer(f"Bearer {token}", "4204") == TEACHER
    assert await reason(login, token, "0301") is Reason.UNKNOWN


async def test_the_remembered_are_bounded_and_the_oldest_goes_first(login: Login) -> None:
    login.kept.update({(bytes([i % 256, i // 256]), None): (TEACHER, float(NOW)) for i in range(KEPT)})
    await login.viewer(f"Bearer {signed(claims())}", None)
    assert len(login.kept) == KEPT
    assert (bytes([0, 0]), None) not in login.kept


async def test_neither_tokens_nor_identity_numbers_are_kept_or_told(
        login: Login, town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = signed(claims(pid=STRANGER))
    with pytest.raises(Unauthenticated) as refusal:
        await login.viewer(f"Bearer {token}", None)
    await login.viewer(f"Bearer {signed(claims())}", None)
    told = caplog.text + repr((refusal.value, refusal.value.__cause__, town.asked, login.kept))
    assert not [secret for secret in (token, PID, STRANGER) if secret in told]


named = st.sampled_from(["iss", "aud", "exp", "alg", "kid", "crit"])
anything = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
                        lambda inner: st.lists(inner) | st.dictionaries(named, inner), max_leaves=5)


@given(st.text(), anything, anything, st.binary())
@example("Bearer ", {"alg": "RS256", "kid": "x"}, {"iss": [PERSONS]}, b"")
def test_whatever_is_sent_is_refused_in_one_word(text: str, header: Any, what: Any, signature: bytes) -> None:
    login = Login(demo().issuers(), Town().find, Clock())
    for authorization in (text, f"Bearer {unsigned(header, what, signature)}"):
        with pytest.raises(Unauthenticated):
            asyncio.run(login.viewer(authorization, None))
