"""What one row after another of the ledger comes to, and why one without any has none."""
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from db.rules.explain import access, if_signed, why_closed
from db.rules.grant import (
    ConsentFacts,
    Decision,
    Grant,
    Named,
    Part,
    PlanFacts,
    consent_at,
    decide,
    status_at,
)
from db.rules.rights import ADMINISTRATION, FAMILY, NOTHING, PROVIDER, Element, Right
from db.rules.words import AccessLevel, AccessReason, PlanStatus, PlanType, Role

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WHO, CHILD, CONSENT, NEXT = (UUID(int=n) for n in range(1, 5))


def row(mask: Right, since: int, until: int | None) -> Grant:
    decision = Decision(mask, AccessReason.CONSENT, AccessReason.NO_CONSENT, CONSENT)
    return Grant(WHO, decision, NOW + since * DAY, None if until is None else NOW + until * DAY)


@pytest.mark.parametrize(("rows", "until"), [
    ([row(PROVIDER, -9, 5)], 5), ([row(PROVIDER, -9, None)], None),
    ([row(PROVIDER, -9, 5), row(PROVIDER, 5, 9)], 9), ([row(PROVIDER, 5, 9), row(PROVIDER, -9, 5)], 9),
    ([row(PROVIDER, -9, 5), row(PROVIDER, 5, None)], None),
    ([row(PROVIDER, -9, 5), row(PROVIDER, 6, 9)], 5),
    ([row(PROVIDER, -9, 5), row(PROVIDER & ~Right.GOALS_READ, 5, 9)], 5),
    ([row(PROVIDER, -20, -9), row(PROVIDER, -9, 5)], 5)])
def test_an_element_is_open_until_the_rows_that_hold_it_have_a_gap(
        rows: list[Grant], until: int | None) -> None:
    told = access(rows, Element.GOALS, NOW)
    assert (told.level, told.until) == (AccessLevel.READ, None if until is None else NOW + until * DAY)


@pytest.mark.parametrize(("mask", "element", "level", "reason"), [
    (PROVIDER, Element.GOALS, AccessLevel.READ, AccessReason.CONSENT),
    (PROVIDER, Element.COMMENTS, AccessLevel.WRITE, AccessReason.CONSENT),
    (PROVIDER, Element.ADMINISTRATION, AccessLevel.NONE, AccessReason.NO_CONSENT),
    (PROVIDER & ~Right.GOALS_READ, Element.GOALS, AccessLevel.NONE, AccessReason.NO_CONSENT),
    (PROVIDER | ADMINISTRATION, Element.CONSENT, AccessLevel.WRITE, AccessReason.ROLE),
    (FAMILY, Element.ACCESS_LOG, AccessLevel.READ, AccessReason.CONSENT)])
def test_the_level_and_its_reason_follow_from_the_mask(
        mask: Right, element: Element, level: AccessLevel, reason: AccessReason) -> None:
    told = access([row(mask, -1, 1)], element, NOW)
    assert (told.level, told.reason) == (level, reason)


def test_what_the_type_does_not_have_is_closed_for_that_and_no_other_reason() -> None:
    both = Element.MAPPING.read | Element.MAPPING.write
    decided = Decision(PROVIDER & ~both, AccessReason.CONSENT, AccessReason.NO_CONSENT, CONSENT, both)
    told = {element: access([Grant(WHO, decided, NOW, None)], element, NOW) for element in Element}
    assert {element for element, one in told.items() if one.reason is AccessReason.NOT_IN_TYPE} == {
        Element.MAPPING}
    assert told[Element.MAPPING].level is AccessLevel.NONE


def test_without_a_row_nothing_is_open() -> None:
    told = access([row(PROVIDER, 1, 2)], Element.GOALS, NOW)
    assert (told.level, told.until, told.reason) == (AccessLevel.NONE, None, AccessReason.ROLE)


def facts(*consents: ConsentFacts, status: PlanStatus = PlanStatus.ACTIVE, role: Role = Role.PROVIDER,
          since: int = -30) -> PlanFacts:
    parts = (Part(CHILD, Role.OWNER, None, NOW - 30 * DAY, NOW - 30 * DAY),
             Part(WHO, role, None, NOW + since * DAY, NOW - 30 * DAY))
    return PlanFacts(date(2018, 5, 4), 15, False, ((NOW - 30 * DAY, status),), parts, consents,
                     PlanType.STAFETTLOGG)


def form(key: UUID = CONSENT, *, sent: int | None = -20, opened: int | None = -20, until: int = 300,
         withdrawn: int | None = None, names: bool = True) -> ConsentFacts:
    def at(day: int | None) -> datetime | None:
        return None if day is None else NOW + day * DAY
    named = (Named(WHO, None),) if names else ()
    return ConsentFacts(key, at(sent), at(opened), NOW + until * DAY, at(withdrawn), named=named)


@pytest.mark.parametrize(("given", "reason"), [
    (facts(), AccessReason.NO_CONSENT), (facts(form(names=False)), AccessReason.NO_CONSENT),
    (facts(form(opened=None)), AccessReason.AWAITING_SIGNATURE),
    (facts(form(until=-1)), AccessReason.EXPIRED), (facts(form(withdrawn=-1)), AccessReason.WITHDRAWN),
    (facts(form(), status=PlanStatus.CLOSED), AccessReason.PLAN_PASSIVE),
    (facts(form(withdrawn=-1), since=1), AccessReason.ROLE),
    (facts(form(withdrawn=-1), role=Role.OWNER), AccessReason.ROLE)])
def test_one_who_may_nothing_is_told_why(given: PlanFacts, reason: AccessReason) -> None:
    assert decide(given, WHO, NOW).mask == NOTHING
    assert why_closed(given, WHO, Element.GOALS, NOW) is reason
    assert why_closed(given, WHO, Element.LIFE_AREAS, NOW) is AccessReason.NOT_IN_TYPE


@pytest.mark.parametrize("status", PlanStatus)
@pytest.mark.parametrize("opens", [0, 5])
def test_a_form_that_is_signed_takes_the_place_of_the_one_before(status: PlanStatus, opens: int) -> None:
    before = facts(form(), form(NEXT, opened=None), status=status)
    then = if_signed(before, before.consents[1], NOW + opens * DAY)
    holds = consent_at(then, NOW + opens * DAY)
    assert holds is not None and holds.id == NEXT
    closed = status is PlanStatus.CLOSED
    assert status_at(then, NOW + opens * DAY) is (PlanStatus.CLOSED if closed else PlanStatus.ACTIVE)
    assert decide(then, WHO, NOW + opens * DAY).consent == (None if closed else NEXT)
