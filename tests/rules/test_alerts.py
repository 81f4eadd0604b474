"""When an alert begins and when it ends: as a table."""
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db.rules.alert import BLIP, LATE, AlertKind, Health, alerts
from db.rules.target import IN_A_ROW, PauseReason

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WELL = Health(0, None, None, 0, None)
FAILS, STOPPED = AlertKind.TARGET_FAILS, AlertKind.DELIVERIES_STOPPED


@pytest.mark.parametrize(("health", "before", "now"), [
    (WELL, set(), set()),
    (WELL, {FAILS, STOPPED}, set()),
    (replace(WELL, failures=IN_A_ROW - 1), set(), set()),
    (replace(WELL, failures=IN_A_ROW), set(), {FAILS}),
    (replace(WELL, failures=1), {FAILS}, {FAILS}),  # nothing has landed since
    (replace(WELL, pause_reason=PauseReason.AUTH), set(), {FAILS}),
    (replace(WELL, pause_reason=PauseReason.GONE), set(), {FAILS}),
    (replace(WELL, pause_reason=PauseReason.BY_HAND), set(), set()),  # they know
    (replace(WELL, fault_since=NOW), set(), set()),
    (replace(WELL, fault_since=NOW - BLIP), set(), {FAILS}),
    (replace(WELL, blocked=1), set(), {STOPPED}),
    (replace(WELL, oldest=NOW - LATE + timedelta(seconds=1)), set(), set()),
    (replace(WELL, oldest=NOW - LATE), set(), {STOPPED}),
    (replace(WELL, differing=1), set(), {AlertKind.RECORDS_DIFFER}),
    (WELL, {AlertKind.RECORDS_DIFFER}, set()),
    (replace(WELL, oldest=NOW - LATE, failures=IN_A_ROW), {STOPPED}, {FAILS, STOPPED}),
])
def test_an_alert_is_there_from_what_begins_it_to_what_ends_it(
        health: Health, before: set[AlertKind], now: set[AlertKind]) -> None:
    assert alerts(health, before, NOW) == now
