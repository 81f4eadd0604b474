"""Tellevik, a municipality of 12 units and 300 plans, and what its people are told of every place in it."""
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import psycopg

from db.engine import plain
from db.rules.disclosure import Row, Table, release
from db.rules.words import CloseReason, PlanType, Post
from db.seeds.parts import Town
from tests.support.asking import Asking
from tests.support.handcount import Half, counted
from tests.support.histories import founded, invented, lived

NUMBER = 7
PLANS = {  # of each unit, by group
    "schools": (60, 45, 30, 12, 3), "kindergartens": (40, 25, 8, 0), "clinics": (30, 2), "advisers": (45,)}
POSTS = {
    "analyst": (Post.ANALYST, None), "admin": (Post.LOCAL_ADMINISTRATOR, None),
    "leader": (Post.UNIT_ADMINISTRATOR, "schools 1"), "group leader": (Post.GROUP_ADMINISTRATOR, "schools"),
    "group analyst": (Post.ANALYST, "kindergartens"), "unit analyst": (Post.ANALYST, "clinics 1"),
    "creator": (Post.PLAN_CREATOR, "schools 1"), "group creator": (Post.PLAN_CREATOR, "schools")}
UNITS = {group: [f"{group} {n}" for n in range(1, len(sizes) + 1)] for group, sizes in PLANS.items()}
TREE = {"all": [*PLANS], **UNITS}
PLACES = ["all", *PLANS, *(unit for units in UNITS.values() for unit in units)]
CATEGORIES = {
    "status": ("DRAFT", "AWAITING_CONSENT", "ACTIVE", "PASSIVE"), "level": ("0", "1", "2", "3"),
    "type": tuple(PlanType), "opened": ("OPENED",), "closed": tuple(CloseReason)}
LISTS = {"status": ("byStatus", "status"), "level": ("byLevel", "level"), "type": ("byType", "type"),
         "closed": ("byCloseReason", "reason")}
TOLD = ("year half threshold total opened closed byStatus { status count } byLevel { level count } "
        "byType { type count } byCloseReason { reason count }")
Answers = Mapping[str, Any]  # by place


def filled(url: str) -> Town:
    """Beside whoever is there already; the same plans every time."""
    town, rnd = founded(url, NUMBER, {group: len(sizes) for group, sizes in PLANS.items()}, POSTS), Random(7)
    units = [town.units[f"{group} {n}"] for group, sizes in PLANS.items()
             for n, size in enumerate(sizes, 1) for _ in range(size)]
    lived(url, NUMBER, [invented(rnd, unit) for unit in units])
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute("analyze")  # as in a database in use: else a count takes a hundred times as long
    return town


def scope(town: Town, place: str) -> dict[str, str]:
    if place == "all":
        return {}
    key = town.units[place]
    return {"group": f"UnitGroup:{key}"} if place in PLANS else {"unit": f"Unit:{key}"}


async def told(asking: Asking, part: str, half: Half) -> Answers:
    """Of all places, in one question."""
    variables = {f"s{n}": scope(asking.town, place) for n, place in enumerate(PLACES)}
    given = " ".join(f"${name}: StatisticsScope" for name in variables)
    asked = " ".join(f"{name}: statistics(scope: ${name}, period: $half) {{ {TOLD} }}" for name in variables)
    answer = await asking.told(part, f"query($half: HalfYearInput, {given}) {{ {asked} }}",
                               half={"year": half[0], "half": half[1]}, **variables)
    return dict(zip(PLACES, answer.values(), strict=True))


async def whole(asking: Asking, half: Half) -> Any:
    """Of the whole municipality, as its analyst is told."""
    period = f"{{year: {half[0]}, half: {half[1]}}}"
    return (await asking.told("analyst", f"{{ statistics(period: {period}) {{ {TOLD} }} }}"))["statistics"]


def expected(asking: Asking, half: Half) -> Answers:
    """The count by hand, released."""
    ids = {place: str(key) for place, key in asking.town.units.items()}
    tree = {"all": sorted(ids[group] for group in PLANS),
            **{ids[group]: sorted(ids[unit] for unit in units) for group, units in UNITS.items()}}
    tables = {name: Table(CATEGORIES[name], {str(unit): counts for unit, counts in rows.items()})
              for name, rows in counted(asking.url, NUMBER, half).items()}
    stock = release("all", tree, {name: tables[name] for name in ("status", "level", "type")})
    flow = release("all", tree, {name: tables[name] for name in ("opened", "closed")})
    return {place: _answer(half, {name: rows[ids.get(place, place)] for name, rows in (stock | flow).items()})
            for place in PLACES}


def _answer(half: Half, rows: Mapping[str, Row]) -> dict[str, Any]:
    def listed(table: str, word: str) -> list[dict[str, Any]]:
        counts = rows[table].counts.items()
        return [{word: int(name) if table == "level" else name, "count": count} for name, count in counts]
    return {"year": half[0], "half": half[1], "threshold": 5, "total": rows["status"].total,
            "opened": rows["opened"].total, "closed": rows["closed"].total,
            **{field: listed(table, word) for table, (field, word) in LISTS.items()}}


def numbers(answer: Any) -> dict[tuple[str, str], int | None]:
    """Everything that is told of one place, by table and category (none: the total)."""
    said: dict[tuple[str, str], int | None] = {
        ("opened", ""): answer["opened"], ("closed", ""): answer["closed"],
        **{(table, ""): answer["total"] for table in ("status", "level", "type")}}
    for table, (field, word) in LISTS.items():
        said |= {(table, str(row[word])): row["count"] for row in answer[field]}
    return said


def small(answers: Answers) -> Iterator[tuple[str, tuple[str, str], int]]:
    """Told numbers from 1 to 4; and what is left of one less those told below it, or less its categories."""
    said = {place: numbers(answer) for place, answer in answers.items()}

    def covered(place: str, key: tuple[str, str]) -> int:
        """As much of a place as is told, of it or of those below it."""
        count = said[place][key]
        return sum(covered(lower, key) for lower in TREE.get(place, ())) if count is None else count

    for place, counts in said.items():
        for key, count in counts.items():
            categories = [n or 0 for (table, category), n in counts.items() if table == key[0] and category]
            parts = [[covered(lower, key) for lower in TREE.get(place, ())], [] if key[1] else categories]
            left = [] if count is None else [count, *(count - sum(told) for told in parts if told)]
            yield from ((place, key, number) for number in left if number < 0 or 0 < number < 5)
