"""How far a plan must have come before it is deleted, and who decides."""
from dataclasses import replace
from functools import partial
from itertools import product
from uuid import UUID

import pytest

from db.rules.deletion import Ending, check_delete, check_own, check_stands
from db.rules.words import DeletionState, PlanStatus
from tests.support.refusal import code

READY = Ending(asked=True, status=PlanStatus.CLOSED, archived=True, told=True)
ONE, OTHER = UUID(int=1), UUID(int=2)


def test_a_closed_plan_that_is_asked_for_archived_and_told_of_is_deleted_and_no_other() -> None:
    every = [Ending(*each) for each in product((False, True), PlanStatus, (False, True), (False, True))]
    assert [ending for ending in every if code(partial(check_delete, ending)) is None] == [READY]


@pytest.mark.parametrize("ending, refusal", [
    (replace(READY, asked=False, status=PlanStatus.ACTIVE, archived=False), "DELETION_NOT_ASKED"),
    (replace(READY, status=PlanStatus.PASSIVE, archived=False, told=False), "CLOSE_FIRST"),
    (replace(READY, archived=False, told=False), "ARCHIVE_FIRST"),
    (replace(READY, told=False), "TELL_FIRST")])
def test_what_is_missing_first_is_said(ending: Ending, refusal: str) -> None:
    assert code(lambda: check_delete(ending)) == refusal


def test_a_request_is_ended_once_and_withdrawn_by_the_one_who_asked() -> None:
    assert {state: code(partial(check_stands, state)) for state in DeletionState} == {
        DeletionState.ASKED: None, DeletionState.WITHDRAWN: "REQUEST_ENDED",
        DeletionState.REFUSED: "REQUEST_ENDED"}
    assert (code(lambda: check_own(ONE, ONE)), code(lambda: check_own(ONE, OTHER))) == (None, "NOT_ALLOWED")
