"""Both ways of telling over SOAP to servers of the same WSDL: npm's soap, which nobody here wrote, and one
that holds each message against the schema; with and without a UsernameToken."""
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from integrations.fagsystem.soap.contract import WSDL
from integrations.sign_in import Method, SignIn
from integrations.soap import SoapVersion
from integrations.target import DeliveryFault, FactKind, PlanFact
from tests.support.fagsystems import FACT, Way, endpoint, failure, own, single, vendors
from tests.support.peers import PASSWORD, UNKNOWN, USERNAME, node_soap, strict


@pytest.fixture(scope="module", params=["HarStafettlogg", "a vendor's WSDL"])
def way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Way:
    return own() if request.param == "HarStafettlogg" else vendors(tmp_path_factory.mktemp("vendor"))


@contextmanager
def serving(peer: str, way: Way, folder: Path) -> Iterator[str]:
    wsdl = WSDL if way.name == "HarStafettlogg" else single(folder)
    with node_soap(wsdl) if peer == "node-soap" else strict(way) as url:
        yield url


@pytest.fixture(scope="module", params=["node-soap", "schema"])
def url(request: pytest.FixtureRequest, way: Way, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(request.param, way, tmp_path_factory.mktemp("wsdl")) as served:
        yield served


@pytest.fixture(params=["1.1", "1.2"])
def soap(request: pytest.FixtureRequest) -> SoapVersion:
    version: SoapVersion = request.param
    return version


def a_fact() -> PlanFact:
    return replace(FACT, fact_id=uuid4(), plan_ref=uuid4())


def test_a_fact_told_twice_is_confirmed_twice_and_kept_once(way: Way, url: str, soap: SoapVersion) -> None:
    fact = a_fact()
    first, second = (way.told(endpoint(f"{url}/open"), soap, fact) for _ in range(2))
    assert (first.confirmed, second.confirmed) == (True, True)
    assert first.reference == second.reference
    assert (first.code, second.code) in {("CONFIRMED", "DUPLICATE"), ("Lagret", "FinnesFraFor")}


def test_an_unknown_person_stops_the_delivery(way: Way, url: str, soap: SoapVersion) -> None:
    error = failure(way, endpoint(f"{url}/open"), soap=soap, fact=replace(a_fact(), identity_number=UNKNOWN))
    assert error.fault is DeliveryFault.UNKNOWN_PERSON


@pytest.mark.parametrize("path, method", [("text", "username_token"), ("digest", "username_digest")])
def test_the_receiver_knows_who_tells(
        way: Way, url: str, soap: SoapVersion, path: str, method: Method) -> None:
    assert way.told(endpoint(f"{url}/{path}", SignIn(method, USERNAME, PASSWORD)), soap, a_fact()).confirmed
    for wrong in (SignIn(), SignIn(method, USERNAME, "et annet passord"), SignIn(method, "andre", PASSWORD)):
        assert failure(way, endpoint(f"{url}/{path}", wrong), soap=soap).fault is DeliveryFault.AUTH


def test_the_check_tells_nothing_and_finds_nothing_wrong(way: Way, url: str, soap: SoapVersion) -> None:
    assert way.made(endpoint(f"{url}/open"), soap).check() == []
    assert way.made(endpoint(f"{url}/gone"), soap).check() != []


def test_each_kind_of_fact_arrives(way: Way, url: str, soap: SoapVersion) -> None:
    opened = a_fact()
    ended = {"has_plan": False, "closed_on": FACT.since, "contact": None}
    for seq, (kind, changes) in enumerate([
            (FactKind.OPENED, {}), (FactKind.HOLDER_CHANGED, {}), (FactKind.CORRECTED, {}),
            (FactKind.CLOSED, ended), (FactKind.WITHDRAWN, ended)], 1):
        fact = replace(opened, fact_id=uuid4(), kind=kind, seq=seq, **changes)  # type: ignore[arg-type]
        assert way.told(endpoint(f"{url}/open"), soap, fact).confirmed
