"""What statistics tell: towns by hand, an attacker with linear programming, every town of a small size."""
import random
import timeit
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import inf

import pytest
from hypothesis import given, settings, strategies as st

from db.rules.disclosure import HalfYear, Row, Table, release

Tree = Mapping[str, Sequence[str]]
Tables = Mapping[str, Table[str]]
Told = Mapping[str, Mapping[str, Row]]
Secret = tuple[str, str, tuple[str, ...]]  # table, place, kinds
Terms = dict[int, int | Fraction]  # how often each unknown is in a sum, and under SUM what the sum comes to
SUM, HELPER = -1, 10**6
KINDS = ("a", "b", "c", "d", "e")


def table(**rows: Sequence[int]) -> Table[str]:
    width = len(next(iter(rows.values())))
    return Table(KINDS[:width], {unit: dict(zip(KINDS, row, strict=False)) for unit, row in rows.items()})


def told(tree: Tree, **rows: Sequence[int]) -> dict[str, list[int | None]]:
    """Of every place the total, then the counts, that one table tells."""
    answer = release("town", tree, {"status": table(**rows)})["status"]
    return {place: [row.total, *row.counts.values()] for place, row in answer.items()}


def units(place: str, tree: Tree) -> list[str]:
    return [unit for lower in tree[place] for unit in units(lower, tree)] if tree.get(place) else [place]


def true_count(place: str, kinds: Sequence[str], tree: Tree, counted: Table[str]) -> int:
    return sum(counted.counts[unit][kind] for unit in units(place, tree) for kind in kinds)


def test_nothing_is_withheld_where_nothing_is_small() -> None:
    answer = told({"town": "uv"}, u=(7, 8), v=(5, 9))
    assert answer == {"town": [29, 12, 17], "u": [15, 7, 8], "v": [14, 5, 9]}


def test_a_small_unit_closes_the_next_in_order_or_it_would_be_the_group_less_the_others() -> None:
    assert told({"town": "uvw"}, u=(20, 20), v=(1, 2), w=(30, 30)) == {
        "town": [103, 51, 52], "u": [None] * 3, "v": [None] * 3, "w": [60, 30, 30]}


def test_a_small_group_is_hidden_by_a_unit_of_the_next_group_and_not_by_all_of_it() -> None:
    answer = told({"town": "gh", "g": "u", "h": "vw"}, u=(3,), v=(20,), w=(30,))
    assert {place for place, row in answer.items() if row[0] is None} == {"g", "u", "h", "v"}
    assert answer["w"][0] == 30


def test_a_small_unit_beside_groups_is_hidden_by_a_unit_of_one() -> None:
    answer = told({"town": "gu", "g": "vw"}, u=(3,), v=(20,), w=(30,))
    assert {place for place, row in answer.items() if row[0] is None} == {"g", "u", "v"}


def test_a_small_count_closes_its_unit_and_another_but_both_tell_their_totals() -> None:
    answer = told({"town": "uvw"}, u=(2, 10, 20), v=(9, 10, 20), w=(9, 10, 20))
    assert answer == {"town": [110, 20, 30, 60], "u": [32, None, None, None],
                      "v": [39, None, None, None], "w": [39, 9, 10, 20]}


def test_counts_that_are_small_in_every_unit_are_withheld_and_the_others_told() -> None:
    answer = told({"town": "uv"}, u=(4, 4, 20), v=(3, 5, 20))
    assert answer == {"town": [56, 7, 9, 40], "u": [28, None, None, 20], "v": [28, None, None, 20]}


def test_a_zero_is_told_in_an_open_place() -> None:
    assert told({"town": "uv"}, u=(10, 0, 5), v=(5, 5, 5))["u"] == [15, 10, 0, 5]


def test_a_unit_without_plans_says_so_unless_one_beside_it_is_small() -> None:
    assert told({"town": "uv"}, u=(0, 0), v=(10, 10))["u"] == [0, 0, 0]
    assert told({"town": "uvw"}, u=(0, 0), v=(10, 10), w=(1, 1))["u"] == [None, None, None]


def test_a_unit_whose_few_plans_are_all_alike_tells_how_many_but_not_of_which_kind() -> None:
    assert told({"town": "uv"}, u=(7, 0), v=(20, 20))["u"] == [7, None, None]


def test_a_kind_that_is_rare_in_the_town_is_withheld_everywhere_with_the_next_rarest() -> None:
    answer = told({"town": "uv"}, u=(1, 20, 30), v=(1, 20, 40))
    assert answer == {"town": [112, None, None, 70], "u": [51, None, None, 30], "v": [61, None, None, 40]}


def test_a_town_with_few_plans_tells_nothing() -> None:
    assert set(map(tuple, told({"town": "uv"}, u=(3,), v=(1,)).values())) == {(None, None)}


def test_a_place_tells_both_what_was_opened_and_what_was_closed_or_neither() -> None:
    flows = {"opened": table(u=(9,), v=(9,), w=(9,)), "closed": table(u=(9,), v=(2,), w=(9,))}
    answer = release("town", {"town": "uvw"}, flows)
    assert [answer[name][unit].total for name in flows for unit in "uvw"] == [None, None, 9, None, None, 9]


def test_a_town_that_closed_few_plans_does_not_tell_what_it_opened() -> None:
    flows = {"opened": table(u=(20, 20)), "closed": table(u=(1, 1))}
    assert release("town", {"town": "u"}, flows)["opened"]["town"] == Row(None, {"a": None, "b": None})


@pytest.mark.parametrize("counts", [{"nowhere": {"a": 1}}, {"u": {"z": 1}}])
def test_plans_at_no_unit_or_in_no_category_are_refused(counts: dict[str, dict[str, int]]) -> None:
    with pytest.raises(ValueError, match="some plans are counted"):
        release("town", {"town": "uv"}, {"status": Table(KINDS, counts)})


def test_a_threshold_that_hides_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 3"):
        release("town", {"town": "u"}, {"status": table(u=(9,))}, threshold=2)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_every_day_is_in_one_half_year_and_they_follow_on_each_other(day: date) -> None:
    period = HalfYear.of(day)
    assert period.first <= day < period.after
    assert HalfYear.of(period.after).first == period.after
    assert HalfYear.of(period.first - timedelta(days=1)) < period


def test_there_is_no_third_half_of_a_year() -> None:
    with pytest.raises(ValueError, match="half 1 or 2"):
        HalfYear(2026, 3)


@st.composite
def towns(draw: st.DrawFn) -> tuple[Tree, Tables, int, bool]:
    """Up to three groups (or units beside them), two tables of the same plans or not, and a threshold."""
    tree: dict[str, list[str]] = {"town": list("ghi"[:draw(st.integers(1, 3))])}
    tree |= {group: [f"{group}{index}" for index in range(draw(st.integers(0, 4)))] for group in tree["town"]}
    sizes = st.integers(0, draw(st.sampled_from([3, 8, 40])))
    same = {unit: draw(sizes) for unit in units("town", tree)} if draw(st.booleans()) else {}
    tables = {}
    for name in ("status", "level"):
        width, counts = draw(st.integers(1, 4)), {}
        for unit in units("town", tree):
            size = same[unit] if same else draw(sizes)
            cuts = sorted(draw(st.lists(st.integers(0, size), min_size=width - 1, max_size=width - 1)))
            counts[unit] = [high - low for low, high in zip([0, *cuts], [*cuts, size], strict=True)]
        tables[name] = table(**counts)
    return tree, tables, draw(st.integers(3, 5)), bool(same)


@given(towns())
def test_what_is_told_is_true_and_never_small(town: tuple[Tree, Tables, int, bool]) -> None:
    tree, tables, threshold, _ = town
    for name, place, kinds, number in sayings(release("town", tree, tables, threshold)):
        assert number is None or not 0 < number < threshold
        assert number is None or number == true_count(place, kinds, tree, tables[name])


@settings(max_examples=400, deadline=None)
@given(towns())
def test_every_small_count_could_be_the_threshold_or_more_for_all_that_is_told(
        town: tuple[Tree, Tables, int, bool]) -> None:
    tree, tables, threshold, same = town
    assert not exposed(tree, tables, release("town", tree, tables, threshold), threshold, same)


def test_withholding_the_small_counts_alone_would_give_them_away() -> None:
    tree, counted = {"town": "uv"}, table(u=(2, 20), v=(9, 20))
    honest = {place: Row(true_count(place, "ab", tree, counted), {
        kind: count if (count := true_count(place, kind, tree, counted)) > 4 else None for kind in "ab"})
        for place in ("town", "u", "v")}
    assert exposed(tree, {"status": counted}, {"status": honest}, 5, same=False) == [("status", "u", ("a",))]


def sayings(answer: Told) -> Iterator[tuple[str, str, tuple[str, ...], int | None]]:
    """Table, place, kinds, and the number that is told of them: the counts, and the total as of all kinds."""
    for name, rows in answer.items():
        for place, row in rows.items():
            yield from ((name, place, (kind,), number) for kind, number in row.counts.items())
            yield name, place, tuple(row.counts), row.total


def exposed(tree: Tree, tables: Tables, answer: Told, threshold: int, same: bool) -> list[Secret]:
    """The small counts an attacker can show to be small, told whether the tables are of the same plans."""
    cells = {cell: number for number, cell in enumerate(
        (name, unit, kind) for name, counted in tables.items()
        for unit in units("town", tree) for kind in counted.categories)}

    def terms(name: str, place: str, kinds: Sequence[str], sign: int = 1) -> Terms:
        return dict.fromkeys((cells[name, unit, kind] for unit in units(place, tree) for kind in kinds), sign)

    known, secrets = list[Terms](), list[Secret]()
    for name, place, kinds, number in sayings(answer):
        known += [terms(name, place, kinds) | {SUM: number}] if number is not None else []
        secrets += [(name, place, kinds)] * (0 < true_count(place, kinds, tree, tables[name]) < threshold)
    for unit in units("town", tree) if same else ():
        status, level = (tables[name].categories for name in ("status", "level"))
        known.append(terms("status", unit, status) | terms("level", unit, level, sign=-1))
    reach = highest(known, [terms(*secret) for secret in secrets])
    return [secret for secret, most in zip(secrets, reach, strict=True) if most < threshold]


def highest(known: Sequence[Terms], goals: Sequence[Terms]) -> list[float | Fraction]:
    """How large each goal can be: the simplex method, exact, by Bland's rule.

    No unknown is below zero. Each row starts from a helper of its own, which a high price drives out."""
    rows = [row | {HELPER + index: 1} for index, row in enumerate(known)]
    basis = [HELPER + index for index in range(len(rows))]
    price: Terms = dict.fromkeys(basis, -HELPER)
    return [climb(rows, basis, goal | price) for goal in goals]


def climb(rows: list[Terms], basis: list[int], goal: Terms) -> float | Fraction:
    """Changes rows and basis to those of the highest point, from where the next goal starts."""
    for row, own in zip(rows, basis, strict=True):
        add(goal, row, -goal.get(own, 0))
    while gains := [key for key, gain in goal.items() if gain > 0 and key != SUM]:
        column = min(gains)
        limits = [(Fraction(row.get(SUM, 0)) / row[column], own, index)
                  for index, (row, own) in enumerate(zip(rows, basis, strict=True)) if row.get(column, 0) > 0]
        if not limits:
            return inf
        index = min(limits)[2]
        divisor, basis[index] = rows[index][column], column
        rows[index] = {key: number if divisor == 1 else Fraction(number) / divisor
                       for key, number in rows[index].items()}
        for row in (*rows[:index], *rows[index + 1:], goal):
            add(row, rows[index], -row.get(column, 0))
    return -goal.get(SUM, 0)


def add(row: Terms, other: Terms, times: int | Fraction) -> None:
    for key, number in other.items() if times else ():
        row[key] = row.get(key, 0) + times * number
        if not row[key]:
            del row[key]


def every_way(plans: int, cells: int) -> Iterator[tuple[int, ...]]:
    if cells == 1:
        yield (plans,)
    else:
        for first in range(plans + 1):
            yield from ((first, *rest) for rest in every_way(plans - first, cells - 1))


@pytest.mark.parametrize(("tree", "width", "plans"), [
    ({"town": "uv"}, 2, range(3, 15)),
    ({"town": "uv"}, 3, range(3, 12)),
    ({"town": "uvw"}, 1, range(3, 22)),
    ({"town": "uvwx"}, 1, range(9, 14)),
    ({"town": "gh", "g": "uv", "h": "wx"}, 1, range(3, 19)),
    ({"town": "gh", "g": "u", "h": "vw"}, 2, range(3, 12))])
def test_who_runs_the_source_over_every_town_of_a_size_learns_no_small_count(
        tree: Tree, width: int, plans: range) -> None:
    places = ["town", *(place for lower in tree.values() for place in lower)]
    names, worlds = units("town", tree), defaultdict(list)
    for numbers in (numbers for size in plans for numbers in every_way(size, width * len(names))):
        counted = table(**{unit: numbers[index * width:][:width] for index, unit in enumerate(names)})
        answer = release("town", tree, {"status": counted}, threshold=3)["status"]
        key = tuple((answer[place].total, *answer[place].counts.values()) for place in places)
        worlds[key].append([true_count(place, kinds, tree, counted) for place in places
                            for kinds in (counted.categories, *counted.categories)])
    for alike in worlds.values():
        for values in map(set, zip(*alike, strict=True)):
            assert len(values) > 1 or not values & {1, 2}


def typical_town(unit_count: int, seed: int) -> tuple[Tree, Table[str]]:
    """Units in five groups with 2 to 60 plans, most of them active."""
    chance = random.Random(seed)
    groups = [f"group {number}" for number in range(5)]
    counts = {str(unit): chance.choices(KINDS, (5, 10, 60, 10, 15), k=int(chance.lognormvariate(2.7, 0.8)))
              for unit in range(unit_count)}
    tree = {"town": groups} | {group: list(counts)[number::5] for number, group in enumerate(groups)}
    return tree, table(**{unit: [plans.count(kind) for kind in KINDS] for unit, plans in counts.items()})


def test_a_typical_town_is_told_whole_its_groups_nearly_and_its_units_half() -> None:
    share = defaultdict[tuple[str, str], list[bool]](list)
    for seed in range(10):
        tree, counted = typical_town(40, seed)
        for place, row in release("town", tree, {"status": counted})["status"].items():
            level = "town" if place == "town" else "group" if place in tree else "unit"
            share[level, "total"] += [row.total is not None] * (true_count(place, KINDS, tree, counted) >= 5)
            share[level, "kind"] += [number is not None for kind, number in row.counts.items()
                                     if true_count(place, kind, tree, counted) >= 5]
    means = {key: sum(shown) / len(shown) for key, shown in share.items()}
    assert means["town", "total"] == means["town", "kind"] == means["group", "total"] == 1
    assert means["unit", "total"] > 0.9
    assert means["group", "kind"] > 0.7
    assert means["unit", "kind"] > 0.4


def test_a_hundred_units_take_a_few_milliseconds() -> None:
    tree, counted = typical_town(100, seed=1)
    seconds = min(timeit.repeat(lambda: release("town", tree, {"status": counted}), number=1, repeat=5))
    assert seconds < 0.02  # 0.002 measured; the slack is for a busy machine
