"""The calendar of grants is the decision at every moment, the decision is the law, the ledger is the calendar.

`test_ledger_after_any_acts.py` holds the stored ledger to both while people act and time passes."""
import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings, strategies as st
from psycopg.errors import InsufficientPrivilege, IntegrityConstraintViolation
from sqlalchemy import Column, delete, event, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql.visitors import iterate

from db.engine import READER, WRITER, options, plain, regrant_changed
from db.gate.ledger import facts_of
from db.rules.grant import ConsentFacts, Named, Part, PlanFacts, birthday, decide, grants
from db.rules.rights import Element, Right
from db.rules.words import AddressProtection, PlanStatus, PlanType, Role
from db.seeds.parts import Town
from db.tables.consent import Consent, ConsentName
from db.tables.municipality import Municipality
from db.tables.participant import Participant
from db.tables.person import Person
from db.tables.plan import Plan, StatusChange
from db.write.find import Who
from db.write.plan import PlanDraft, create
from tests.support.asking import DAY, NOW, Asking
from tests.support.embedded import Server, name_of
from tests.support.law import law, names_in
from tests.support.ledger import ledger

PERSONS, UNITS = [UUID(int=n) for n in range(1, 5)], [UUID(int=n) for n in (11, 12)]
MOMENT = timedelta(microseconds=1)

moments = st.one_of(
    st.integers(-20, 20).map(lambda n: NOW + n * DAY),
    st.integers(-4000, 4000).map(lambda n: NOW + timedelta(hours=n)))
maybe = st.none() | moments
born = st.sampled_from([date(2008, 11, 20), date(2010, 11, 25), date(2011, 11, 23), date(2012, 2, 29),
                        date(2008, 2, 29), date(2018, 5, 4), date(1990, 1, 1)])
held_back = st.lists(st.sampled_from([r for e in Element for r in (e.read, e.write)]), max_size=3).map(
    lambda listed: Right(sum(set(listed))))
names = st.builds(Named, st.sampled_from(PERSONS), st.none(), held_back, st.booleans()) | st.builds(
    Named, st.none(), st.sampled_from(UNITS), held_back, st.booleans())
parts = st.builds(Part, st.sampled_from(PERSONS), st.sampled_from(Role), st.none() | st.sampled_from(UNITS),
                  moments, maybe)
consents = st.builds(ConsentFacts, st.uuids(), maybe, maybe, moments, maybe, maybe, maybe,
                     st.lists(names, max_size=3).map(tuple))
statuses = st.lists(st.tuples(moments, st.sampled_from([*PlanStatus, PlanStatus.ACTIVE, PlanStatus.ACTIVE])),
                    max_size=4).map(lambda listed: tuple(sorted(listed, key=lambda each: each[0])))
plans = st.builds(PlanFacts, born, st.sampled_from([15, 16]), st.booleans(), statuses,
                  st.lists(parts, min_size=1, max_size=5).map(tuple), st.lists(consents, max_size=3).map(tuple))


def turns(facts: PlanFacts) -> list[datetime]:
    """Every moment at which anything happens, and the last before it."""
    listed = [
        birthday(facts.born, facts.consent_age), birthday(facts.born, 18), *(since for since, _ in facts.statuses),
        *(at for part in facts.parts for at in (part.since, part.until)),
        *(at for c in facts.consents for at in (
            c.sent, c.opened, c.valid_until, c.withdrawn, c.superseded, c.declined))]
    return [moment for turn in listed if turn for moment in (turn - MOMENT, turn)]


@settings(max_examples=300, deadline=None)
@given(plans, moments)
def test_the_calendar_is_the_decision_and_the_decision_is_the_law_at_every_moment(
        facts: PlanFacts, at: datetime) -> None:
    calendar = grants(facts)
    for moment in (*turns(facts), at):
        for person in PERSONS:
            decided = decide(facts, person, moment)
            valid = [grant.decision for grant in calendar if grant.person == person
                     and grant.since <= moment and (grant.until is None or moment < grant.until)]
            assert valid == ([decided] if decided.mask else [])
            assert names_in(decided.mask) == law(facts, person, moment)


@settings(max_examples=300, deadline=None)
@given(plans)
def test_the_intervals_of_one_person_never_overlap_and_are_as_few_as_can_be(facts: PlanFacts) -> None:
    calendar = grants(facts)
    for before, after in pairwise(calendar):
        assert before.until is None or before.since < before.until
        if before.person == after.person:
            assert before.until is not None
            assert before.until <= after.since
            assert before.until < after.since or before.decision != after.decision


@settings(max_examples=300, deadline=None)
@given(plans, moments)
def test_no_provider_reads_without_a_consent_that_is_signed_by_all_holds_now_and_names_them(
        facts: PlanFacts, at: datetime) -> None:
    """The promise itself, of those who have no other part."""
    for part in facts.parts:
        own = [p for p in facts.parts if p.person == part.person]
        units = {p.unit for p in own if p.unit}
        opening = [
            c for c in facts.consents if c.opened and c.opened <= at < c.valid_until
            and not (c.withdrawn and c.withdrawn <= at) and not (c.superseded and c.superseded <= at)
            and any(n.person == part.person or n.unit in units for n in c.named)]
        if not opening and all(p.role is Role.PROVIDER for p in own):
            assert not decide(facts, part.person, at).mask


Change = Callable[[Session, Asking], object]


def person(session: Session, asking: Asking, part: str) -> Person:
    return session.get_one(Person, (asking.town.municipality, asking.town.persons[part]))


def newest(session: Session, asking: Asking, noun: Any, *where: Any) -> Any:
    """The newest row of the plan that meets all."""
    return session.scalars(select(noun).where(
        noun.plan_id == asking.town.plan, *where).order_by(noun.id.desc())).first()


def nurse(session: Session, asking: Asking) -> Any:
    return newest(session, asking, Participant, Participant.person_id == asking.town.persons["nurse"])


def taking_part(asking: Asking, part: str, role: Role = Role.PROVIDER) -> Participant:
    return Participant(municipality_id=asking.town.municipality, plan_id=asking.town.plan, role=role,
                       person_id=asking.town.persons[part], since=NOW)


def closing(asking: Asking) -> StatusChange:
    return StatusChange(municipality_id=asking.town.municipality, plan_id=asking.town.plan, since=NOW,
                        status=PlanStatus.CLOSED)


def settings_of(session: Session) -> Municipality:
    return session.scalars(select(Municipality)).one()


CHANGES: dict[str, Change] = {
    "a participant ends": lambda s, a: setattr(nurse(s, a), "until", NOW),
    "a participant is deleted": lambda s, a: s.delete(
        newest(s, a, Participant, Participant.role == Role.GUARDIAN)),
    "a participant comes": lambda s, a: s.add(taking_part(a, "stranger", Role.GUARDIAN)),
    "a participant gets another role": lambda s, a: setattr(nurse(s, a), "role", Role.GUARDIAN),
    "a consent is withdrawn": lambda s, a: setattr(newest(s, a, Consent), "withdrawn_at", NOW),
    "a consent is prolonged": lambda s, a: setattr(newest(s, a, Consent), "valid_until", NOW + 99 * DAY),
    "goals are held back": lambda s, a: setattr(newest(s, a, ConsentName), "held_back", int(Right.GOALS_READ)),
    "another is named": lambda s, a: setattr(newest(s, a, ConsentName), "person_id", a.town.persons["former"]),
    "the plan closes": lambda s, a: s.add(closing(a)),
    "a birth date is put right": lambda s, a: setattr(person(s, a, "owner"), "birth_date", date(2010, 5, 4)),
    "an address is protected": lambda s, a: setattr(
        person(s, a, "former"), "address_protection", AddressProtection.CONFIDENTIAL),
    "the consent age is raised": lambda s, _: setattr(settings_of(s), "consent_age", 16)}


@pytest.mark.parametrize("change", CHANGES)
async def test_every_change_of_facts_is_in_the_ledger_when_it_commits(own_town: Asking, change: str) -> None:
    before = await ledger(own_town)
    async with own_town.writer(NOW) as session, session.begin():
        await session.run_sync(CHANGES[change], own_town)
    after = await ledger(own_town)
    assert after.kept == after.calendar
    assert after.kept != before.kept


async def test_a_part_that_moves_to_another_plan_counts_for_both(own_town: Asking) -> None:
    who = Who(own_town.town.municipality, own_town.town.persons["stranger"], NOW)
    async with own_town.writer(NOW) as session, session.begin():
        other = (await create(session, who, PlanDraft(
            PlanType.STAFETTLOGG, own_town.town.units["PPT Nordmo"], own_town.town.persons["analyst"], "NV", (),
            who.person, 1, NOW.date()))).id
    async with own_town.writer(NOW) as session, session.begin():
        (await session.run_sync(nurse, own_town)).plan_id = other
    for plan in (own_town.town.plan, other):
        found = await ledger(own_town, plan)
        assert found.kept == found.calendar
    left = {grant.person for grant in (await ledger(own_town)).kept}
    assert own_town.town.persons["nurse"] not in left


FORBIDDEN: dict[str, Any] = {
    "update": update(Plan).values(owner_id=PERSONS[0]), "delete": delete(ConsentName),
    "insert": insert(StatusChange).values(status=PlanStatus.ACTIVE), "by table": delete(inspect(Participant).local_table),
    "of persons": update(Person).values(birth_date=date(2000, 1, 1)),
    "of settings": update(Municipality).values(consent_age=16),
    "returning": update(Consent).values(withdrawn_at=None).returning(Consent.id),
    "text": text("update consent set withdrawn_at = null")}


@pytest.fixture(scope="module")
async def refusing(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Asking]:
    """A town where everything that is tried is refused, so that the tries can share it."""
    asking = Asking(postgres.fresh(name_of(template[0])))
    asking.town = template[1]
    yield await asking.open()
    await asking.close()


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_a_statement_that_would_pass_the_ledger_by_is_refused(refusing: Asking, statement: str) -> None:
    async with refusing.writer(NOW) as session, session.begin():
        with pytest.raises(TypeError, match="decides rights"):
            await session.execute(FORBIDDEN[statement])


GUARDED = {  # every column that the rule asks about, with a change of it
    "plan": ("owner_id = stafettholder_id",),
    "status_change": ("status = 'CLOSED'", "since = '{now}'"),
    "participant": ("role = 'GUARDIAN'", "unit_id = null", "since = '{now}'", "until = '{now}'",
                    "person_id = '{stranger}' where person_id = '{nurse}'"),
    "consent": ("sent_at = null", "opened_at = '{now}'", "valid_until = '{now}'", "withdrawn_at = '{now}'",
                "superseded_at = '{now}'", "declined_at = '{now}'"),
    "consent_name": ("person_id = '{stranger}'", "unit_id = '{unit}', person_id = null", "held_back = 0",
                     "whereabouts = true", "consent_id = '{consent}'"),
    "person": ("birth_date = '2000-01-01'", "address_protection = 'CONFIDENTIAL'"),
    "municipality": ("consent_age = 16",)}
RAW = [
    *(f"update {table} set {change}" for table, changes in GUARDED.items() for change in changes),
    "delete from status_change", "delete from consent_name",
    "delete from participant where person_id = '{former}'",
    *(f"create temporary table copied as select * from {table} limit 1; update copied set id = uuidv7(){other}; "
      f"insert into {table} select * from copied" for table, other in {
          "plan": ", type = 'INDIVIDUAL_PLAN'", "status_change": "", "participant": ", person_id = '{stranger}'",
          "consent": "", "consent_name": ""}.items())]


@pytest.mark.parametrize("statement", RAW)
async def test_whoever_connects_can_not_change_facts_without_regranting(
        refusing: Asking, statement: str) -> None:
    """Not even the owner of the tables: a load that brings its own ledger turns the triggers off."""
    town = refusing.town
    known = {**town.persons, "consent": town.consent, "unit": town.units["PPT Nordmo"]}
    with psycopg.connect(plain(refusing.url)) as connection:
        assert connection.execute(statement.format(**known, now=NOW).encode()).rowcount > 0
        with pytest.raises(IntegrityConstraintViolation, match="without re-granting"):
            connection.commit()


async def test_every_column_that_the_rule_asks_about_is_guarded(refusing: Asking) -> None:
    read: set[tuple[str, str]] = set()

    def note(state: ORMExecuteState) -> None:
        statement: Any = state.statement
        read.update((each.table.name, each.name) for each in iterate(statement) if isinstance(each, Column))
    async with refusing.writer(NOW) as session:
        event.listen(session.sync_session, "do_orm_execute", note)
        await session.run_sync(facts_of, (refusing.town.municipality, refusing.town.plan))
    keys = {"municipality_id", "id", "plan_id"}
    assert {(table, column) for table, column in read if column not in keys} == {
        (table, change.partition(" ")[0]) for table, changes in GUARDED.items() for change in changes}


async def test_objects_that_are_written_in_bulk_are_refused_at_the_commit(refusing: Asking) -> None:
    """They pass by all that a session remembers."""
    ways: list[Callable[[Session], object]] = [
        lambda s: s.bulk_save_objects([taking_part(refusing, "stranger")]),
        lambda s: s.bulk_insert_mappings(inspect(StatusChange), [{
            "municipality_id": refusing.town.municipality, "plan_id": refusing.town.plan,
            "status": PlanStatus.ACTIVE, "since": NOW}]),
        lambda s: s.bulk_update_mappings(inspect(Person), [{
            "municipality_id": refusing.town.municipality, "id": refusing.town.persons["owner"],
            "birth_date": date(2000, 1, 1)}])]
    for way in ways:
        with pytest.raises(IntegrityError, match="without re-granting"):
            async with refusing.writer(NOW) as session, session.begin():
                await session.run_sync(way)


async def test_the_reader_may_select_and_write_the_logs_and_nothing_else(refusing: Asking) -> None:
    with psycopg.connect(plain(refusing.url)) as connection:
        rights = connection.execute(
            "select table_name, privilege_type from information_schema.role_table_grants "
            "where grantee = %s and privilege_type <> 'SELECT'", [READER]).fetchall()
    assert set(rights) == {("access_log", "INSERT"), ("search_log", "INSERT")}
    for statement in ("update consent set withdrawn_at = null", "delete from access_grant", "truncate access_log",
                      "delete from access_log", "insert into access_grant select * from access_grant"):
        with pytest.raises(InsufficientPrivilege):
            await refusing.reader.rows(statement, [])


def as_writer(asking: Asking) -> psycopg.Connection:
    return psycopg.connect(plain(asking.url), options=options(WRITER, 5000))


@pytest.mark.parametrize("statement", [
    "update access_grant set mask = -1", "update access_grant set valid_until = null",
    "update access_grant set recorded_at = valid_from", "update access_grant set person_id = person_id",
    "delete from access_grant", "truncate access_grant", "delete from access_log", "truncate access_log",
    "update access_log set elements = 0", "update access_log set person_id = person_id", "delete from search_log",
    "update search_log set sought = ''", "update status_change set since = since", "delete from status_change",
    "delete from consent", "delete from consent_name", "delete from consent_signature", "delete from plan",
    "delete from person", "alter table plan disable trigger all", "drop table access_log",
    "set session_replication_role = replica"])
async def test_the_writer_can_not_change_what_was_written_down(refusing: Asking, statement: str) -> None:
    with as_writer(refusing) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement.encode())


async def test_a_row_of_the_ledger_that_is_superseded_stays_so(refusing: Asking) -> None:
    """Superseding is the only change there is, and it happens once."""
    with as_writer(refusing) as connection, pytest.raises(IntegrityConstraintViolation, match="superseded once"):
        connection.execute("update access_grant set superseded_at = null where superseded_at is not null")


WITHDRAW = """mutation($id: ID!) { withdrawConsent(consentId: $id) { plan { status } errors { code } } }"""
ADD = """mutation($plan: ID!, $person: ID!) {
    addParticipant(input: {planId: $plan, personId: $person, role: PROVIDER}) { errors { code } } }"""


async def withdrawn(asking: Asking) -> Any:
    told = await asking.told("guardian1", WITHDRAW, id=f"Consent:{asking.town.consent}")
    return told["withdrawConsent"]


async def readers(asking: Asking) -> set[str]:
    """Who reads goals now, by the ledger, which must be what the rule says."""
    found = await ledger(asking)
    assert found.kept == found.calendar
    open_to = {grant.person for grant in found.said(asking.now) if Right.GOALS_READ in grant.decision.mask}
    return {part for part, key in asking.town.persons.items() if key in open_to}


@pytest.fixture
async def naming_stranger(own_town: Asking) -> Asking:
    """Where the consent in force names one more, who does not take part yet."""
    async with own_town.writer(NOW - DAY) as session, session.begin():
        session.add(ConsentName(
            municipality_id=own_town.town.municipality, plan_id=own_town.town.plan, consent_id=own_town.town.consent,
            person_id=own_town.town.persons["stranger"], held_back=0))
    return own_town


async def test_adding_one_whom_the_consent_names_opens_the_plan_to_them(naming_stranger: Asking) -> None:
    """So that the tests below, where a withdrawal comes between, can fail."""
    assert await readers(naming_stranger) == {"guardian1", "guardian2", "stafettholder", "nurse"}
    async with naming_stranger.writer(NOW) as session, session.begin():
        session.add(taking_part(naming_stranger, "stranger"))
    assert await readers(naming_stranger) == {"guardian1", "guardian2", "stafettholder", "nurse", "stranger"}


async def test_one_who_adds_a_participant_meanwhile_opens_nothing_again(naming_stranger: Asking) -> None:
    """The session that adds has loaded the consent before it was withdrawn, and does not know."""
    async with naming_stranger.writer(NOW) as session, session.begin():
        consent = await session.run_sync(newest, naming_stranger, Consent)
        session.add(taking_part(naming_stranger, "stranger"))
        await session.flush()
        said = await asyncio.wait_for(withdrawn(naming_stranger), 5)
        assert said == {"plan": {"status": "PASSIVE"}, "errors": []}
        assert consent.withdrawn_at is None, "this session has not heard of it"
    assert await readers(naming_stranger) == {"guardian1", "guardian2"}


async def test_one_who_adds_a_participant_waits_for_a_withdrawal_that_is_being_written(
        naming_stranger: Asking) -> None:
    async with naming_stranger.writer(NOW) as withdrawing, naming_stranger.writer(NOW) as adding:
        (await withdrawing.run_sync(newest, naming_stranger, Consent)).withdrawn_at = NOW
        await withdrawing.run_sync(regrant_changed)  # decided, and not committed
        adding.add(taking_part(naming_stranger, "stranger"))
        commit = asyncio.create_task(adding.commit())
        await asyncio.sleep(0.2)
        assert not commit.done()
        await withdrawing.commit()
        await asyncio.wait_for(commit, 5)
    assert await readers(naming_stranger) == {"guardian1", "guardian2"}


async def test_whoever_comes_first_of_many_nobody_reads_after_a_withdrawal(naming_stranger: Asking) -> None:
    """Acts at the same time, each of which finds, locks and decides on its own."""
    town = naming_stranger.town
    add = partial(naming_stranger.told, "stafettholder", ADD, plan=f"Plan:{town.plan}",
                  person=f"Person:{town.persons['stranger']}")
    await asyncio.wait_for(asyncio.gather(add(), withdrawn(naming_stranger), add()), 10)
    assert await readers(naming_stranger) == {"guardian1", "guardian2"}


async def test_two_who_add_participants_at_once_both_come_through(own_town: Asking) -> None:
    """Each new row locks the plan's key, so a stronger lock for re-granting would be a deadlock."""
    async with own_town.writer(NOW) as first, own_town.writer(NOW) as second:
        for session, part in ((first, "stranger"), (second, "analyst")):
            session.add(taking_part(own_town, part, Role.GUARDIAN))
            await session.flush()
        await asyncio.wait_for(asyncio.gather(first.commit(), second.commit()), 5)
    assert await readers(own_town) >= {"stranger", "analyst"}


@pytest.mark.parametrize("first", ["the one who protects", "the one who adds"])
async def test_one_whose_address_is_being_protected_is_protected_in_the_plan_they_come_to(
        own_town: Asking, first: str) -> None:
    """The first has decided when the second begins, and neither sees what the other has not committed."""
    async with own_town.writer(NOW) as protecting, own_town.writer(NOW) as adding:
        someone = await protecting.run_sync(person, own_town, "stranger")
        someone.address_protection = AddressProtection.CONFIDENTIAL
        adding.add(taking_part(own_town, "stranger"))
        early, late = (protecting, adding) if first == "the one who protects" else (adding, protecting)
        await early.run_sync(regrant_changed)
        commit = asyncio.create_task(late.commit())
        await asyncio.sleep(0.2)
        await early.commit()
        await asyncio.wait_for(commit, 5)
    found = await ledger(own_town)
    assert found.facts.protected
    assert found.kept == found.calendar
