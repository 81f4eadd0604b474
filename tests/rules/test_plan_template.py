"""Which elements a type has at a moment: as it comes, as it was switched last, and what can't be switched."""
from datetime import UTC, datetime, timedelta

import pytest

from db.rules.errors import Refused
from db.rules.plan_template import Switch, check_has, check_switch, lacking
from db.rules.rights import NOTHING, Element, Right
from db.rules.words import PlanType

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LOG, IP, IOP = PlanType
FIXED = Element.LIFE_AREAS, Element.PROFESSIONAL_PLANS


def both(*elements: Element) -> Right:
    return Right(sum(element.read | element.write for element in elements))


@pytest.mark.parametrize(("of", "lacked"), [
    (LOG, both(*FIXED, Element.MAPPING)), (IP, both(Element.MAPPING)), (IOP, both(Element.MAPPING))])
def test_a_type_comes_with_its_elements(of: PlanType, lacked: Right) -> None:
    assert lacking(of, (), NOW) == lacked


@pytest.mark.parametrize(("switches", "on"), [
    ([(0, True)], True), ([(1, True)], False), ([(-2, True), (-1, False)], False),
    ([(-2, True), (-1, False), (0, True)], True), ([(-2, True), (1, False)], True),
    ([(-1, True), (-1, False)], False)])
def test_the_last_switch_that_has_come_counts(switches: list[tuple[int, bool]], on: bool) -> None:
    turned = [Switch(NOW + day * DAY, Element.MAPPING, to) for day, to in switches]
    assert lacking(IP, turned, NOW) == (NOTHING if on else both(Element.MAPPING))


def test_a_switch_of_what_is_fixed_counts_for_nothing() -> None:
    turned = [Switch(NOW, element, on) for element in (*FIXED, Element.GOALS, Element.MESSAGES)
              for on in (True, False)]
    assert lacking(LOG, turned, NOW) == lacking(LOG, (), NOW)


@pytest.mark.parametrize("of", PlanType)
def test_who_read_it_who_agreed_and_what_was_agreed_on_are_in_every_plan(of: PlanType) -> None:
    for element in (Element.ACCESS_LOG, Element.CONSENT, Element.GOALS, Element.PARTICIPANTS):
        with pytest.raises(Refused) as refusal:
            check_switch(of, element)
        assert [(p.code, p.field) for p in refusal.value.problems] == [("ELEMENT_FIXED", "element")]
    check_switch(of, Element.MAPPING)


def test_what_is_named_and_is_not_there_is_refused_by_its_field() -> None:
    check_has({"a": Element.GOALS}, lacking(LOG, (), NOW))
    with pytest.raises(Refused) as refusal:
        check_has({"a": Element.GOALS, "b": Element.MAPPING}, lacking(LOG, (), NOW))
    assert [(p.code, p.field) for p in refusal.value.problems] == [("NOT_IN_TYPE", "b")]
