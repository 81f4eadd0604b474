"""Whom each act tells: those it concerns, by a notice, and never the one whose deed it is."""
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from db.engine import plain
from db.tables.municipality import Municipality
from db.write.find import transaction
from tests.support.asking import NOW, Asking
from tests.support.changing import done


@pytest.fixture
async def town(own_town: Asking) -> Asking:
    async with transaction(own_town.writer, NOW) as session:
        (await session.scalars(select(Municipality))).one().email = "email"
    return own_town


def told(town: Asking) -> list[tuple[str, str]]:
    """What was told since this was last asked, and to which part."""
    parts = {key: part for part, key in town.town.persons.items()}
    with psycopg.connect(plain(town.url), autocommit=True) as connection:
        rows = connection.execute(
            "select notice, recipient_id from delivery where kind = 'NOTICE'").fetchall()
        connection.execute("set session_replication_role = replica")
        connection.execute("delete from delivery where kind = 'NOTICE'")
    return sorted((about, parts[key]) for about, key in rows)


async def asked_for(town: Asking) -> Any:
    """A consent that is sent."""
    nurse = f"Person:{town.town.persons['nurse']}"
    drafted = await done(town, "stafettholder", "draftConsent", planId=f"Plan:{town.town.plan}",
                         texts=[{"language": "NB", "text": "Ja."}], names=[{"personId": nurse}])
    return (await done(town, "stafettholder", "sendConsent", consentId=drafted["consent"]["id"]))["consent"]


async def sign(town: Asking, part: str, consent: Any) -> None:
    await done(town, part, "signConsent", consentId=consent["id"], method="DEMO_BANKID",
               hash=consent["texts"][0]["hash"])


async def test_signers_are_asked_and_the_holder_hears_when_all_have_signed(town: Asking) -> None:
    consent = await asked_for(town)
    assert told(town) == [("CONSENT_TO_SIGN", "guardian1"), ("CONSENT_TO_SIGN", "guardian2")]
    await sign(town, "guardian1", consent)
    assert told(town) == []
    await sign(town, "guardian2", consent)
    assert told(town) == [("CONSENT_SIGNED", "stafettholder")]
    await done(town, "guardian2", "withdrawConsent", consentId=consent["id"])
    assert told(town) == [("CONSENT_WITHDRAWN", "guardian1"), ("CONSENT_WITHDRAWN", "stafettholder")]


async def test_a_refusal_is_told_to_the_holder(town: Asking) -> None:
    consent = await asked_for(town)
    told(town)
    await done(town, "guardian1", "declineConsent", consentId=consent["id"])
    assert told(town) == [("CONSENT_DECLINED", "stafettholder")]


async def test_a_signer_is_told_of_the_word_that_the_holder_enters_for_them(town: Asking) -> None:
    consent = await asked_for(town)
    told(town)
    theirs = {"personId": f"Person:{town.town.persons['guardian1']}"}
    await done(town, "stafettholder", "declineConsent", consentId=consent["id"], **theirs)
    assert told(town) == [("CONSENT_DECLINED", "guardian1")]
    held = f"Consent:{town.town.consent}"
    await done(town, "stafettholder", "withdrawConsent", consentId=held, **theirs)
    assert sorted(told(town)) == [("CONSENT_WITHDRAWN", "guardian1"), ("CONSENT_WITHDRAWN", "guardian2")]


async def test_which_of_the_family_said_no_is_not_told_to_the_services(town: Asking) -> None:
    await done(town, "guardian1", "declineConsent", consentId=(await asked_for(town))["id"])
    question = "query($id: ID!) { plan(id: $id) { consents { state endedBy { name } } } }"
    said = {}
    for part in ("guardian2", "stafettholder", "nurse"):
        plan = (await town.told(part, question, id=f"Plan:{town.town.plan}"))["plan"]
        said[part] = [c["endedBy"] for c in plan["consents"] if c["state"] == "DECLINED"]
    ada = [{"name": "Ada Nordmo"}]
    assert said == {"guardian2": ada, "stafettholder": ada, "nurse": [None]}


async def test_the_baton_is_told_of_where_it_goes_and_who_sent_it(town: Asking) -> None:
    to_nurse = {"planId": f"Plan:{town.town.plan}", "personId": f"Person:{town.town.persons['nurse']}",
                "reason": "Permisjon"}
    for by, answer in (("leader", "declineStafettholder"), ("stafettholder", "acceptStafettholder")):
        made = await done(town, by, "proposeStafettholder", **to_nurse)
        assert told(town) == [("BATON_PROPOSED", "nurse")]
        handover = await town.told("nurse", "{ plans { edges { node { handovers { id } } } } }")
        (*_, last) = handover["plans"]["edges"][0]["node"]["handovers"]
        await done(town, "nurse", answer, handoverId=last["id"])
        assert told(town) == [("BATON_ANSWERED", by)], made
    await done(town, "guardian1", "withdrawConsent", consentId=f"Consent:{town.town.consent}")
    told(town)
    await done(town, "leader", "replaceStafettholder",
               **{**to_nurse, "personId": f"Person:{town.town.persons['stafettholder']}"})
    assert told(town) == [("BATON_GIVEN", "stafettholder")]


async def test_a_wish_for_deletion_is_told_to_those_who_decide_and_a_refusal_to_whose_it_was(
        town: Asking) -> None:
    made = await done(town, "guardian1", "requestDeletion", planId=f"Plan:{town.town.plan}", reason="Nok nå.")
    assert told(town) == [("DELETION_ASKED", "admin")]
    await done(town, "admin", "refuseDeletion", requestId=made["request"]["id"], reason="Vent.")
    assert told(town) == [("DELETION_REFUSED", "guardian1")]
