"""An identity number put right: sealed and marked anew, and told to the services that know of a plan."""
from datetime import date

import pytest

from db.rules.words import AddressProtection
from db.seal import synthetic
from db.seeds.parts import PARTS
from db.tables.person import Person
from db.write.find import transaction
from tests.support.asking import SEAL, Asking
from tests.support.changing import done, refused, rows
from tests.support.posting import Post

BORN = PARTS["owner"].born
RIGHT = synthetic(BORN, 9)
LOG = "select sought, found from search_log order by id"
UNNUMBERED = "update person set identity_mark = null, identity_sealed = null where id = %s returning id"


async def corrected(town: Asking, number: str = RIGHT) -> None:
    await done(town, "admin", "correctIdentityNumber", reason="Har fått fødselsnummer", identityNumber=number,
               personId=f"Person:{town.town.persons['owner']}")


def told(post: Post) -> list[tuple[str, str]]:
    return [(fact.kind.value, fact.identity_number) for fact in post.facts()]


async def test_those_that_know_are_told_at_once_and_those_that_do_not_learn_the_right_one(
        own_town: Asking) -> None:
    post, before = Post(own_town), PARTS["owner"].identity_number
    await post.go()
    await corrected(own_town)
    await post.go()
    assert told(post) == [*[("OPENED", before)] * 2, *[("CORRECTED", RIGHT)] * 2]
    await done(own_town, "guardian1", "withdrawConsent", consentId=f"Consent:{own_town.town.consent}")
    await post.go()
    assert told(post)[4:] == [("WITHDRAWN", RIGHT)] * 2
    await corrected(own_town, synthetic(BORN, 10))
    await post.go()
    assert len(told(post)) == 6, "who knows of none is told of no correction"


async def test_a_first_number_opens_what_waited_for_one(own_town: Asking) -> None:
    rows(own_town, UNNUMBERED, own_town.town.persons["owner"])
    post = Post(own_town)
    await post.go()
    assert told(post) == []
    await corrected(own_town)
    await post.go()
    assert told(post) == [("OPENED", RIGHT)] * 2


async def test_a_closed_plan_that_waits_for_the_archive_is_corrected_before_it_is_ended(
        own_town: Asking) -> None:
    post = Post(own_town)
    await post.go()
    await done(own_town, "stafettholder", "closePlan", planId=f"Plan:{own_town.town.plan}", reason="OTHER")
    await corrected(own_town)
    for _ in range(2):
        await post.go()
    assert told(post)[2:] == [*[("CORRECTED", RIGHT)] * 2, *[("CLOSED", RIGHT)] * 2]


async def test_a_person_is_found_by_the_new_number_alone(own_town: Asking) -> None:
    await corrected(own_town)
    ((mark, sealed),) = rows(own_town, "select identity_mark, identity_sealed from person where id = %s",
                             own_town.town.persons["owner"])
    assert mark == SEAL.mark(RIGHT)
    assert SEAL.open(sealed, "person.identity_number").decode() == RIGHT and RIGHT.encode() not in sealed


@pytest.mark.parametrize("part", ["guardian1", "stafettholder", "nurse", "former", "leader", "admin"])
async def test_nobody_is_given_the_sign_in_of_one_who_sees_more_than_their_own_plan(
        own_town: Asking, part: str) -> None:
    assert await refused(
        own_town, "admin", "correctIdentityNumber", personId=f"Person:{own_town.town.persons[part]}",
        identityNumber=synthetic(PARTS[part].born, 9), reason="R") == [("NOT_OWNER_ALONE", "personId")]


async def test_a_number_of_another_birth_date_is_somebody_else(own_town: Asking) -> None:
    assert await refused(
        own_town, "admin", "correctIdentityNumber", personId=f"Person:{own_town.town.persons['owner']}",
        identityNumber=synthetic(date(2018, 5, 5), 0), reason="R") == [("OTHER_BIRTH_DATE", "identityNumber")]


async def test_who_was_corrected_and_why_is_logged_and_who_was_looked_up_though_it_is_refused(
        own_town: Asking) -> None:
    town = own_town.town
    await corrected(own_town)
    assert await refused(
        own_town, "admin", "correctIdentityNumber", personId=f"Person:{town.persons['owner']}", reason="R",
        identityNumber=PARTS["nurse"].identity_number) == [("NUMBER_TAKEN", "identityNumber")]
    assert rows(own_town, LOG)[-3:] == [
        ("correctIdentityNumber", []),
        ("correctIdentityNumber reason=Har fått fødselsnummer", [town.persons["owner"]]),
        ("correctIdentityNumber", [town.persons["nurse"]])]


async def test_one_whose_address_is_protected_is_not_there(own_town: Asking) -> None:
    owner = own_town.town.persons["owner"]
    async with transaction(own_town.writer, own_town.now) as session:
        row = await session.get_one(Person, (own_town.town.municipality, owner))
        row.address_protection = AddressProtection.CONFIDENTIAL
    assert await refused(
        own_town, "admin", "correctIdentityNumber", personId=f"Person:{owner}", identityNumber=RIGHT,
        reason="R") == [("NOT_FOUND", "personId")]
