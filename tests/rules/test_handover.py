"""Who may offer the baton, to whom, and who answers."""
from functools import partial
from itertools import combinations, product
from uuid import UUID

import pytest

from db.rules.handover import check_answer, check_successor, may_be_given, may_take
from db.rules.plan import check_level
from db.rules.words import HandoverState, PlanStatus, Role
from tests.support.refusal import code

HOLDER, NURSE = UUID(int=1), UUID(int=2)
PARTS = [roles for size in range(3) for roles in combinations(Role, size)]


@pytest.mark.parametrize("status", PlanStatus)
def test_a_successor_is_another_who_may_hold_the_baton_of_a_plan_that_runs(status: PlanStatus) -> None:
    told = [code(partial(check_successor, status, HOLDER, one, may_hold=may))
            for one, may in ((NURSE, True), (NURSE, False), (HOLDER, True))]
    assert told == (["PLAN_CLOSED"] * 3 if status is PlanStatus.CLOSED else [None, "CANNOT_HOLD", "HOLDS_IT"])


def test_the_baton_is_taken_by_a_provider_whom_the_consent_names() -> None:
    may = [roles for roles in PARTS for named in (True, False) if may_take(roles, named=named)]
    assert may == [(Role.PROVIDER,), (Role.STAFETTHOLDER, Role.PROVIDER)]


def test_the_baton_is_forced_on_none_of_the_family_nor_past_a_consent_that_does_not_name_them() -> None:
    given = {(in_force, named): {roles for roles in PARTS if may_be_given(
        roles, in_force=in_force, named=named)} for in_force, named in product((True, False), repeat=2)}
    helpers = {(), (Role.STAFETTHOLDER,), (Role.PROVIDER,), (Role.STAFETTHOLDER, Role.PROVIDER)}
    assert given == {(True, True): helpers, (True, False): set(),
                     (False, True): helpers, (False, False): helpers}


@pytest.mark.parametrize("state", HandoverState)
def test_the_successor_alone_answers_and_once(state: HandoverState) -> None:
    refusal = None if state is HandoverState.PROPOSED else "ANSWERED"
    assert code(partial(check_answer, state, NURSE, NURSE)) == refusal
    assert code(partial(check_answer, state, NURSE, HOLDER)) == "NOT_YOURS"


def test_a_level_is_one_of_four_and_another_than_before() -> None:
    told = [[code(partial(check_level, now, level)) for level in range(-1, 5)] for now in range(4)]
    same = [["SAME_LEVEL" if level == now else None for level in range(4)] for now in range(4)]
    assert told == [["BAD_LEVEL", *row, "BAD_LEVEL"] for row in same]
