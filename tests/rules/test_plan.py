"""The moves of a plan's status, and who may be added to it."""
from collections.abc import Callable
from datetime import date, datetime
from functools import partial

import pytest

from db.rules import plan
from db.rules.errors import Refused
from db.rules.grant import OSLO
from db.rules.rights import NOTHING, Right
from db.rules.words import CloseReason, PlanStatus, Post, Role
from tests.support.refusal import code

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
def test_the_moves_of_a_status(
        move: str, of_draft: str, of_awaiting: str, of_active: str, of_passive: str, of_closed: str) -> None:
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
    (Role.OWNER, "NOT_BY_THIS", "NOT_BY_THIS", "NOT_BY_THIS"),
    (Role.GUARDIAN, "NOT_BY_THIS", "NOT_BY_THIS", "NOT_BY_THIS"),
    (Role.STAFETTHOLDER, "NOT_BY_THIS", "NOT_BY_THIS", "NOT_BY_THIS"),
    (Role.PROVIDER, "CONSENT_MISSING", "NOT_NAMED", None),
    (Role.NEXT_OF_KIN, "CONSENT_MISSING", "NOT_NAMED", None)])
def test_only_those_are_added_whom_the_consent_in_force_names(
        role: Role, without: str, not_named: str, named: str | None) -> None:
    def told(*, in_force: bool, named: bool, taking_part: bool = False) -> str | None:
        return code(partial(plan.check_add, role, in_force=in_force, named=named, taking_part=taking_part))
    assert told(in_force=False, named=False) == without
    assert told(in_force=True, named=False) == not_named
    assert told(in_force=True, named=True) == named
    assert told(in_force=True, named=True, taking_part=True) == (named or "ALREADY_PARTICIPANT")


@pytest.mark.parametrize("born, taking_part, refusal", [
    (date(1985, 3, 2), False, None), (date(2008, 11, 22), False, None),
    (date(2008, 11, 23), False, "NOT_OF_AGE"), (date(1985, 3, 2), True, "ALREADY_PARTICIPANT")])
def test_a_guardian_is_of_age_and_has_no_other_part_in_the_plan(
        born: date, refusal: str | None, *, taking_part: bool) -> None:
    today = datetime(2026, 11, 22, tzinfo=OSLO)
    assert code(partial(plan.check_guardian, born, today, "x", taking_part=taking_part)) == refusal


@pytest.mark.parametrize("role, before, after", [
    (Role.OWNER, "MUST_STAY", "MUST_STAY"), (Role.STAFETTHOLDER, "MUST_STAY", "MUST_STAY"),
    (Role.GUARDIAN, None, "CONSENT_SENT"), (Role.PROVIDER, None, None), (Role.NEXT_OF_KIN, None, None)])
def test_nobody_goes_whom_a_plan_can_not_be_without_nor_a_guardian_who_was_asked(
        role: Role, before: str | None, after: str | None) -> None:
    assert code(partial(plan.check_end, role, sent=False)) == before
    assert code(partial(plan.check_end, role, sent=True)) == after


@pytest.mark.parametrize("reason", CloseReason)
def test_what_is_closed_for_an_individual_plan_names_one_that_fits(reason: CloseReason) -> None:
    told = [code(partial(plan.check_follows, reason, named=named, fits=fits))
            for named, fits in ((True, True), (True, False), (False, False))]
    for_one = reason is CloseReason.INDIVIDUAL_PLAN_OPENED
    assert told == ([None, "NOT_A_SUCCESSOR", "REQUIRED"] if for_one else ["NOT_A_SUCCESSOR"] * 2 + [None])
