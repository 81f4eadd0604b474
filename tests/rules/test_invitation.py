"""Who can be invited and accept, and who must declare confidentiality: the rules, row by row."""
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import product

import pytest

from db.rules.invitation import (
    asks_for,
    check_accept,
    check_invite,
    check_may_invite,
    may_sign_in,
    must_declare,
)
from db.rules.notice import awaited
from db.rules.post import LEADS
from db.rules.rights import ADMINISTRATION, NOTHING
from db.rules.words import NoticeKind, PlanStatus, Post, Role
from tests.support.refusal import code

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize("role, employed, must", [
    (Role.OWNER, False, False), (Role.GUARDIAN, False, False), (Role.GUARDIAN, True, False),
    (Role.PROVIDER, True, False), (Role.PROVIDER, False, True),
    (Role.STAFETTHOLDER, True, False), (Role.STAFETTHOLDER, False, True),
    (Role.NEXT_OF_KIN, False, True), (Role.NEXT_OF_KIN, True, True)])  # what kin hear, no position covers
def test_who_has_no_duty_by_law_must_declare(role: Role, employed: bool, must: bool) -> None:
    assert must_declare(role, employed=employed) is must


@pytest.mark.parametrize("status, is_last, invited_until, until, refusal", [
    (PlanStatus.DRAFT, True, NOW + MOMENT, None, None),
    (PlanStatus.PASSIVE, True, NOW + MOMENT, NOW + MOMENT, None),
    (PlanStatus.ACTIVE, False, NOW + MOMENT, None, "INVITATION_DEAD"),
    (PlanStatus.ACTIVE, True, NOW, None, "INVITATION_DEAD"),
    (PlanStatus.ACTIVE, True, None, None, "INVITATION_DEAD"),
    (PlanStatus.ACTIVE, True, NOW + MOMENT, NOW, "INVITATION_DEAD"),
    (PlanStatus.CLOSED, True, NOW + MOMENT, None, "INVITATION_DEAD")])
def test_a_link_is_good_once_in_time_while_the_participation_stands(
        status: PlanStatus, is_last: bool, invited_until: datetime | None, until: datetime | None,
        refusal: str | None) -> None:
    assert code(lambda: check_accept(
        status, is_last=is_last, invited_until=invited_until, until=until, now=NOW)) == refusal


@pytest.mark.parametrize("accepted, undeclared, signs_in, asked", [
    (False, True, True, NoticeKind.INVITATION), (False, False, False, None), (True, False, True, None),
    (True, True, True, NoticeKind.DECLARATION_TO_SIGN), (True, True, False, None)])
def test_one_is_asked_to_accept_and_then_to_declare(
        accepted: bool, undeclared: bool, signs_in: bool, asked: NoticeKind | None) -> None:
    assert asks_for(accepted=accepted, undeclared=undeclared, signs_in=signs_in) is asked


def test_the_holder_invites_and_those_who_lead_a_holder_alone() -> None:
    may = {(mask, post, holder)
           for mask, post, holder in product((ADMINISTRATION, NOTHING), Post, (True, False))
           if code(partial(check_may_invite, mask, [post], holder=holder)) is None}
    assert may == {(ADMINISTRATION, post, holder) for post in Post for holder in (True, False)} | {
        (NOTHING, post, True) for post in LEADS}


@pytest.mark.parametrize("status, missing, refusal", [
    (PlanStatus.DRAFT, None, None), (PlanStatus.CLOSED, None, "PLAN_CLOSED"),
    (PlanStatus.ACTIVE, "waits", "HAS_JOINED"), (PlanStatus.ACTIVE, "has_number", "CANT_SIGN_IN"),
    (PlanStatus.ACTIVE, "old_enough", "TOO_YOUNG"), (PlanStatus.ACTIVE, "reached", "NOT_REACHED")])
def test_who_waits_can_be_sent_a_new_link(
        status: PlanStatus, missing: str | None, refusal: str | None) -> None:
    given = {name: name != missing for name in ("waits", "has_number", "old_enough", "reached")}
    assert code(lambda: check_invite(status, **given)) == refusal


@pytest.mark.parametrize("role, born, may", [
    (Role.OWNER, date(2011, 11, 22), True), (Role.OWNER, date(2011, 11, 23), False),
    (Role.GUARDIAN, date(2011, 11, 23), True)])
def test_an_owner_signs_in_from_the_age_of_consent(role: Role, born: date, may: bool) -> None:
    assert may_sign_in(role, born, 15, NOW) is may


@pytest.mark.parametrize("about, status, accepted, in_time, still", [
    (NoticeKind.INVITATION, PlanStatus.DRAFT, False, True, True),
    (NoticeKind.INVITATION, PlanStatus.DRAFT, False, False, False),
    (NoticeKind.INVITATION, PlanStatus.ACTIVE, True, True, False),
    (NoticeKind.INVITATION, PlanStatus.CLOSED, False, True, False),
    (NoticeKind.DECLARATION_TO_SIGN, PlanStatus.ACTIVE, True, False, True),
    (NoticeKind.DECLARATION_TO_SIGN, PlanStatus.ACTIVE, False, True, False),
    (NoticeKind.DECLARATION_TO_SIGN, PlanStatus.CLOSED, True, True, False)])
def test_nobody_is_asked_for_what_they_have_done_or_can_not_do_any_more(
        about: NoticeKind, status: PlanStatus, accepted: bool, in_time: bool, still: bool) -> None:
    assert awaited(about, status, accepted=accepted, in_time=in_time) is still
