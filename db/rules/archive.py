"""What a version of a plan for the archive holds, and on which days plans are archived (domain.md §8).

A stafettlogg records who takes part, what they agreed to do, and how it went (domain.md §1), by a consent
that the municipality must be able to show (GDPR art. 7 no. 1). A plan may be deleted once the archive has it,
so a version without these would leave nobody able to say what was done round a child, and by which right:
they are in every version. The rest is the municipality's to choose, type by type (⚙); life areas, and who has
read the plan, are left out until it does. What a reader downloads is no version: it holds what they may see.
"""
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time

from db.rules.entry import Entry
from db.rules.errors import Refused
from db.rules.grant import OSLO
from db.rules.plan_template import NEVER, Switch
from db.rules.rights import ARCHIVE_ALWAYS, ARCHIVE_BY_CUSTOM, ARCHIVE_ON_DEMAND, Element, Right
from db.rules.words import PlanType

KEPT = frozenset({Element.PARTICIPANTS, Element.GOALS, Element.ACTIVITIES, Element.COMMENTS, Element.CONSENT})
DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
FEWEST, MOST = 2, 12  # days in a year: at least twice (domain.md §8)
CHOSEN = frozenset(element for element in Element if element not in KEPT and element.read & ARCHIVE_ON_DEMAND)


def held(switches: Iterable[Switch]) -> Right:
    """The mask of a version for which nobody has named elements.

    `switches`: what the municipality has taken in and left out of the type's versions, in order of time."""
    mask = ARCHIVE_BY_CUSTOM
    for switch in switches:
        if switch.element in CHOSEN:
            mask = mask | switch.element.read if switch.on else mask & ~switch.element.read
    return mask


def named(elements: Iterable[Element]) -> Right:
    """The mask of a version for which elements are named: these, and what is in every version."""
    mask = ARCHIVE_ALWAYS
    for element in KEPT.union(elements):
        mask |= element.read & ARCHIVE_ON_DEMAND
    return mask


def may_choose(plan_type: PlanType, element: Element) -> bool:
    """Whether the element is the municipality's to take in or leave out; of no type that never has it."""
    return element in CHOSEN - NEVER.get(plan_type, frozenset())


def by_custom(plan_type: PlanType, element: Element) -> bool:
    """Whether versions of a type hold it until the municipality has chosen."""
    return bool(element.read & ARCHIVE_BY_CUSTOM) and element not in NEVER.get(plan_type, ())


def check_choose(plan_type: PlanType, element: Element) -> None:
    if not may_choose(plan_type, element):
        raise Refused("ARCHIVE_FIXED", "element")


def days(given: Sequence[str]) -> list[str]:
    """Days of the year, "MM-DD", in their order. Refused, every fault at once, where one is none that every
    year has, or where they are too few."""
    if len(given) > MOST:
        raise Refused("TOO_MANY", "dates", most=MOST)
    typed, found = Entry(), set[str]()
    for n, text in enumerate(given):
        if _is_day(text):
            found.add(text)
        else:
            typed.refuse("BAD_DAY", f"dates.{n}")
    if not typed.problems and len(found) < FEWEST:
        typed.refuse("TWICE_A_YEAR", "dates")
    typed.done()
    return sorted(found)


def _is_day(text: str) -> bool:
    try:
        return bool(DAY.fullmatch(text) and date.fromisoformat(f"2001-{text}"))  # no leap year
    except ValueError:
        return False


def last_due(dates: Collection[str], since: datetime, now: datetime) -> datetime | None:
    """The midnight in Norway at which the last of the days began; None where it was before they were
    chosen, `since`."""
    today = now.astimezone(OSLO).date()
    begun = [day for year in (today.year - 1, today.year) for text in dates
             if (day := date.fromisoformat(f"{year}-{text}")) <= today]
    due = datetime.combine(max(begun), time(), OSLO) if begun else None
    return due if due and due > since else None
