"""When people are reminded, on a calendar."""
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from db.rules.grant import OSLO, ConsentFacts, PlanFacts, grants, moments
from db.rules.reminder import reminders
from db.rules.words import NoticeKind, PlanStatus, PlanType

BEGAN = datetime(2026, 1, 10, 12, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=OSLO)
DAYS = (60, 30, 7)


def consent(n: int = 1, opened: datetime | None = BEGAN, until: datetime = END, **ends: Any) -> ConsentFacts:
    return ConsentFacts(UUID(int=n), BEGAN, opened, until, **ends)


def facts(*consents: ConsentFacts, born: date = date(2018, 5, 4),
          status: PlanStatus = PlanStatus.ACTIVE) -> PlanFacts:
    statuses = ((BEGAN - timedelta(days=1), PlanStatus.DRAFT), (BEGAN, status))
    return PlanFacts(born, 15, False, statuses, (), consents, PlanType.STAFETTLOGG)


def expiring(given: PlanFacts) -> list[str]:
    return [str(one.due) for one in reminders(given, DAYS) if one.about is NoticeKind.CONSENT_EXPIRES]


def test_a_consent_that_runs_out_is_told_of_on_three_mornings_in_norway() -> None:
    assert expiring(facts(consent())) == [
        "2026-10-02 09:00:00+02:00", "2026-11-01 09:00:00+01:00", "2026-11-24 09:00:00+01:00"]


@pytest.mark.parametrize("why, given", {
    "nobody signed it": facts(consent(opened=None)),
    "it was withdrawn": facts(consent(withdrawn=BEGAN + timedelta(days=3))),
    "it was replaced": facts(consent(superseded=END - timedelta(days=3))),
    "another goes on where it ends": facts(consent(), consent(2, END, END + timedelta(days=1) )),
    "the plan is closed": facts(consent(), status=PlanStatus.CLOSED)}.items())
def test_of_what_does_not_run_out_nobody_is_reminded(why: str, given: PlanFacts) -> None:
    assert [due for due in expiring(given) if due < str(END)] == [], why


def test_a_new_one_that_leaves_a_gap_changes_nothing() -> None:
    later = END + timedelta(hours=1)
    assert len(expiring(facts(consent(), consent(2, later, later + timedelta(days=5))))) == 3


def test_what_lies_before_the_consent_held_is_left_out() -> None:
    assert len(expiring(facts(consent(opened=END - timedelta(days=40))))) == 2
    assert expiring(facts(consent(opened=END - timedelta(days=3)))) == []


@pytest.mark.parametrize("born, told", [
    (date(2012, 2, 29), [("2026-12-31", False), ("2029-12-31", True)]),  # then on 1 March
    (date(2010, 3, 2), [("2028-01-02", True)]),  # 15 before there was a plan
    (date(1990, 3, 2), [])])
def test_birthdays_that_change_the_law_are_told_of_sixty_days_before(
        born: date, told: list[tuple[str, bool]]) -> None:
    ahead = [(str(one.due.date()), one.owner) for one in reminders(facts(born=born), DAYS)]
    assert ahead == told


def test_to_remind_is_no_moment_of_rights() -> None:
    given = facts(consent())
    assert {one.due for one in reminders(given, DAYS)} & set(moments(given)) == set()
    assert grants(given) == ()
