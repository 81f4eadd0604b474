"""Consent law as a calendar: birthdays, which consent holds, whom it covers, what intervals follow."""
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from db.rules.grant import (
    OSLO,
    ConsentFacts,
    Decision,
    Grant,
    Named,
    Part,
    PlanFacts,
    birthday,
    closed_because,
    consent_at,
    decide,
    grants,
    status_at,
)
from db.rules.plan_template import Switch
from db.rules.rights import ADMINISTRATION, FAMILY, FAMILY_READS, NOTHING, PROVIDER, Element, Right
from db.rules.words import AccessReason, PlanStatus, PlanType, Role

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
NURSE, HOLDER, MOTHER, CHILD, CLINIC, SCHOOL = (UUID(int=n) for n in range(1, 7))
EIGHT = date(2018, 5, 4)
ADULT_AT = datetime(2036, 5, 4, tzinfo=OSLO)


def days(number: int) -> datetime:
    return NOW + number * DAY


START = days(-50)
EVERYONE = (Part(NURSE, Role.PROVIDER, CLINIC, START, START),
            Part(HOLDER, Role.STAFETTHOLDER, SCHOOL, START, START),
            Part(MOTHER, Role.GUARDIAN, None, START, START), Part(CHILD, Role.OWNER, None, START, START))


def agreed(number: int, *, opened: int | None = -9, until: int = 99, withdrawn: int | None = None,
           superseded: int | None = None, declined: int | None = None,
           named: tuple[Named, ...] = (Named(NURSE, None),)) -> ConsentFacts:
    """A consent with its times in days from now."""
    opened_at, withdrawn_at, superseded_at, declined_at = (
        None if each is None else days(each) for each in (opened, withdrawn, superseded, declined))
    return ConsentFacts(
        UUID(int=number), days(-9), opened_at, days(until), withdrawn_at, superseded_at, declined_at, named)


WHOLE = (Switch(START - DAY, Element.MAPPING, on=True),)  # an individual plan then has every element


def a_plan(*consents: ConsentFacts, parts: tuple[Part, ...] = EVERYONE,
           status: PlanStatus = PlanStatus.ACTIVE, protected: bool = False) -> PlanFacts:
    statuses = (START, PlanStatus.DRAFT), (days(-9), status)
    return PlanFacts(EIGHT, 15, protected, statuses, parts, consents, PlanType.INDIVIDUAL_PLAN, WHOLE)


@pytest.mark.parametrize("born, age, day", [
    (date(2010, 11, 22), 16, date(2026, 11, 22)),
    (date(2008, 2, 29), 15, date(2023, 3, 1)),  # 2023 has no 29 February
    (date(2008, 2, 29), 16, date(2024, 2, 29)),
    (date(2008, 2, 29), 18, date(2026, 3, 1)),
    (date(2000, 12, 31), 18, date(2018, 12, 31)),
    (date(2000, 1, 1), 15, date(2015, 1, 1))])
def test_an_age_is_reached_at_midnight_in_norway_on_the_birthday(born: date, age: int, day: date) -> None:
    reached = birthday(born, age)
    assert reached == datetime(day.year, day.month, day.day, tzinfo=OSLO)
    assert reached.utcoffset() in (timedelta(hours=1), timedelta(hours=2))


def test_the_status_is_the_last_one_that_has_come() -> None:
    facts = a_plan()
    assert [status_at(facts, days(day)) for day in (-51, -50, -10, -9, 400)] == [
        None, PlanStatus.DRAFT, PlanStatus.DRAFT, PlanStatus.ACTIVE, PlanStatus.ACTIVE]


@pytest.mark.parametrize("consents, holds", [
    pytest.param((), None, id="none"),
    pytest.param((agreed(1, opened=None),), None, id="not signed by all"),
    pytest.param((agreed(1),), 1, id="signed by all"),
    pytest.param((agreed(1, opened=0),), 1, id="in the moment that it opens"),
    pytest.param((agreed(1, opened=1),), None, id="signed, but its period has not begun"),
    pytest.param((agreed(1, until=0),), None, id="in the moment that it runs out"),
    pytest.param((agreed(1, withdrawn=0),), None, id="in the moment that it is withdrawn"),
    pytest.param((agreed(1, withdrawn=1),), 1, id="withdrawn later"),
    pytest.param((agreed(1, superseded=-1), agreed(2, opened=-1)), 2, id="replaced"),
    pytest.param((agreed(1, superseded=5), agreed(2, opened=5)), 1, id="to be replaced later"),
    pytest.param((agreed(1), agreed(2, opened=None)), 1, id="a new one is out for signing"),
    pytest.param((agreed(1, superseded=-1), agreed(2, opened=-1, withdrawn=0)), None, id="no old one wakes"),
    pytest.param((agreed(1), agreed(2, opened=-1, until=0)), None, id="nor one not marked as replaced"),
    pytest.param((agreed(1), agreed(2, opened=-1, withdrawn=-2)), 1, id="a later one that never began"),
    pytest.param((agreed(2, opened=-1, superseded=-5), agreed(1, opened=-5)), 1, id="replaced too early"),
    pytest.param((agreed(2, opened=-5, superseded=-5), agreed(1, opened=-5)), 1, id="replaced as it opened")])
def test_at_most_one_consent_is_in_force(consents: tuple[ConsentFacts, ...], holds: int | None) -> None:
    found = consent_at(a_plan(*consents), NOW)
    assert (found and found.id) == (holds and UUID(int=holds))


@pytest.mark.parametrize("named, covers", [
    (Named(NURSE, None), True), (Named(HOLDER, None), False), (Named(None, CLINIC), True),
    (Named(None, SCHOOL), False)])
def test_a_consent_covers_the_person_or_the_service_it_names(named: Named, *, covers: bool) -> None:
    assert named.covers(Part(NURSE, Role.PROVIDER, CLINIC, NOW, NOW)) is covers


def test_naming_a_service_covers_nobody_without_one() -> None:
    assert not Named(NURSE, None).covers(Part(MOTHER, Role.GUARDIAN, None, NOW, NOW))
    assert not Named(None, CLINIC).covers(Part(MOTHER, Role.GUARDIAN, None, NOW, NOW))


@pytest.mark.parametrize("consents, reason", [
    ((), AccessReason.NO_CONSENT),
    ((agreed(1, opened=None, declined=-1),), AccessReason.NO_CONSENT),
    ((agreed(1, opened=None),), AccessReason.AWAITING_SIGNATURE),
    ((agreed(1, opened=5),), AccessReason.AWAITING_SIGNATURE),  # its period has not begun
    ((agreed(1, opened=None, until=0),), AccessReason.NO_CONSENT),  # signed too late
    ((agreed(1, until=0),), AccessReason.EXPIRED),
    ((agreed(1, until=0), agreed(2, opened=None)), AccessReason.AWAITING_SIGNATURE),
    ((agreed(1, withdrawn=0),), AccessReason.WITHDRAWN),
    ((agreed(1, withdrawn=0, until=5),), AccessReason.WITHDRAWN),
    ((agreed(1, withdrawn=-8), agreed(2, opened=-5, until=0)), AccessReason.EXPIRED)])
def test_the_stafettholder_is_told_why_content_is_closed(
        consents: tuple[ConsentFacts, ...], reason: AccessReason) -> None:
    facts = a_plan(*consents)
    assert decide(facts, HOLDER, NOW) == Decision(ADMINISTRATION, AccessReason.ROLE, reason)


@pytest.mark.parametrize("status", [PlanStatus.PASSIVE, PlanStatus.AWAITING_CONSENT, PlanStatus.CLOSED])
def test_a_plan_at_rest_is_closed_though_a_consent_holds(status: PlanStatus) -> None:
    facts = a_plan(agreed(1), status=status)
    assert closed_because(facts, NOW) is AccessReason.PLAN_PASSIVE
    assert decide(facts, NURSE, NOW).mask == NOTHING
    assert decide(facts, HOLDER, NOW).mask == ADMINISTRATION
    assert decide(facts, MOTHER, NOW).mask == FAMILY_READS


def test_the_family_writes_while_the_plan_runs_and_reads_after() -> None:
    facts = a_plan(agreed(1, until=5))
    assert decide(facts, MOTHER, days(4)) == Decision(FAMILY)
    assert decide(facts, MOTHER, days(5)) == Decision(FAMILY_READS)


def test_what_any_name_that_covers_one_holds_back_is_held_back() -> None:
    both = Named(None, CLINIC), Named(NURSE, None, Right.GOALS_READ)
    assert decide(a_plan(agreed(1, named=both)), NURSE, NOW).mask == PROVIDER & ~Right.GOALS_READ


def test_what_is_held_back_from_the_stafettholder_is_closed_to_them_and_administration_is_not() -> None:
    held_back = Right.COMMENTS_READ | Right.PARTICIPANTS_WRITE
    mask = decide(a_plan(agreed(1, named=(Named(None, SCHOOL, held_back),))), HOLDER, NOW).mask
    assert Right.COMMENTS_READ not in mask
    assert ADMINISTRATION | Right.GOALS_WRITE in mask


def test_a_person_with_two_parts_has_what_either_gives() -> None:
    parts = (Part(MOTHER, Role.GUARDIAN, None, days(-9), days(-9)),
             Part(MOTHER, Role.PROVIDER, CLINIC, days(-9), days(-9)))
    naming = a_plan(agreed(1, named=(Named(None, CLINIC),)), parts=parts)
    assert decide(naming, MOTHER, NOW) == Decision(
        FAMILY | PROVIDER, AccessReason.CONSENT, AccessReason.NO_CONSENT, UUID(int=1))
    assert decide(a_plan(agreed(1), parts=parts), MOTHER, NOW) == Decision(FAMILY)


def test_a_part_opens_nothing_before_it_begins_or_from_its_end() -> None:
    facts = a_plan(agreed(1), parts=(Part(NURSE, Role.PROVIDER, CLINIC, days(-5), days(-5), days(-1)),))
    assert [day for day in (-6, -5, -2, -1) if decide(facts, NURSE, days(day)).mask] == [-5, -2]


def test_where_an_address_is_protected_a_name_for_whereabouts_tells_them_to_that_one_alone() -> None:
    facts = a_plan(agreed(1, named=(Named(NURSE, None, whereabouts=True),)), protected=True)
    told = [each for each in (NURSE, HOLDER, MOTHER) if Right.WHEREABOUTS in decide(facts, each, NOW).mask]
    assert told == [NURSE]


def test_the_calendar_of_a_provider_ends_with_the_consent_and_that_of_a_guardian_with_childhood() -> None:
    facts = a_plan(agreed(1, until=5), parts=(EVERYONE[0], EVERYONE[2]))
    by_consent = Decision(PROVIDER, AccessReason.CONSENT, AccessReason.NO_CONSENT, UUID(int=1))
    assert grants(facts) == (
        Grant(NURSE, by_consent, days(-9), days(5)),
        Grant(MOTHER, Decision(FAMILY_READS), days(-50), days(-9)),
        Grant(MOTHER, Decision(FAMILY), days(-9), days(5)),
        Grant(MOTHER, Decision(FAMILY_READS), days(5), ADULT_AT))


def test_one_consent_after_another_leaves_no_gap_and_says_which_opened_when() -> None:
    facts = a_plan(agreed(1, superseded=0), agreed(2, opened=0), parts=EVERYONE[:1])
    assert [(grant.decision.consent, grant.since, grant.until) for grant in grants(facts)] == [
        (UUID(int=1), days(-9), NOW), (UUID(int=2), NOW, days(99))]


def test_nobody_without_business_in_the_plan_is_in_the_calendar() -> None:
    facts = a_plan()  # eight years old, and no consent
    assert {grant.person for grant in grants(facts)} == {HOLDER, MOTHER, CHILD}
    assert [grant.since for grant in grants(facts) if grant.person == CHILD] == [birthday(EIGHT, 15)]
