"""The calendar of grants is the decision at every moment, the decision the law, and the ledger the calendar.

Beside this stand three more: after any acts, where somebody would pass the ledger by, and in races."""
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.rules.grant import ConsentFacts, Named, Part, PlanFacts, birthday, decide, grants
from db.rules.plan_template import Switch
from db.rules.rights import Element, Right
from db.rules.words import AddressProtection, PlanStatus, PlanType, Role
from db.tables.consent import Consent, ConsentName
from db.tables.municipality import Municipality
from db.tables.participant import Participant
from db.tables.plan import StatusChange
from db.write.find import Who
from db.write.plan import PlanDraft, create
from tests.support.asking import DAY, NOW, Asking
from tests.support.law import law, names_in
from tests.support.ledger import ledger, ledgers, newest, person, switched, taking_part

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
parts = st.builds(Part, st.sampled_from(PERSONS), st.sampled_from(Role),
                  st.none() | st.sampled_from(UNITS), moments, maybe, maybe, st.booleans(), maybe)
consents = st.builds(ConsentFacts, st.uuids(), maybe, maybe, moments, maybe, maybe, maybe,
                     st.lists(names, max_size=3).map(tuple))
statuses = st.lists(st.tuples(moments, st.sampled_from([*PlanStatus, PlanStatus.ACTIVE, PlanStatus.ACTIVE])),
                    max_size=4).map(lambda listed: tuple(sorted(listed, key=lambda each: each[0])))
switches = st.lists(st.builds(Switch, moments, st.sampled_from([Element.MAPPING, *Element]), st.booleans()),
                    max_size=4).map(lambda listed: tuple(sorted(listed, key=lambda each: each.since)))
plans = st.builds(
    PlanFacts, born, st.sampled_from([15, 16]), st.booleans(), statuses,
    st.lists(parts, min_size=1, max_size=5).map(tuple), st.lists(consents, max_size=3).map(tuple),
    st.sampled_from(PlanType), switches)


def turns(facts: PlanFacts) -> list[datetime]:
    """Every moment at which anything happens, and the last before it."""
    listed = [
        birthday(facts.born, facts.consent_age), birthday(facts.born, 18),
        *(since for since, _ in facts.statuses), *(switch.since for switch in facts.switches),
        *(at for part in facts.parts for at in (part.since, part.until, part.accepted, part.declared)),
        *(at for c in facts.consents for at in (
            c.sent, c.opened, c.valid_until, c.withdrawn, c.superseded, c.declined))]
    return [moment for turn in listed if turn for moment in (turn - MOMENT, turn)]


@settings(max_examples=300, deadline=None)
@given(plans, moments)
def test_the_calendar_is_the_decision_and_the_decision_is_the_law_at_every_moment(
        facts: PlanFacts, at: datetime) -> None:
    calendar = grants(facts)
    for moment in (*turns(facts), at):
        for each in PERSONS:
            decided = decide(facts, each, moment)
            valid = [grant.decision for grant in calendar if grant.person == each
                     and grant.since <= moment and (grant.until is None or moment < grant.until)]
            assert valid == ([decided] if decided.mask else [])
            assert names_in(decided.mask) == law(facts, each, moment)


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


def nurse(session: Session, asking: Asking) -> Any:
    return newest(session, asking, Participant, Participant.person_id == asking.town.persons["nurse"])


def named(session: Session, asking: Asking) -> Any:
    return newest(session, asking, ConsentName)


def closing(asking: Asking) -> StatusChange:
    return StatusChange(municipality_id=asking.town.municipality, plan_id=asking.town.plan,
                        since=NOW, status=PlanStatus.CLOSED)


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
    "goals are held back": lambda s, a: setattr(named(s, a), "held_back", int(Right.GOALS_READ)),
    "another is named": lambda s, a: setattr(named(s, a), "person_id", a.town.persons["former"]),
    "the plan closes": lambda s, a: s.add(closing(a)),
    "a birth date is put right": lambda s, a: setattr(person(s, a, "owner"), "birth_date", date(2010, 5, 4)),
    "an address is protected": lambda s, a: setattr(
        person(s, a, "former"), "address_protection", AddressProtection.CONFIDENTIAL),
    "an element is switched on": lambda s, a: s.add(switched(a)),
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
    town = own_town.town
    who = Who(town.municipality, town.persons["stranger"], NOW)
    draft = PlanDraft(PlanType.STAFETTLOGG, town.units["PPT Nordmo"], town.persons["analyst"], "NV", (),
                      who.person, 1, NOW.date())
    async with own_town.writer(NOW) as session, session.begin():
        other = (await create(session, who, draft)).id
    async with own_town.writer(NOW) as session, session.begin():
        (await session.run_sync(nurse, own_town)).plan_id = other
    found = await ledgers(own_town, [town.plan, other])
    assert all(each.kept == each.calendar for each in found.values())
    left = {grant.person for grant in found[town.plan].kept}
    assert town.persons["nurse"] not in left
