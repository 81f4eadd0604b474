"""The pages of a search in FHIR R4: their addresses tell nothing, are for the asker alone, and run out."""
import base64
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from db.seeds.parts import PARTS
from schema.fhir.page import LASTS
from tests.support.asking import Asking
from tests.support.changing import done
from tests.support.fhirasking import BY_NUMBER, OWNER, System, door, flags, link, refusal, resource
from tests.support.systems import SCHOOL

NUMBER = PARTS["owner"].identity_number


@pytest.fixture
async def http(own_town: Asking) -> AsyncIterator[httpx.AsyncClient]:
    async with door(own_town.hub) as client:
        yield client


@pytest.fixture
async def clinic(two_plans: Asking, http: httpx.AsyncClient) -> System:
    return System(http)


async def test_what_does_not_fit_on_a_page_is_on_the_next(clinic: System) -> None:
    whole = await clinic.found()
    assert (whole["total"], len(flags(whole)), link(whole, "next")) == (2, 2, None)
    first = await clinic.found(_count="1")
    second = resource(await clinic.get(link(first, "next") or ""))
    assert first["total"] == second["total"] == 2
    assert flags(first) + flags(second) == flags(whole)
    assert link(second, "next") is None
    assert flags(resource(await clinic.get(link(second, "self") or ""))) == flags(second)
    assert flags(resource(await clinic.get(link(first, "self") or ""))) == flags(first)


async def test_of_no_flags_only_the_number_is_told(clinic: System) -> None:
    bundle = await clinic.found(_count="0")
    assert (bundle["total"], "entry" in bundle, link(bundle, "next")) == (2, False, None)


async def test_a_page_keeps_to_what_was_searched_for(clinic: System) -> None:
    first = await clinic.found(_count="1", identifier=",".join(
        f"{one['identifier'][0]['system']}|{one['identifier'][0]['value']}"
        for one in flags(await clinic.found())))
    assert len(flags(resource(await clinic.get(link(first, "next") or "")))) == 1
    none = await clinic.found(_count="1", status="inactive")
    assert resource(await clinic.get(link(none, "self") or ""))["total"] == 0


async def test_an_address_tells_nothing_not_even_that_two_are_of_one_child(clinic: System) -> None:
    bundles = [await clinic.found(_count="1") for _ in range(2)]
    addresses = {link(bundle, name) or "" for bundle in bundles for name in ("self", "next")}
    assert len(addresses) == 4
    for address in addresses:
        token = address.removeprefix("/fhir/Flag?_page=")
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        assert NUMBER not in address
        assert NUMBER.encode() not in sealed
    assert len({address[40:60] for address in addresses}) == 4


async def test_a_page_is_for_its_asker_alone_and_not_for_long(
        own_town: Asking, clinic: System, http: httpx.AsyncClient) -> None:
    address = link(await clinic.found(_count="1"), "next") or ""
    gone = [await System(http, SCHOOL).get(address), await clinic.get(f"{address[:-9]}AAAAAAAAA"),
            await clinic.get("/fhir/Flag?_page="), await clinic.get("/fhir/Flag?_page=%C3%A6")]
    own_town.now += LASTS
    assert flags(resource(await clinic.get(address)))
    own_town.now += timedelta(seconds=1)
    gone.append(await clinic.get(address))
    assert {refusal(each, 404)[0] for each in gone} == {"not-found"}
    assert len({each.text for each in gone}) == 1


async def test_a_page_without_a_token_of_the_asker_s_is_not_told(
        clinic: System, http: httpx.AsyncClient) -> None:
    address = link(await clinic.found(_count="1"), "next") or ""
    assert refusal(await http.get(address), 401) == ("login", [])


async def test_a_page_tells_what_may_be_known_when_it_is_read(own_town: Asking, clinic: System) -> None:
    first = await clinic.found(_count="1")
    await done(own_town, "guardian2", "withdrawConsent", consentId=f"Consent:{own_town.town.consent}")
    second = resource(await clinic.get(link(first, "next") or ""))
    assert (second["total"], flags(second)) == (1, [])


async def test_a_search_is_no_page(clinic: System) -> None:
    address = link(await clinic.found(_count="1"), "next") or ""
    assert refusal(await clinic.get(f"{address}&{BY_NUMBER}={OWNER}")) == ("invalid", [])
