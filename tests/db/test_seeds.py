"""The demo town keeps what it promises: every state is there, all of it true, and nobody in it exists."""
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.engine import Writer, Writing
from db.gate.ledger import facts_of
from db.migrations import upgrade
from db.rules.consent import state
from db.rules.grant import Grant, grants
from db.rules.rights import Right
from db.rules.words import (
    AddressProtection,
    CloseReason,
    ConsentState,
    PlanStatus,
    PlanType,
    Post,
    WorkStatus,
)
from db.seal import identity_number
from db.seeds.names import Strangers
from db.seeds.parts import Targets, Town
from db.seeds.texts import OVERVIEW, Book, Subject, book
from db.seeds.town import BOTH, GRANDMOTHER, is_empty, seed
from db.tables.consent import Consent
from db.tables.grant import AccessGrant
from db.tables.person import Person
from db.tables.plan import Plan
from db.write.consent import times
from db.write.person import identity_in
from tests.support.asking import NOW, SEAL, Asking
from tests.support.embedded import Server
from tests.support.ledger import grant_of

MUNICIPALITIES = (1, 2)
SHELL = """query($status: [PlanStatus!], $type: PlanType) {
  plans(filter: {status: $status, type: $type}) { totalCount } }"""
PLANS = """{ plans(first: 100) { totalCount edges { node {
  id status consentExpiresInDays unit { id } overview { presentation } } } } }"""


@dataclass
class Seeded:
    """The town, and the doors to each municipality."""
    url: str
    was_empty: bool
    doors: dict[int, Asking]

    def sql(self, statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement, values).fetchall()

    def each(self, statement: str, *values: Any) -> set[Any]:
        """The first column."""
        return {row[0] for row in self.sql(statement, *values)}

    def holder(self, municipality: int, post: Post) -> UUID:
        found: UUID = self.sql("""select person_id from assignment
            where municipality_id = %s and post = %s order by id""", municipality, post)[0][0]
        return found

    async def plans(self, municipality: int, part: str) -> dict[str, Any]:
        told = await self.doors[municipality].told(part, PLANS)
        return {edge["node"]["id"]: edge["node"] for edge in told["plans"]["edges"]}


@pytest.fixture(scope="module")
async def seeded(postgres: Server) -> AsyncIterator[Seeded]:
    url, empty = await postgres.once("demo", founded)
    doors = {number: Asking(url) for number in MUNICIPALITIES}
    try:
        made = Seeded(url, empty, doors)
        for number, door in doors.items():
            door.town = Town(number, parts(made, number), {}, UUID(int=0), UUID(int=0))
            await door.open()
        yield made
    finally:
        for door in doors.values():
            await door.close()


async def founded(url: str) -> bool:
    """Whether nobody was there before."""
    upgrade(url)
    writer = Writer(url, size=2)
    try:
        empty = await is_empty(writer, NOW)
        await seed(writer, SEAL, NOW, Targets("fagsystem", "archive", "notices", "by-hand"))
        return empty
    finally:
        await writer.close()


def parts(seeded: Seeded, municipality: int) -> dict[str, UUID]:
    """The cast by their addresses; `admin` is each municipality's local administrator, `leader` a unit's."""
    query = "select email, id from person where municipality_id = %s and email not like 'person%%'"
    known = {address.partition("@")[0]: key for address, key in seeded.sql(query, municipality)}
    return {"leader": seeded.holder(municipality, Post.UNIT_ADMINISTRATOR),
            "admin": seeded.holder(municipality, Post.LOCAL_ADMINISTRATOR), **known}


async def count(seeded: Seeded, municipality: int, **chosen: Any) -> int:
    told = await seeded.doors[municipality].told("admin", SHELL, **chosen)
    found: int = told["plans"]["totalCount"]
    return found


async def test_a_town_is_founded_where_nobody_has(seeded: Seeded) -> None:
    assert seeded.was_empty
    assert not await is_empty(seeded.doors[1].writer, NOW)


@pytest.mark.parametrize("municipality", MUNICIPALITIES)
async def test_the_administrator_counts_every_plan_in_one_status(seeded: Seeded, municipality: int) -> None:
    by_status = {status: await count(seeded, municipality, status=[status]) for status in PlanStatus}
    assert min(by_status.values()) > 0, by_status
    ((kept,),) = seeded.sql("select count(*) from plan where municipality_id = %s", municipality)
    assert sum(by_status.values()) == kept == await count(seeded, municipality)


@pytest.mark.parametrize("municipality", MUNICIPALITIES)
async def test_every_type_of_plan_is_there(seeded: Seeded, municipality: int) -> None:
    assert all([await count(seeded, municipality, type=kind) for kind in PlanType])


def test_there_are_people_and_plans_enough(seeded: Seeded) -> None:
    assert seeded.sql("select count(*) from plan")[0][0] >= 60
    assert 180 <= seeded.sql("select count(*) from person")[0][0] <= 280
    assert seeded.sql("select count(*) from unit")[0][0] == 10


def test_every_level_and_every_reason_for_closing_is_there(seeded: Seeded) -> None:
    assert seeded.each("select level from plan") == {0, 1, 2, 3}
    assert seeded.each("select reason from status_change where status = 'CLOSED'") == set(CloseReason)


def test_plans_rest_by_withdrawal_and_by_the_clock(seeded: Seeded) -> None:
    by_whom = seeded.each("select by_id is null from status_change where status = 'PASSIVE'")
    assert by_whom == {True, False}


def test_closed_plans_were_opened_again(seeded: Seeded) -> None:
    after = seeded.each("""select later.status from status_change closed join status_change later
        on later.plan_id = closed.plan_id and later.since > closed.since where closed.status = 'CLOSED'""")
    assert PlanStatus.ACTIVE in after
    ((again,),) = seeded.sql("""select count(*) from status_change passive join status_change later
        on later.plan_id = passive.plan_id and later.since > passive.since
        where passive.status = 'PASSIVE' and later.status = 'AWAITING_CONSENT'""")
    assert again >= 2


@pytest.mark.parametrize("municipality", MUNICIPALITIES)
async def test_consents_are_in_every_state(seeded: Seeded, municipality: int) -> None:
    async with seeded.doors[1].writer(NOW) as session:
        found = (await session.scalars(select(Consent).where(Consent.municipality_id == municipality))).all()
    assert {state(times(consent), NOW) for consent in found} == set(ConsentState)


def test_a_consent_waits_for_one_of_its_signatures(seeded: Seeded) -> None:
    waiting = seeded.sql("""select count(signed_at), count(*) from consent_signature s
        join consent c on c.id = s.consent_id
        where c.opened_at is null and c.declined_at is null and c.withdrawn_at is null group by c.id""")
    assert {(0, 1), (1, 2)} <= set(waiting)


def test_consents_name_persons_and_services_and_hold_things_back(seeded: Seeded) -> None:
    named = seeded.each("""select (n.unit_id is null, n.held_back <> 0, n.whereabouts)::text
        from consent_name n join consent c on c.id = n.consent_id where c.opened_at is not null""")
    assert named == {"(t,f,f)", "(t,t,f)", "(t,f,t)", "(f,f,f)"}


async def test_consents_run_out_in_5_in_25_and_in_55_days(seeded: Seeded) -> None:
    days = {plan["consentExpiresInDays"] for plan in (await seeded.plans(1, "admin")).values()}
    assert {5, 25, 55} <= days


def test_owners_are_3_to_17_and_grown_up_and_some_come_of_age(seeded: Seeded) -> None:
    def ages(on: date) -> list[int]:
        return [Subject("", day, on).age for day in born]
    born = sorted(seeded.each("select birth_date from person p join plan on plan.owner_id = p.id"))
    now, soon = ages(NOW.date()), ages(NOW.date() + timedelta(days=60))
    assert set(range(3, 18)) <= set(now)
    assert max(now) >= 20
    assert {15, 18} <= {then for before, then in zip(now, soon, strict=True) if before < then}


def test_goals_and_activities_are_in_every_state(seeded: Seeded) -> None:
    assert seeded.each("select status from activity") == set(WorkStatus)
    assert {WorkStatus.OPEN, WorkStatus.DONE} <= seeded.each("select status from goal")
    overdue = seeded.each("select deadline < %s from activity where status = 'OPEN'", NOW.date())
    assert overdue == {True, False}


def test_some_are_protected_and_some_hide_their_mobile(seeded: Seeded) -> None:
    owners = seeded.each("select address_protection from person p join plan on plan.owner_id = p.id")
    assert owners == set(AddressProtection)
    assert seeded.each("select hides_mobile from person") == {True, False}


@pytest.mark.parametrize("municipality", MUNICIPALITIES)
def test_every_unit_has_its_people_and_every_post_is_held(seeded: Seeded, municipality: int) -> None:
    posts = seeded.each("select post from assignment where municipality_id = %s", municipality)
    assert posts == set(Post)
    units = seeded.sql("""select
        (select count(*) from assignment a where a.unit_id = u.id and post = 'UNIT_ADMINISTRATOR'),
        (select count(*) from assignment a where a.unit_id = u.id and post = 'PLAN_CREATOR'),
        (select count(*) from person p where p.workplace_id = u.id)
        from unit u where municipality_id = %s""", municipality)
    assert all(leaders == 1 and creators >= 2 and people >= 5 for leaders, creators, people in units)


@pytest.mark.parametrize("municipality", MUNICIPALITIES)
def test_each_type_has_a_form_in_both_written_languages_and_one_in_more(
        seeded: Seeded, municipality: int) -> None:
    kept = seeded.sql("""select plan_type, language, version from consent_template
        where municipality_id = %s""", municipality)
    wanted = {(kind, language, 1) for kind in PlanType for language in ("nb", "nn")}
    newest = {(PlanType.STAFETTLOGG, language, 2) for language in ("nb", "nn", "en", "ar")}
    assert set(kept) == wanted | newest


async def test_the_leader_sees_the_plans_of_the_unit_and_no_content(seeded: Seeded) -> None:
    seen = await seeded.plans(1, "leader")
    school = seeded.each("""select 'Plan:' || p.id from plan p join unit u on u.id = p.unit_id
        where u.name = 'Nordmo skole'""")
    assert seen.keys() == school
    assert {plan["overview"] for plan in seen.values()} == {None}


async def test_stafettholder_and_nurse_have_more_plans_and_the_stranger_none(seeded: Seeded) -> None:
    assert len(await seeded.plans(1, "stafettholder")) >= 3
    assert len(await seeded.plans(1, "nurse")) >= 2
    for part in ("stranger", "former", "analyst"):
        assert await seeded.plans(1, part) == {}


async def test_one_has_been_invited_and_finds_nothing_yet(seeded: Seeded) -> None:
    waiting = seeded.sql("""select w.name, p.invited_until > %s from participant p
        join person w on w.id = p.person_id where p.link_hash is not null""", NOW)
    assert waiting == [(GRANDMOTHER.name, True)]
    assert seeded.each("select count(*) from delivery where notice = 'INVITATION'") == {1}


async def test_neither_municipality_sees_the_other(seeded: Seeded) -> None:
    query = "query($id: ID!) { plan(id: $id) { id } node(id: $id) { id } }"
    for part in ("admin", "leader"):
        here, there = await seeded.plans(1, part), await seeded.plans(2, part)
        assert here and there
        assert here.keys().isdisjoint(there.keys())
        for key in there:
            assert await seeded.doors[1].told(part, query, id=key) == {"plan": None, "node": None}


async def test_one_nurse_is_one_number_and_two_records(seeded: Seeded) -> None:
    mark = SEAL.mark(BOTH.identity_number)
    assert len(seeded.each("select id from person where identity_mark = %s", mark)) == 2


def ledger_and_rule(session: Session, key: tuple[int, UUID]) -> tuple[set[Grant], set[Grant]]:
    kept = session.scalars(select(AccessGrant).where(
        AccessGrant.municipality_id == key[0], AccessGrant.plan_id == key[1],
        AccessGrant.superseded_at.is_(None)))
    return set(map(grant_of, kept)), set(grants(facts_of(session, key)))


async def test_the_ledger_of_every_plan_is_what_the_rule_says(seeded: Seeded) -> None:
    session: Writing
    async with seeded.doors[1].writer(NOW) as session:
        keys = (await session.execute(select(Plan.municipality_id, Plan.id))).all()
        for municipality, plan in keys:
            kept, said = await session.run_sync(ledger_and_rule, (municipality, plan))
            assert kept == said
            assert said
        await session.rollback()


def test_whoever_wrote_a_comment_was_allowed_to_and_the_hub_knew_it_then(seeded: Seeded) -> None:
    ((written, allowed),) = seeded.sql("""select count(*), count(*) filter (where exists (
        select from access_grant g
        where g.plan_id = c.plan_id and g.person_id = c.author_id and g.mask & %s <> 0
          and g.valid_from <= c.created_at and coalesce(g.valid_until, 'infinity') > c.created_at
          and g.recorded_at <= c.created_at and coalesce(g.superseded_at, 'infinity') > c.created_at))
        from comment c""", int(Right.COMMENTS_WRITE))
    assert written == allowed >= 100


def test_all_of_it_has_happened(seeded: Seeded) -> None:
    happened = {
        "comment": ["created_at"], "status_change": ["since"],
        "participant": ["since"], "plan": ["changed_at"],
        "consent": ["sent_at", "opened_at", "declined_at", "withdrawn_at", "superseded_at"],
        "consent_signature": ["signed_at"], "access_grant": ["recorded_at"],
        "delivery": ["ordered_at"], "search_log": ["at"]}
    for table, columns in happened.items():
        for column in columns:
            ((last,),) = seeded.sql(f"select max({column}) from {table}")
            assert last < NOW, (table, column)


def test_deliveries_are_ordered_for_the_targets_and_not_too_many(seeded: Seeded) -> None:
    orders = seeded.sql("select target, kind, state from delivery")
    assert len(orders) < 300
    assert {order[2] for order in orders} == {"ORDERED"}
    assert {order[0] for order in orders} == {"fagsystem", "archive", "notices", "by-hand"}
    # no archive has had its version yet, so nobody is told of a closing
    assert {"OPENED", "WITHDRAWN", "ARCHIVED", "NOTICE"} == {kind for _, kind, _ in orders}
    assert seeded.sql("select count(*) from procrastinate_jobs where status = 'todo'")[0][0] > 0


async def test_nobody_in_it_exists(seeded: Seeded) -> None:
    async with seeded.doors[1].writer(NOW) as session:
        people = (await session.scalars(select(Person))).all()
    numbers = [(person, identity_number(identity_in(person.identity_sealed, SEAL))) for person in people]
    assert all(number.synthetic and number.birth_date == person.birth_date for person, number in numbers)
    assert len({number.number for _, number in numbers}) == len(people) - 1  # who works in both
    assert len({person.mobile for person in people}) == len(people)


def test_people_are_drawn_alike_each_time_and_never_twice() -> None:
    def crowd() -> list[Any]:
        draw = Strangers(Random(1), 1)
        return [draw.employee(date(2026, 1, 1)) for _ in range(400)]
    people = crowd()
    assert people == crowd()
    assert len({someone.name for someone in people}) == 400
    assert len({someone.identity_number for someone in people}) == 400
    assert set("áčđŋšŧž") <= set("".join(someone.name for someone in people).lower())


def said(texts: Book) -> list[str]:
    """Everything that a plan can say."""
    told = [*texts.helped, *texts.hard, *texts.responsibility.values()]
    for story in texts.stories.values():
        told += [story.overview[part] for part in OVERVIEW]
        for aim in story.aims:
            told += [aim.title, aim.why]
            told += chain.from_iterable((task.title, task.how, task.told) for task in aim.tasks)
    return told


def plots(texts: Book) -> dict[str, list[list[tuple[str, int]]]]:
    """The stories without their words."""
    return {name: [[(task.by, task.weeks) for task in aim.tasks] for aim in story.aims]
            for name, story in texts.stories.items()}


def test_both_languages_tell_the_same_stories_each_in_its_own_words() -> None:
    nb, nn = book("nb"), book("nn")
    assert plots(nb) == plots(nn)
    assert len(said(nb)) == len(said(nn)) == len(set(said(nb))) == len(set(said(nn)))
    bokmal = re.compile(r"\b(ikke|jeg|også|skolen|hjemme|uke|hva|hvem|hvordan|noe|noen)\b", re.IGNORECASE)
    assert [text for text in said(nn) if bokmal.search(text)] == []


def test_stories_fit_the_fields_and_name_no_place() -> None:
    someone = Subject("Kim", date(2018, 5, 4), NOW.date())
    assert someone("{name} {age} {grade}") == "Kim åtte 3"
    for text in chain(said(book("nb")), said(book("nn"))):
        assert len(someone(text)) <= 200
        assert not re.search("[{}]|Nordmo|Vestvik|Solbakken|Fjordglytt", someone(text))


@pytest.mark.parametrize("language, words", [
    ("nb", ("Formål", "Hvem", "Hva", "trekke samtykket tilbake", "Varighet", "Datatilsynet")),
    ("nn", ("Føremål", "Kven", "Kva", "trekkje samtykket tilbake", "Varigheit", "Datatilsynet"))])
def test_a_form_says_what_a_consent_must_say(language: str, words: tuple[str, ...]) -> None:
    for form in book(language).forms.values():
        assert [word for word in words if word not in form.text] == []
        assert 140 <= len(form.text.split()) <= 200
