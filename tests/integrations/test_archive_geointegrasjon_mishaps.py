"""The archive over GeoIntegrasjon when the hub dies, or an answer is lost, after any of the calls: a plan
that is archived, archived again, closed and reopened lies there once, whole, with our bytes."""
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


@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_an_answer_that_is_lost_makes_nothing_twice(archive: Archive, call: int) -> None:
    archive.lost = {call}
    assert lived(archive, Deaths()) == len(LIFE) + 1


@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_hub_that_dies_before_it_has_written_makes_nothing_twice(archive: Archive, call: int) -> None:
    assert lived(archive, Deaths(unwritten={call})) == len(LIFE) + 1


@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_hub_that_dies_when_it_has_written_makes_nothing_twice(archive: Archive, call: int) -> None:
    assert lived(archive, Deaths(written={call})) == len(LIFE) + 1


TIMES = st.sets(st.integers(1, 80), max_size=12)


@settings(max_examples=12, deadline=None)
@given(lost=TIMES, unwritten=TIMES, written=TIMES)
def test_any_number_of_mishaps_makes_nothing_twice(
        services: dict[str, Wsdl], lost: set[int], unwritten: set[int], written: set[int]) -> None:
    with serving(Archive(lost=lost), services) as archive:
        lived(archive, Deaths(unwritten, written))
