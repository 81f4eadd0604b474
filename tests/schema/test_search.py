"""A search for persons: who may, who is found, what is shown of them, and that it is written down."""
from typing import Any

import psycopg
import pytest

from db.rules.words import AddressProtection, Post
from db.seeds.parts import PARTS
from db.tables.person import Person
from db.write import person
from db.write.find import Who, transaction
from schema.errors import BAD_USER_INPUT
from tests.support.asking import DAY, Asking

SEARCH = "query($s: PersonSearch!, $first: Int) { persons(search: $s, first: $first) { name } }"
BY_ID = "query($id: ID!) { person(id: $id) { name } }"
NUMBER = PARTS["guardian1"].identity_number


async def found(asking: Asking, part: str, *, first: int | None = None, **search: Any) -> list[str] | None:
    people = (await asking.told(part, SEARCH, s=search, first=first))["persons"]
    return None if people is None else [row["name"] for row in people]


def searches(asking: Asking) -> list[tuple[Any, ...]]:
    """Who searched, for what, and whom it found, in order."""
    parts = {key: part for part, key in asking.town.persons.items()}
    with psycopg.connect(asking.url) as connection:
        query = "select person_id, sought, found, at from search_log order by id"
        rows = connection.execute(query).fetchall()
    assert all(at == asking.now for *_, at in rows)
    return [(parts[who], sought, [parts[key] for key in keys]) for who, sought, keys, _ in rows]


async def test_those_who_open_hold_or_lead_plans_may_search_and_nobody_else(own_town: Asking) -> None:
    allowed, nurse = ("stafettholder", "leader", "admin"), own_town.town.persons["nurse"]
    for part in allowed:
        assert await found(own_town, part, name="berg") == ["Siv Berg"], part
    for part in ("owner", "guardian1", "nurse", "former", "stranger", "analyst", "nobody"):
        assert await found(own_town, part, name="berg") is None, part
        assert await own_town.told(part, BY_ID, id=f"Person:{nurse}") == {"person": None}
    assert searches(own_town) == [(part, "name=berg", ["nurse"]) for part in allowed]


async def test_a_post_that_has_ended_or_not_begun_opens_no_search(own_town: Asking) -> None:
    town = own_town.town
    who = Who(town.municipality, town.persons["admin"], own_town.now + DAY)
    async with transaction(own_town.writer, who.now) as session:
        person.assign(session, who, town.persons["stranger"], Post.PLAN_CREATOR,
                      town.units["Solbakken barnehage"])
    assert await found(own_town, "stranger", name="berg") is None
    own_town.now += DAY
    assert await found(own_town, "stranger", name="berg") == ["Siv Berg"]
    with psycopg.connect(own_town.url) as connection:
        connection.execute("update assignment set until = %s where person_id = %s",
                           [own_town.now + DAY, town.persons["stranger"]])
    own_town.now += DAY
    assert await found(own_town, "stranger", name="berg") is None


async def test_a_plan_to_hold_opens_the_search(busy: Asking) -> None:
    assert await found(busy, "stranger", name="berg") == ["Siv Berg"]  # holds a plan, without any post


@pytest.mark.parametrize("search, names", (
    ({"name": "li"}, ["Liv Dahl", "Tone Lie"]),
    ({"name": " LIE "}, ["Tone Lie"]), ({"name": "e l"}, ["Tone Lie"]),
    ({"name": "nordmo"}, []), ({"name": "Ada Nordmo"}, []), ({"name": "%%"}, []), ({"name": "__"}, []),
    ({"name": "ada nordmo", "birthDate": "1985-03-02"}, ["Ada Nordmo"]),
    ({"name": "Ada-Li Berg", "birthDate": "1985-03-02"}, ["Ada Nordmo"]),
    ({"name": "Ad", "birthDate": "1985-03-02"}, []), ({"name": "ada nordmo", "birthDate": "1985-03-03"}, []),
    ({"birthDate": "1985-03-02"}, []), ({}, []), ({"name": None}, []),
    ({"identityNumber": NUMBER}, ["Ada Nordmo"]),
    ({"identityNumber": NUMBER[:6] + " " + NUMBER[6:]}, ["Ada Nordmo"]),
    ({"identityNumber": NUMBER, "name": "someone else"}, ["Ada Nordmo"]),
    ({"identityNumber": "01017000027"}, [])), ids=str)
async def test_employees_are_found_by_a_part_of_their_name_and_others_by_what_one_knows(
        town: Asking, search: dict[str, Any], names: list[str]) -> None:
    assert await found(town, "stafettholder", **search) == names


async def test_so_many_are_shown_as_are_asked_for(town: Asking) -> None:
    assert await found(town, "leader", name="li", first=1) == ["Liv Dahl"]
    assert await found(town, "leader", name="li", first=0) == []
    for first in (-1, 101):
        answer = await town.answer("leader", SEARCH, s={"name": "li"}, first=first)
        assert (answer.started, answer.errors[0]["extensions"]["code"]) == (False, BAD_USER_INPUT)


@pytest.mark.parametrize("search, sentence", (
    ({"name": ""}, "Search for two letters at least."),
    ({"name": "  a "}, "Search for two letters at least."),
    ({"name": "ab\0"}, "A text has characters that can't be searched for."),
    ({"name": "a\0", "identityNumber": PARTS["owner"].identity_number},
     "A text has characters that can't be searched for."),
    ({"identityNumber": "12345"}, "This is no valid fødselsnummer or D-number."),
    ({"identityNumber": "\0"}, "This is no valid fødselsnummer or D-number.")), ids=str)
async def test_a_search_that_can_not_be_made_is_refused(
        own_town: Asking, search: dict[str, Any], sentence: str) -> None:
    answer = await own_town.answer("stafettholder", SEARCH, s=search)
    assert (answer.data, answer.started) == (None, False)
    assert [(e["extensions"]["code"], e["message"]) for e in answer.errors] == [(BAD_USER_INPUT, sentence)]
    assert searches(own_town) == []


async def test_position_and_workplace_are_shown_and_nothing_more(town: Asking) -> None:
    question = """query($s: PersonSearch!) { persons(search: $s) {
      id name position workplace { name group { name } }
      birthDate email mobile hidesMobile language assignments { id } } }"""
    nurse = {
        "id": town.id("Person", town.town.persons["nurse"]),
        "name": "Siv Berg", "position": "Helsesykepleier",
        "workplace": {"name": "Nordmo helsestasjon", "group": {"name": "Helse"}},
        "birthDate": None, "email": None, "mobile": None,
        "hidesMobile": None, "language": None, "assignments": None}
    assert (await town.told("leader", question, s={"name": "berg"}))["persons"] == [nurse]
    one = question.replace("$s: PersonSearch!", "$id: ID!").replace("persons(search: $s)", "person(id: $id)")
    assert (await town.told("leader", one, id=nurse["id"]))["person"] == nurse


async def test_an_employee_is_found_by_id_and_nobody_else(own_town: Asking) -> None:
    guardian, nurse = (own_town.town.persons[part] for part in ("guardian1", "nurse"))
    for key in (f"Person:{guardian}", f"Unit:{nurse}", "Person:x", "x\0"):
        assert await own_town.told("admin", BY_ID, id=key) == {"person": None}
    assert await own_town.told("admin", BY_ID, id=f"Person:{nurse}") == {"person": {"name": "Siv Berg"}}
    assert [(who, hits) for who, _, hits in searches(own_town)] == (
        [("admin", [])] * 4 + [("admin", ["nurse"])])
    assert searches(own_town)[-1][1] == f"id={nurse}"


@pytest.mark.parametrize("protection", (
    AddressProtection.CONFIDENTIAL, AddressProtection.STRICTLY_CONFIDENTIAL))
async def test_one_with_a_protected_address_is_never_found(
        own_town: Asking, protection: AddressProtection) -> None:
    town, nurse = own_town.town, PARTS["nurse"]
    async with transaction(own_town.writer, own_town.now) as session:
        row = await session.get_one(Person, (town.municipality, town.persons["nurse"]))
        row.address_protection = protection
    for part in ("stafettholder", "leader", "admin"):
        assert await found(own_town, part, name="berg") == []
        assert await found(own_town, part, name=nurse.name, birthDate=nurse.born.isoformat()) == []
        assert await found(own_town, part, identityNumber=nurse.identity_number) == []
        by_id = await own_town.told(part, BY_ID, id=own_town.id("Person", town.persons["nurse"]))
        assert by_id == {"person": None}
    assert [hits for *_, hits in searches(own_town)] == [[]] * 12


async def test_a_search_is_written_down_whatever_it_finds_and_without_the_number(own_town: Asking) -> None:
    number = PARTS["guardian2"].identity_number
    await found(own_town, "leader", identityNumber=number)
    await found(own_town, "leader", identityNumber=number, name="per")
    await found(own_town, "leader", name="nobody at all")
    two = '{ a: persons(search: {name: "li"}) { name } b: persons(search: {name: "dahl"}) { id } }'
    await own_town.told("leader", two)
    assert sorted(searches(own_town)) == sorted([
        ("leader", "", ["guardian2"]), ("leader", "name=per", ["guardian2"]),
        ("leader", "name=nobody at all", []),
        ("leader", "name=li", ["leader", "stafettholder"]), ("leader", "name=dahl", ["leader"])])
    assert number not in str(searches(own_town))
