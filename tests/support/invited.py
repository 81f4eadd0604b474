"""Invitations as they are answered: the code in a part's last link, and what is done with it."""
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from db.seal import synthetic
from tests.support.asking import SEAL, Asking
from tests.support.changing import done, rows

LINKS = """select id, link_number from participant
    where person_id = %s and link_hash is not null order by id"""
TO_SIGN = "{ declarationToSign { language text hash } }"


def codes(asking: Asking, part: str) -> list[str]:
    """Of the links that are alive, as they were sent to the part; the newest plan's last."""
    return [SEAL.invitation_code(key, number)
            for key, number in rows(asking, LINKS, asking.town.persons[part])]


def known(asking: Asking, part: str, person: UUID) -> None:
    """From now on the person is one more part of this town; the cast's own is all tests'."""
    asking.town = replace(asking.town, persons=asking.town.persons | {part: person})


async def accepted(asking: Asking, part: str) -> Any:
    """The payload of the part's acceptance."""
    return await done(asking, part, "acceptInvitation", code=codes(asking, part)[-1])


async def declared(asking: Asking, part: str) -> Any:
    (form, *_) = (await asking.told(part, TO_SIGN))["declarationToSign"]
    return await done(asking, part, "signDeclaration", hash=form["hash"])


async def named(asking: Asking, *others: str) -> None:
    """A consent that all have signed names the nurse, others of the town, and the child's grandmother, who
    works nowhere and was known to nobody: she is a part of the town from now on."""
    turid = {"identityNumber": synthetic(date(1955, 2, 3), 7), "name": "Turid Nordmo",
             "mobile": "+4740000055"}
    persons = [{"personId": f"Person:{asking.town.persons[part]}"} for part in ("nurse", *others)]
    made = await done(asking, "stafettholder", "draftConsent", planId=f"Plan:{asking.town.plan}",
                      texts=[{"language": "NB", "text": "Ja."}], names=[*persons, {"person": turid}])
    consent = made["consent"]
    await done(asking, "stafettholder", "sendConsent", consentId=consent["id"])
    for part in ("guardian1", "guardian2"):
        await done(asking, part, "signConsent", consentId=consent["id"], method="DEMO_BANKID",
                   hash=consent["texts"][0]["hash"])
    ((key,),) = rows(asking, "select id from person where name = 'Turid Nordmo'")
    known(asking, "grandmother", key)


async def added(asking: Asking, part: str = "grandmother", role: str = "NEXT_OF_KIN") -> Any:
    """The participant."""
    payload = await done(asking, "stafettholder", "addParticipant", planId=f"Plan:{asking.town.plan}",
                         personId=f"Person:{asking.town.persons[part]}", role=role)
    return payload["participant"]
