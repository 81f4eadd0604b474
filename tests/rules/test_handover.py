"""Who may offer the baton, to whom, and who answers."""
from collections.abc import Callable
from functools import partial
from itertools import product
from uuid import UUID

import pytest

from db.rules.errors import Refused
from db.rules.handover import check_answer, check_forced, check_propose, check_successor
from db.rules.plan import check_level
from db.rules.rights import ADMINISTRATION, NOTHING, PROVIDER
from db.rules.words import HandoverState, PlanStatus, Post

HOLDER, NURSE = UUID(int=1), UUID(int=2)


def code(check: Callable[[], object]) -> str | None:
    try:
        check()
    except Refused as refused:
        return refused.problems[0].code
    return None


def test_the_holder_and_those_who_lead_offer_the_baton() -> None:
    may = {(mask, post) for mask, post in product((ADMINISTRATION, PROVIDER, NOTHING), Post)
           if code(partial(check_propose, mask, [post], "planId")) is None}
    leading = (Post.UNIT_ADMINISTRATOR, Post.GROUP_ADMINISTRATOR, Post.LOCAL_ADMINISTRATOR)
    assert may == {(ADMINISTRATION, post) for post in Post} | {
        (mask, post) for mask in (PROVIDER, NOTHING) for post in leading}


@pytest.mark.parametrize(("takes_part", "named", "refusal"), [
    (True, True, None), (True, False, "NOT_NAMED"), (False, True, "NOT_TAKING_PART"),
    (False, False, "NOT_TAKING_PART")])
def test_a_successor_takes_part_and_is_named(takes_part: bool, named: bool, refusal: str | None) -> None:
    assert code(partial(check_successor, HOLDER, NURSE, takes_part=takes_part, named=named)) == refusal
    assert code(partial(check_successor, HOLDER, HOLDER, takes_part=takes_part, named=named)) == "HOLDS_IT"


@pytest.mark.parametrize("status", PlanStatus)
@pytest.mark.parametrize(("in_force", "named", "refusal"), [
    (True, True, None), (True, False, "NOT_NAMED"), (False, True, None), (False, False, None)])
def test_the_baton_is_forced_on_nobody_whom_the_consent_in_force_does_not_name(
        status: PlanStatus, in_force: bool, named: bool, refusal: str | None) -> None:
    closed = status is PlanStatus.CLOSED
    assert code(partial(check_forced, status, HOLDER, NURSE, in_force=in_force, named=named)) == (
        "PLAN_CLOSED" if closed else refusal)
    assert code(partial(check_forced, status, HOLDER, HOLDER, in_force=in_force, named=named)) == (
        "PLAN_CLOSED" if closed else "HOLDS_IT")


@pytest.mark.parametrize("state", HandoverState)
def test_the_successor_alone_answers_and_once(state: HandoverState) -> None:
    refusal = None if state is HandoverState.PROPOSED else "ANSWERED"
    assert code(partial(check_answer, state, NURSE, NURSE)) == refusal
    assert code(partial(check_answer, state, NURSE, HOLDER)) == "NOT_YOURS"


def test_a_level_is_one_of_four_and_another_than_before() -> None:
    told = [[code(partial(check_level, now, level)) for level in range(-1, 5)] for now in range(4)]
    same = [["SAME_LEVEL" if level == now else None for level in range(4)] for now in range(4)]
    assert told == [["BAD_LEVEL", *row, "BAD_LEVEL"] for row in same]
