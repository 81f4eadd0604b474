"""Which plan moves where, and what is told of it to whom."""
from functools import partial
from itertools import product
from uuid import UUID

import pytest

from db.rules.move import check_covered, check_move
from db.rules.rights import ADMINISTRATION, LEADER, LEADER_OF_HIDDEN, Right
from db.rules.words import PlanStatus
from tests.support.refusal import code

KINDERGARTEN, SCHOOL = UUID(int=1), UUID(int=2)
HIDDEN = ADMINISTRATION & ~Right.WHEREABOUTS


@pytest.mark.parametrize("status", PlanStatus)
def test_a_plan_that_is_not_closed_moves_to_another_unit(status: PlanStatus) -> None:
    told = [code(partial(check_move, status, ADMINISTRATION, SCHOOL, unit))
            for unit in (KINDERGARTEN, SCHOOL)]
    assert told == (["PLAN_CLOSED"] * 2 if status is PlanStatus.CLOSED else [None, "SAME_UNIT"])


@pytest.mark.parametrize("mask", [HIDDEN, LEADER_OF_HIDDEN])
def test_who_may_not_know_where_it_is_does_not_find_it_by_trying(mask: Right) -> None:
    assert {code(partial(check_move, PlanStatus.ACTIVE, mask, SCHOOL, unit))
            for unit in (KINDERGARTEN, SCHOOL)} == {None}


@pytest.mark.parametrize(("mask", "named", "not_named"), [
    (ADMINISTRATION, None, "UNIT_NOT_COVERED"), (HIDDEN, "COVER_UNSEEN", "COVER_UNSEEN"),
    (LEADER, "COVER_UNSEEN", "COVER_UNSEEN"), (LEADER_OF_HIDDEN, "COVER_UNSEEN", "COVER_UNSEEN")])
def test_whom_the_consent_names_is_told_to_those_alone_who_see_it(
        mask: Right, named: str | None, not_named: str | None) -> None:
    told = {one: code(partial(check_covered, mask, in_force=one[0], named=one[1], without=one[2]))
            for one in product((True, False), repeat=3)}
    assert {one: why for one, why in told.items() if why} == {
        one: why for one, why in (((True, True, False), named), ((True, False, False), not_named)) if why}
