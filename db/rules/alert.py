"""Of what local administrators are alerted: once when it starts, and once when it ends (interfaces.md §1)."""
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from db.rules.target import IN_A_ROW, PauseReason

LATE = timedelta(days=1)  # after which what waits is late
BLIP = timedelta(minutes=5)  # a fault that its check does not find again is none


class AlertKind(StrEnum):
    """What is wrong with a target."""
    TARGET_FAILS = "TARGET_FAILS"  # it takes nothing, or its own check finds a fault
    DELIVERIES_STOPPED = "DELIVERIES_STOPPED"  # some wait for a person, or have waited too long
    RECORDS_DIFFER = "RECORDS_DIFFER"  # it does not hold what it has confirmed


@dataclass(frozen=True)
class Health:
    """How it is with a target. `blocked`: how many facts a person must look at; `oldest`: when the first was
    ordered of what still goes out by itself; `differing`: records that are not as they were confirmed."""
    failures: int
    pause_reason: PauseReason | None
    fault_since: datetime | None
    blocked: int
    oldest: datetime | None
    differing: int = 0


def alerts(health: Health, before: Collection[AlertKind], now: datetime) -> frozenset[AlertKind]:
    """Which there are now, where those were there `before`.

    One that fails goes on failing until something lands: what is tried at half-open is no recovery."""
    fails = AlertKind.TARGET_FAILS in before and health.failures > 0
    refuses = health.pause_reason not in (None, PauseReason.BY_HAND)
    faulty = health.fault_since is not None and now - health.fault_since >= BLIP
    late = health.oldest is not None and now - health.oldest >= LATE
    return frozenset(kind for kind, there in {
        AlertKind.TARGET_FAILS: fails or refuses or faulty or health.failures >= IN_A_ROW,
        AlertKind.DELIVERIES_STOPPED: health.blocked > 0 or late,
        AlertKind.RECORDS_DIFFER: health.differing > 0}.items() if there)
