"""Two hundred at the same time try to break each promise: none is broken, none is lost, all are told clearly.

Each request is a whole one, in transactions of its own."""
import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from itertools import cycle, islice
from random import shuffle
from typing import Any

import orjson
import pytest
from sqlalchemy import exc

from db.seal import synthetic
from db.seeds.parts import Town
from db.write.delivery import Key
from db.write.due import due
from tests.support.asking import DAY, NOW, Asking
from tests.support.busy import Child, opened
from tests.support.changing import arguments, document, done, rows, sent
from tests.support.embedded import Server, name_of
from tests.support.ledger import ledger, names
from tests.support.posting import Post

MANY = 200
Ask = Callable[[], Awaitable[Any]]
GUARDIANS = ("guardian1", "guardian2")
GOALS = "query($id: ID!) { plan(id: $id) { goals { title } } }"
HELD = """select since, until from participant where role = 'STAFETTHOLDER' and plan_id = %s
  order by until nulls last, since"""

SIGNED = """select opened_at, declined_at, (
    select count(*) from consent_signature where consent_id = consent.id and signed_at is not null)
  from consent where 'Consent:' || id = %s"""

SUPERSEDED = "select id from consent where superseded_at is not null"


@pytest.fixture
async def wide(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    """The test's own town, through doors that a dozen can stand in at once."""
    asking = Asking(postgres.fresh(name_of(template[0])), doors=12)
    asking.town = template[1]
    yield await asking.open()
    await asking.close()
    postgres.drop(asking.url)


async def at_once(*some: Sequence[Ask]) -> Counter[str]:
    """How many were made, and how many refused for each reason."""
    every = [ask for each in some for ask in each]
    assert len(every) == MANY
    shuffle(every)
    payloads = await asyncio.gather(*(ask() for ask in every))
    return Counter(", ".join(error["code"] for error in payload["errors"]) or "made" for payload in payloads)


def asks(times: int, town: Asking, part: str, name: str, **args: Any) -> list[Ask]:
    return [partial(asked, town, part, name, args)] * times


async def asked(town: Asking, part: str, name: str, args: dict[str, Any]) -> Any:
    """The payload. One who is told that there is too much to do just now comes back."""
    while True:
        answer = await town.answer(part, document(name, {}), **arguments(name, args))
        if answer.data[name]:
            return orjson.loads(orjson.dumps(answer.data[name]))
        assert [error["extensions"]["code"] for error in answer.errors] == ["BUSY"]


def signing(consent: dict[str, Any]) -> dict[str, Any]:
    return {"consentId": consent["id"], "method": "DEMO_BANKID", "hash": consent["texts"][0]["hash"]}


async def is_the_rule(asking: Asking) -> None:
    found = await ledger(asking)
    assert found.kept == found.calendar


async def test_the_baton_is_in_one_hand(wide: Asking) -> None:
    """The successor takes it and declines it, while leaders give it to her and others propose her."""
    plan, nurse = f"Plan:{wide.town.plan}", f"Person:{wide.town.persons['nurse']}"
    given = {"planId": plan, "personId": nurse, "reason": "Ny kontaktlærer"}
    await done(wide, "stafettholder", "proposeStafettholder", **given)
    ((key,),) = rows(wide, "select id from handover where state = 'PROPOSED'")
    answer = {"handoverId": f"Handover:{key}"}
    told = await at_once(
        asks(60, wide, "nurse", "acceptStafettholder", **answer),
        asks(20, wide, "nurse", "declineStafettholder", **answer),
        asks(60, wide, "leader", "replaceStafettholder", **given),
        asks(60, wide, "stafettholder", "proposeStafettholder", **given))
    held = rows(wide, HELD, wide.town.plan)
    assert [until for _, until in held][-1] is None
    assert [until for _, until in held[:-1]] == [since for since, _ in held[1:]], "never two, never none"
    assert set(told) <= {"made", "ANSWERED", "NOT_FOUND", "NOT_ALLOWED", "HOLDS_IT"}, told
    assert told["made"]
    await is_the_rule(wide)


async def test_each_signs_once_and_the_consent_opens_once(wide: Asking) -> None:
    consent, before = await sent(wide), rows(wide, SUPERSEDED)
    told = await at_once(*(asks(100, wide, part, "signConsent", **signing(consent)) for part in GUARDIANS))
    assert told["made"] == 2 and set(told) <= {"made", "ALREADY_SIGNED", "NOT_AWAITING_SIGNATURE"}, told
    assert rows(wide, SIGNED, consent["id"]) == [(NOW, None, 2)]
    assert len(rows(wide, SUPERSEDED)) == len(before) + 1
    await is_the_rule(wide)


async def test_one_who_declines_and_one_who_signs_leave_one_answer(wide: Asking) -> None:
    consent = await sent(wide)
    told = await at_once(
        *(asks(60, wide, part, "signConsent", **signing(consent)) for part in GUARDIANS),
        *(asks(40, wide, part, "declineConsent", consentId=consent["id"]) for part in GUARDIANS))
    ((opened_at, declined_at, signatures),) = rows(wide, SIGNED, consent["id"])
    assert (opened_at is None) != (declined_at is None)
    assert signatures == 2 if opened_at else signatures < 2
    assert told["made"] == signatures + (declined_at is not None), "no signature is lost"
    await is_the_rule(wide)


async def test_one_child_has_one_plan(wide: Asking) -> None:
    """One number, and a family that nobody knew before."""
    units = wide.town.units
    family = {"owner": {"identityNumber": synthetic(date(2019, 2, 3), 7), "name": "Mia Myr"}, "guardians": [
        {"identityNumber": synthetic(date(1990, 2, 3), 7), "name": "Eli Myr", "mobile": "+4740000099"}]}
    told = await at_once(
        asks(MANY, wide, "stafettholder", "createPlan", unitId=f"Unit:{units['Nordmo skole']}", **family))
    assert told["made"] == 1 and set(told) <= {"made", "PLAN_EXISTS", "CONFLICT"}, told
    assert rows(wide, "select name from person where name in ('Eli Myr', 'Mia Myr') order by name") == [
        ("Eli Myr",), ("Mia Myr",)]


async def test_nobody_reads_who_asks_after_a_withdrawal_is_answered(wide: Asking) -> None:
    """And nobody joins: 59 add one whom the consent named, 140 read again and again, one withdraws."""
    town, over = wide.town, asyncio.Event()
    async with wide.writer(NOW - DAY) as session, session.begin():
        session.add(names(wide, "stranger"))
    add = asks(59, wide, "stafettholder", "addParticipant", planId=f"Plan:{town.plan}",
               personId=f"Person:{town.persons['stranger']}", role="PROVIDER")
    late: list[bytes] = []

    async def withdraw() -> Any:
        payload = await asked(wide, "guardian1", "withdrawConsent", {"consentId": f"Consent:{town.consent}"})
        over.set()
        return payload

    async def read(part: str) -> Any:
        while len(late) < 140:
            ended = over.is_set()
            answer = await wide.answer(part, GOALS, id=f"Plan:{town.plan}")
            if ended and not answer.errors:
                late.append(orjson.dumps(answer.data))
        return {"errors": []}

    told = await at_once([withdraw], add, [partial(read, part) for part in ("nurse", "stranger")] * 70)
    assert b"title" not in b"".join(late)
    assert told["made"] in {141, 142}, "at most one joined, and before it"
    await is_the_rule(wide)


async def test_what_a_service_holds_ends_when_consent_does_however_it_was_being_told(wide: Asking) -> None:
    """Twenty plans, of which a service knows five: workers deliver while the guardians withdraw, and while
    the service is told of the end."""
    post = Post(wide)
    await post.go()  # what the cast's plan had waiting
    cast = {fact.plan_ref for fact in post.facts()}
    plans = [await opened(wide, Child(f"Barn {n}", "B", 2, left=100), n, "stafettholder", "guardian1")
             for n in range(20)]
    consents = rows(wide, "select id from consent where plan_id = any(%s)", plans)
    withdrawals = [ask for (key,) in consents
                   for ask in asks(1, wide, "guardian1", "withdrawConsent", consentId=f"Consent:{key}")]
    async with wide.writer(NOW) as session:
        waiting = list(islice(cycle(await due(session, NOW)), MANY - len(withdrawals)))
    assert {key.plan for key in waiting} >= set(plans)
    for key in [key for key in waiting if key.plan in plans[:5]][:5]:
        await post.worker.work(key)

    async def work(key: Key) -> Any:
        with suppress(exc.TimeoutError):  # a worker for whom there was no connection will come again
            await post.worker.work(key)
        return {"errors": []}

    assert await at_once(withdrawals, [partial(work, key) for key in waiting]) == {"made": MANY}
    await post.go()
    states = rows(wide, "select state from delivery where plan_id = any(%s) and kind <> 'NOTICE'", plans)
    assert {state for (state,) in states} <= {"CONFIRMED", "CANCELLED"}
    facts = [fact for fact in post.facts() if fact.plan_ref not in cast]
    assert len({fact.plan_ref for fact in facts if fact.has_plan}) >= 5
    assert True not in {fact.plan_ref: fact.has_plan for fact in facts}.values()
