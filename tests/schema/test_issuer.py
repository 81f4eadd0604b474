"""The keys of those we trust are fetched, kept and changed without a sign-in being lost or forged."""
import asyncio
import json
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from resolvers.context import Client
from schema import issuer as trust
from schema.demo_issuer import PERSONS, DemoIssuer
from schema.issuer import Issuer, Kind
from schema.login import Login, Reason, Unauthenticated
from tests.support.tokens import NOW, ORGANISATION, PID, SYSTEM, TEACHER, Clock, Town, claims, demo, signed


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town() -> Town:
    return Town()


async def reason(login: Login, token: str) -> Reason:
    with pytest.raises(Unauthenticated) as refusal:
        await login.viewer(f"Bearer {token}", None)
    return refusal.value.reason


class Issuing(BaseHTTPRequestHandler):
    """The issuer's JWKS on this machine."""
    status: ClassVar[int] = 200
    body: ClassVar[bytes] = b""
    wait: ClassVar[float] = 0
    asked: ClassVar[int] = 0

    def do_GET(self) -> None:
        Issuing.asked += 1
        time.sleep(self.wait)
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


@pytest.fixture
def url() -> Iterator[str]:
    Issuing.status, Issuing.body, Issuing.wait, Issuing.asked = 200, demo().jwks.encode(), 0, 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Issuing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/jwks"
        server.shutdown()
        thread.join()


@pytest.fixture
def fetching(url: str, town: Town, clock: Clock) -> Login:
    return Login([Issuer(PERSONS, "hub", Kind.PERSON, jwks_url=url)], town.find, clock, max_age=0)


async def test_keys_are_fetched_once(fetching: Login) -> None:
    for _ in range(3):
        assert await fetching.viewer(f"Bearer {signed(claims())}", None) == TEACHER
    assert Issuing.asked == 1


async def test_who_comes_while_keys_are_fetched_waits_for_them(fetching: Login) -> None:
    Issuing.wait = 0.05
    header = f"Bearer {signed(claims())}"
    assert await asyncio.gather(*(fetching.viewer(header, None) for _ in range(5))) == [TEACHER] * 5
    assert Issuing.asked == 1


async def test_a_new_key_is_looked_for_once_a_minute(fetching: Login, clock: Clock) -> None:
    await fetching.viewer(f"Bearer {signed(claims())}", None)
    Issuing.body = demo(1).jwks.encode()
    new = signed(claims(), demo(1))
    assert await reason(fetching, new) is Reason.KEY
    clock.now += 60
    assert await fetching.viewer(f"Bearer {new}", None) == TEACHER
    assert await reason(fetching, signed(claims())) is Reason.KEY  # the old key is withdrawn
    assert Issuing.asked == 2


async def test_a_withdrawn_key_ends_within_the_hour(fetching: Login, clock: Clock) -> None:
    old = signed(claims(exp=NOW + 10_000))
    await fetching.viewer(f"Bearer {old}", None)
    Issuing.body = demo(1).jwks.encode()
    clock.now += trust.OLD
    assert await reason(fetching, old) is Reason.KEY


@pytest.mark.parametrize(("status", "body"), [
    (500, b""), (302, b""), (200, b"<html>"), (200, b"[]"), (200, b'{"keys": []}'), (200, b"[" * 10_000),
    (200, b'{"keys": [{"kid": "a", "kty": "RSA", "n": 1}, {"kid": "b", "kty": "oct", "k": "AA"}, 7]}'),
])
async def test_keys_that_are_known_outlive_a_failing_issuer(
        status: int, body: bytes, fetching: Login, clock: Clock) -> None:
    old = signed(claims(exp=NOW + 10_000))
    await fetching.viewer(f"Bearer {old}", None)
    Issuing.status, Issuing.body = status, body
    clock.now += trust.OLD
    assert await fetching.viewer(f"Bearer {old}", None) == TEACHER
    assert Issuing.asked == 2


@pytest.mark.parametrize(("status", "padding"), [(302, 0), (404, 0), (200, trust.JWKS_MAX)])
async def test_keys_of_a_redirect_an_error_or_an_endless_answer_are_not_taken(
        status: int, padding: int, fetching: Login, clock: Clock) -> None:
    old = signed(claims(exp=NOW + 10_000))
    await fetching.viewer(f"Bearer {old}", None)
    Issuing.status, Issuing.body = status, demo(1).jwks.encode() + b" " * padding
    clock.now += trust.OLD
    assert await fetching.viewer(f"Bearer {old}", None) == TEACHER
    assert await reason(fetching, signed(claims(), demo(1))) is Reason.KEY


async def test_keys_that_could_not_be_asked_for_in_a_day_are_trusted_no_more(
        fetching: Login, clock: Clock) -> None:
    old = signed(claims(exp=NOW + 2 * trust.STALE))
    await fetching.viewer(f"Bearer {old}", None)
    Issuing.status = 500
    clock.now += trust.STALE - 1
    assert await fetching.viewer(f"Bearer {old}", None) == TEACHER
    clock.now += 60
    assert await reason(fetching, old) is Reason.UNAVAILABLE


async def test_without_any_key_sign_in_is_unavailable(fetching: Login) -> None:
    Issuing.status = 500
    assert await reason(fetching, signed(claims())) is Reason.UNAVAILABLE


async def test_a_slow_issuer_is_given_up(fetching: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "DEADLINE", 0.02)
    Issuing.wait = 0.1
    assert await reason(fetching, signed(claims())) is Reason.UNAVAILABLE


async def test_who_has_a_known_key_does_not_wait_for_a_slow_issuer(fetching: Login, clock: Clock) -> None:
    header = f"Bearer {signed(claims(exp=NOW + 10_000))}"
    await fetching.viewer(header, None)
    clock.now += trust.OLD
    Issuing.wait = 0.2
    first = asyncio.create_task(fetching.viewer(header, None))
    await asyncio.sleep(0.01)
    assert await fetching.viewer(header, None) == TEACHER
    assert not first.done()
    assert await first == TEACHER


@pytest.mark.parametrize("wrong", [
    {"jwks_url": "http://keys.invalid/jwks"}, {"jwks_url": "file:///etc/passwd"}, {"jwks": None},
    {"jwks_url": "https://keys.invalid/jwks", "jwks": "{}"}, {"jwks": "{}"}, {"jwks": "no JSON"},
    {"algorithms": ("HS256",)}, {"algorithms": ("none",)}, {"algorithms": ()},
    {"audience": ""}, {"issuer": ""},
])
def test_an_issuer_that_trusts_too_much_or_nothing_is_refused_at_start(wrong: dict[str, Any]) -> None:
    right: dict[str, Any] = {"issuer": PERSONS, "audience": "hub", "kind": Kind.PERSON, "jwks": demo().jwks}
    Issuer(**right)
    if "jwks_url" in wrong and "jwks" not in wrong:
        del right["jwks"]
    with pytest.raises(ValueError):  # noqa: PT011  each says its own
        Issuer(**right | wrong)


def test_a_key_for_encryption_or_another_algorithm_signs_nobody_in() -> None:
    [key] = json.loads(demo().jwks)["keys"]
    others = [key | {"use": "enc"}, key | {"alg": "RS512"}, key | {"kty": "oct", "k": "AAAA"}]
    assert all(trust.signing_keys(json.dumps({"keys": [other]}), ["RS256"]) == {} for other in others)
    assert trust.signing_keys(json.dumps({"keys": [key]}), ["RS256"])


def test_a_key_that_names_no_algorithm_serves_the_first_of_ours() -> None:
    [key] = json.loads(demo().jwks)["keys"]
    del key["alg"]
    [(algorithm, _)] = trust.signing_keys(json.dumps({"keys": [key]}), ["ES256", "RS384", "RS256"]).values()
    assert algorithm == "RS384"


async def test_the_demo_signs_in_persons_and_systems(town: Town) -> None:
    login = Login(demo().issuers(), town.find)
    viewer = await login.viewer(f"Bearer {demo().token(pid=PID)}", None)
    assert replace(viewer, sign_in=None) == TEACHER
    assert viewer.sign_in is not None and viewer.sign_in.high
    system = demo().token(organisation=ORGANISATION, scope="stafettlogg:read")
    client = Client(ORGANISATION, asks=True)
    assert await login.viewer(f"Bearer {system}", None) == replace(SYSTEM, client=client)
    assert await reason(login, demo().token(pid=PID, minutes=-1)) is Reason.EXPIRED
    with pytest.raises(ValueError, match="person or"):
        demo().token()


async def test_the_demo_keeps_its_key_for_its_owner_alone(tmp_path: Path, town: Town) -> None:
    token = DemoIssuer("hub", tmp_path / "demo").token(pid=PID)
    [kept] = (tmp_path / "demo").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = Login(DemoIssuer("hub", tmp_path / "demo").issuers(), town.find)
    assert (await again.viewer(f"Bearer {token}", None)).person == TEACHER.person
