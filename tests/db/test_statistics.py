"""What counts in a half-year: what happened in it by a clock in Norway, and stood so at its end."""
from datetime import UTC, datetime

import pytest

from db.rules.words import CloseReason, PlanStatus, PlanType, Post
from tests.support.asking import Asking
from tests.support.handcount import Half
from tests.support.histories import TICK, Level, Past, Status, at, founded, lived
from tests.support.tellevik import whole

S, DRAFTED = PlanStatus, datetime(2024, 2, 3, tzinfo=UTC)
HALVES = [(year, half) for year in (2023, 2024, 2025, 2026) for half in (1, 2)]
BORDERS = pytest.mark.parametrize(("moment", "half"), [  # Norway is ahead of UTC: an hour, two in summer
    (at(2026, 7), (2026, 2)), (at(2026, 7) - TICK, (2026, 1)),
    (at(2026, 1), (2026, 1)), (at(2026, 1) - TICK, (2025, 2)),
    (datetime(2026, 6, 30, 22, tzinfo=UTC), (2026, 2)), (datetime(2026, 6, 30, 21, tzinfo=UTC), (2026, 1)),
    (datetime(2025, 12, 31, 23, tzinfo=UTC), (2026, 1)), (datetime(2025, 12, 31, 22, tzinfo=UTC), (2025, 2))])


@pytest.fixture
def hamlet(own_town: Asking) -> Asking:
    """A municipality of one unit, without plans as yet, when every half-year is over."""
    own_town.town = founded(own_town.url, 8, {"schools": 1}, {"analyst": (Post.ANALYST, None)})
    own_town.now = datetime(2027, 1, 15, tzinfo=UTC)
    return own_town


def run(hamlet: Asking, count: int, *statuses: Status) -> None:
    """So many plans, all alike."""
    unit, first = hamlet.town.units["schools 1"], Level(statuses[0].since, 1)
    lived(hamlet.url, 8, [Past(unit, PlanType.STAFETTLOGG, statuses, [first])] * count)


@BORDERS
async def test_a_plan_is_opened_in_the_half_year_that_norway_is_in(
        hamlet: Asking, moment: datetime, half: Half) -> None:
    run(hamlet, 20, Status(moment, S.DRAFT))
    answers = {asked: await whole(hamlet, asked) for asked in HALVES}
    assert {asked: answer["opened"] for asked, answer in answers.items()} == {
        asked: 20 if asked == half else 0 for asked in HALVES}
    assert {asked: answer["total"] for asked, answer in answers.items()} == {
        asked: 20 if asked >= half else 0 for asked in HALVES}


@BORDERS
async def test_a_plan_is_closed_and_raised_in_the_half_year_that_norway_is_in(
        hamlet: Asking, moment: datetime, half: Half) -> None:
    unit, drafted = hamlet.town.units["schools 1"], Status(DRAFTED, S.DRAFT)
    run(hamlet, 30, drafted, Status(moment, S.CLOSED, CloseReason.MOVED_AWAY))
    levels = [Level(DRAFTED, 1), Level(moment, 3)]
    lived(hamlet.url, 8, [Past(unit, PlanType.INDIVIDUAL_PLAN, [drafted], levels)] * 40)
    for asked in HALVES[2:]:
        answer, over = await whole(hamlet, asked), asked >= half
        assert answer["closed"] == (30 if asked == half else 0)
        assert answer["byCloseReason"][3] == {"reason": "MOVED_AWAY", "count": answer["closed"]}
        assert answer["total"] == (40 if over else 70)
        assert [row["count"] for row in answer["byLevel"]] == ([0, 0, 0, 40] if over else [0, 70, 0, 0])
        assert [row["count"] for row in answer["byType"]] == [0 if over else 30, 40, 0]


async def test_of_changes_at_one_moment_the_last_that_was_written_counts(hamlet: Asking) -> None:
    run(hamlet, 20, *(Status(at(2026, 3), status) for status in (S.DRAFT, S.AWAITING_CONSENT, S.ACTIVE)))
    answer = await whole(hamlet, (2026, 1))
    assert [row["count"] for row in answer["byStatus"]] == [0, 0, 20, 0]


async def test_a_plan_that_runs_again_at_the_end_was_not_closed_in_that_half_year(hamlet: Asking) -> None:
    run(hamlet, 20, Status(at(2025, 1), S.DRAFT), Status(at(2025, 2), S.CLOSED, CloseReason.GOALS_REACHED),
        Status(at(2025, 3), S.ACTIVE), Status(at(2025, 8), S.CLOSED), Status(at(2026, 2), S.AWAITING_CONSENT))
    answers = [await whole(hamlet, half) for half in ((2025, 1), (2025, 2), (2026, 1))]
    assert [answer["opened"] for answer in answers] == [20, 0, 0]
    assert [answer["closed"] for answer in answers] == [0, 20, 0]
    assert [answer["total"] for answer in answers] == [20, 0, 20]
    assert answers[1]["byCloseReason"][-1] == {"reason": "OTHER", "count": 20}
