"""The archive over GeoIntegrasjon when the hub dies, or an answer is lost, after any of the calls: a plan
that is archived, archived again, closed and reopened lies there once, whole, with our bytes."""
import os
from collections.abc import Callable, Collection, Iterator

import pytest
from hypothesis import given, settings, strategies as st

from integrations.archive.geointegrasjon.target import GeoIntegrasjonArchive
from integrations.target import DeliveryError, DeliveryFault
from tests.support.filed import LIFE, Delivery, target, whole
from tests.support.geointegrasjon import OFFICIAL, Wsdl, described, serving
from tests.support.noark import Archive, status

CALLS = 39  # of the whole life, where nothing goes wrong


class Died(Exception):
    """The hub."""


@pytest.fixture(scope="module")
def services() -> dict[str, Wsdl]:
    """The official contract; where it is missing, which the flow's own test says, the project's own."""
    return described(OFFICIAL.is_dir())


@pytest.fixture
def archive(services: dict[str, Wsdl]) -> Iterator[Archive]:
    with serving(Archive(), services) as started:
        yield started


class Deaths:
    """The hub dies after some of the calls (1, 2, …): before it has written down how far it is, or then."""

    def __init__(self, unwritten: Collection[int] = (), written: Collection[int] = ()) -> None:
        self.unwritten, self.written, self.count = unwritten, written, 0

    def __call__(self, write: Callable[[], None]) -> None:
        self.count += 1
        if self.count in self.unwritten:
            raise Died
        write()
        if self.count in self.written:
            raise Died


def lived(archive: Archive, deaths: Deaths) -> int:
    """How many attempts the whole life took. Each version is tried until it is confirmed."""
    hub, attempts, statuses = target(archive), 0, []
    for version in range(1, len(LIFE) + 1):
        delivery = Delivery(version, crash=deaths)
        attempts += next(count for count in range(1, 50) if confirmed(hub, delivery))
        statuses.append(status(archive.cases[0], "saksstatus"))
    assert statuses == ["B", "B", "F", "B"]
    whole(archive, len(LIFE))
    return attempts


def confirmed(hub: GeoIntegrasjonArchive, delivery: Delivery) -> bool:
    try:
        return delivery.attempt(hub).confirmed
    except DeliveryError as error:
        if error.fault is not DeliveryFault.RETRYABLE:
            raise
    except Died:
        pass
    return False


def test_a_life_without_mishap_has_so_many_calls(archive: Archive) -> None:
    deaths = Deaths()
    assert lived(archive, deaths) == len(LIFE)
    assert len(archive.log) == deaths.count == CALLS  # it writes down how far it is after each


def losing(archive: Archive, call: int) -> Deaths:
    archive.lost = {call}
    return Deaths()


MISHAPS: dict[str, Callable[[Archive, int], Deaths]] = {
    "its answer is lost": losing,
    "the hub dies before it has written": lambda _, call: Deaths(unwritten={call}),
    "the hub dies when it has written": lambda _, call: Deaths(written={call})}
# Every call meets one of them here, and all of them by `make proofs`: a life takes a third of a second.
MET = [(call, mishap) for call in range(1, CALLS + 1) for n, mishap in enumerate(MISHAPS)
       if os.environ.get("MISHAPS") == "all" or n == call % len(MISHAPS)]


@pytest.mark.parametrize("call, mishap", MET)
def test_whatever_befalls_a_call_makes_nothing_twice(archive: Archive, call: int, mishap: str) -> None:
    assert lived(archive, MISHAPS[mishap](archive, call)) == len(LIFE) + 1


TIMES = st.sets(st.integers(1, 80), max_size=12)


@settings(max_examples=12, deadline=None)
@given(lost=TIMES, unwritten=TIMES, written=TIMES)
def test_any_number_of_mishaps_makes_nothing_twice(
        services: dict[str, Wsdl], lost: set[int], unwritten: set[int], written: set[int]) -> None:
    with serving(Archive(lost=lost), services) as archive:
        lived(archive, Deaths(unwritten, written))
