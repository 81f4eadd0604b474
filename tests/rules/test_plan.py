"""The moves of a plan's status, and who may be added to it."""
from collections.abc import Callable
from functools import partial

import pytest

from db.rules import plan
from db.rules.errors import Refused
from db.rules.rights import NOTHING, Right
from db.rules.words import PlanStatus, Post, Role

DRAFT, AWAITING, ACTIVE, PASSIVE, CLOSED = PlanStatus
REFUSED = "refused"
MOVES: dict[str, Callable[[PlanStatus], PlanStatus]] = {
    "sent": plan.when_sent, "withdrawn": plan.when_withdrawn,
    "opened": partial(plan.when_opened, begun=True), "signed ahead": partial(plan.when_opened, begun=False),
    "a consent runs out": partial(plan.by_clock, in_force=False),
    "a consent begins": partial(plan.by_clock, in_force=True),
    "closed": plan.close, "reopened": partial(plan.reopen, in_force=False),
    "reopened in force": partial(plan.reopen, in_force=True)}


def moved(move: str, status: PlanStatus) -> PlanStatus | str:
    try:
        return MOVES[move](status)
    except Refused:
        return REFUSED


@pytest.mark.parametrize("move, of_draft, of_awaiting, of_active, of_passive, of_closed", [
    ("sent", AWAITING, AWAITING, ACTIVE, AWAITING, REFUSED),  # the old consent holds until the new one does
    ("opened", ACTIVE, ACTIVE, ACTIVE, ACTIVE, REFUSED),
    ("signed ahead", DRAFT, AWAITING, ACTIVE, PASSIVE, REFUSED),  # until its period begins nothing changes
    ("a consent runs out", DRAFT, AWAITING, PASSIVE, PASSIVE, CLOSED),
    ("a consent begins", DRAFT, ACTIVE, ACTIVE, PASSIVE, CLOSED),
    ("withdrawn", PASSIVE, PASSIVE, PASSIVE, PASSIVE, CLOSED),
    ("closed", CLOSED, CLOSED, CLOSED, CLOSED, REFUSED),
    ("reopened", REFUSED, REFUSED, REFUSED, AWAITING, AWAITING),
    ("reopened in force", REFUSED, REFUSED, REFUSED, ACTIVE, ACTIVE)])
def test_the_moves_of_a_status(move: str, of_draft: str, of_awaiting: str, of_active: str, of_passive: str,
                               of_closed: str) -> None:
    moves = [of_draft, of_awaiting, of_active, of_passive, of_closed]
    assert [moved(move, status) for status in PlanStatus] == moves


@pytest.mark.parametrize("post", Post)
def test_only_plan_creators_open_plans(post: Post) -> None:
    if post is Post.PLAN_CREATOR:
        plan.check_create([post])
    else:
        with pytest.raises(Refused, match="NOT_ALLOWED"):
            plan.check_create([post])


def test_writing_asks_for_the_right_to_write() -> None:
    plan.check_write(Right.GOALS_READ | Right.GOALS_WRITE, Right.GOALS_WRITE, "goalId")
    for mask in (NOTHING, Right.GOALS_READ, Right.ACTIVITIES_WRITE):
        with pytest.raises(Refused, match="NOT_ALLOWED"):
            plan.check_write(mask, Right.GOALS_WRITE, "goalId")


@pytest.mark.parametrize("role, without, not_named, named", [
    (Role.OWNER, "ONLY_ONE", "ONLY_ONE", "ONLY_ONE"),
    (Role.STAFETTHOLDER, "ONLY_ONE", "ONLY_ONE", "ONLY_ONE"),
    (Role.GUARDIAN, None, "NOT_NAMED", None),
    (Role.PROVIDER, "CONSENT_MISSING", "NOT_NAMED", None),
    (Role.NEXT_OF_KIN, "CONSENT_MISSING", "NOT_NAMED", None)])
def test_before_consent_only_signers_are_added_and_then_whom_it_names(
        role: Role, without: str | None, not_named: str | None, named: str | None) -> None:
    def said(*, in_force: bool, named: bool) -> str | None:
        try:
            plan.check_add(role, in_force=in_force, named=named)
        except Refused as refused:
            return refused.problems[0].code
        return None
    assert said(in_force=False, named=False) == without
    assert said(in_force=True, named=False) == not_named
    assert said(in_force=True, named=True) == named


@pytest.mark.parametrize("role, stays_when", [
    (Role.OWNER, set(PlanStatus)), (Role.STAFETTHOLDER, set(PlanStatus)),
    (Role.GUARDIAN, {ACTIVE, PASSIVE, CLOSED}),  # one who was entered by mistake can go until the first consent
    (Role.PROVIDER, set()), (Role.NEXT_OF_KIN, set())])
def test_no_part_ends_that_a_plan_can_not_be_without(role: Role, stays_when: set[PlanStatus]) -> None:
    def stays(status: PlanStatus) -> bool:
        try:
            plan.check_end(role, status)
        except Refused as refused:
            return refused.problems[0].code == "MUST_STAY"
        return False
    assert {status for status in PlanStatus if stays(status)} == stays_when
