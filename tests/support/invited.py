"""Invitations as they are answered: the code in a part's last link, and what is done with it."""
from typing import Any

from tests.support.asking import SEAL, Asking
from tests.support.changing import done, rows

LINKS = """select id, link_number from participant
    where person_id = %s and link_hash is not null order by id"""
TO_SIGN = "{ declarationToSign { language text hash } }"


def codes(asking: Asking, part: str) -> list[str]:
    """Of the links that are alive, as they were sent to the part; the newest plan's last."""
    return [SEAL.invitation_code(key, number)
            for key, number in rows(asking, LINKS, asking.town.persons[part])]


async def accepted(asking: Asking, part: str) -> Any:
    """The payload of the part's acceptance."""
    return await done(asking, part, "acceptInvitation", code=codes(asking, part)[-1])


async def declared(asking: Asking, part: str) -> Any:
    (form, *_) = (await asking.told(part, TO_SIGN))["declarationToSign"]
    return await done(asking, part, "signDeclaration", hash=form["hash"])
