"""What statistics may be told: counts of plans by place and category, and none that point at a child.

How. Places are closed and categories withheld until, with the closed places of a block taken as one place and
the withheld categories as one category, every number is zero or at least the threshold. That merged table and
its sums are told, so whatever can be computed comes from numbers that could be told themselves. Blocks go
down the tree: an open place is the block of the places below it, and the closed ones together are the block
of those below them.

Promised, of all that one `release` tells in however many questions: for every count from 1 to threshold - 1,
of any place and category and every total, there is a municipality with the same answers where that count is
at least the threshold. So nobody can show that it is small, let alone what it is. (A withheld number can grow
at the cost of others in its row and its column, and what these have to give is a merged number; the tests
attack it by linear programming.) Places are chosen by their order and categories by numbers told of the
block, not by what is hidden, so that running this source over all municipalities gives no such count away
either: tried on all of a small size, not proved.

Zero is under the threshold. An open place tells it, for nobody stands behind it. But a unit without plans is
closed when a small one beside it is, or of five closed units with five plans in all each would be known to
have one. A place is open from twice the threshold: a smaller one has two tellable numbers only if all its
plans are alike, and then says of each child which kind it is. Of ten and more who are alike, that is told.

Not promised, but the caller's to see to:
- One question has one answer: all tables of the same plans in one release, places in the same order, and the
  release kept (`statistics_release`); a plan that moves, a correction, another threshold or another version
  of this file would give a second answer to compare with the first.
- Tables of one release say nothing of each other but that they count the same plans. CLOSED in one and its
  reasons in another give away small counts of both: a category and its parts are one table, of the parts.
- HalfYear is the only period, so that none is part of another; it is told when it is over. Stocks are of
  running plans at its end, and CLOSED is what was closed in it: a stock with closed plans in it grows by what
  was opened. Opened and closed are tables of one release, so that a place tells both or none. Even so, of
  stock before, opened, closed and stock after, three give the fourth away, but for plans reopened and moved:
  those are told nowhere.
- What someone knows otherwise, such as their own child's plan, can be taken off any number."""
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Self, TypeVar

Place = TypeVar("Place")  # a municipality, group or unit, by whatever id the caller has
Numbers = Sequence[int]
Withheld = frozenset[int]  # categories, by index
LOWEST_THRESHOLD = 3  # at 2, a small count is 1 and nothing else


@dataclass(frozen=True, order=True)
class HalfYear:
    """January to June (half 1) or July to December (half 2)."""
    year: int
    half: int

    def __post_init__(self) -> None:
        """ValueError: a third half."""
        if self.half not in (1, 2):
            raise ValueError("a half-year is half 1 or 2")

    @classmethod
    def of(cls, day: date) -> Self:
        """The half-year the day is in."""
        return cls(day.year, 1 if day < date(day.year, 7, 1) else 2)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 1 if self.half == 1 else 7, 1)

    @property
    def after(self) -> date:
        """The day after its last, from which it is told."""
        return date(self.year, 7, 1) if self.half == 1 else date(self.year + 1, 1, 1)


@dataclass(frozen=True)
class Table(Generic[Place]):
    """Plans by one dimension, counted at the units, each once: the categories sum to the total."""
    categories: tuple[str, ...]
    counts: Mapping[Place, Mapping[str, int]]  # what is missing is zero


@dataclass(frozen=True)
class Row:
    """One place in a released table. None is withheld: it may be any number, zero too."""
    total: int | None
    counts: Mapping[str, int | None]


def release(root: Place, below: Mapping[Place, Sequence[Place]], tables: Mapping[str, Table[Place]],
            threshold: int = 5) -> dict[str, dict[Place, Row]]:
    """Every table as it may be told of the municipality `root` and all below it, by table and place.

    `below` is the tree, in an order that does not follow the counts: a small place may close the next one.
    A place whose total is small in one table is closed in all. ValueError: a threshold under 3, or plans
    counted at no unit or in no category."""
    if threshold < LOWEST_THRESHOLD:
        raise ValueError(f"the threshold is at least {LOWEST_THRESHOLD}")
    sums = {name: _summed(root, below, table) for name, table in tables.items()}
    totals = {place: [sum(numbers[place]) for numbers in sums.values()] for place in _places(root, below)}
    closed = _closed(root, below, totals, threshold)
    told = {}
    for name, numbers in sums.items():
        withheld = _withheld(root, below, numbers, closed, threshold)
        told[name] = {place: Row(None if place in closed else sum(row), {
            category: None if index in withheld[place] else row[index]
            for index, category in enumerate(tables[name].categories)}) for place, row in numbers.items()}
    return told


def _places(root: Place, below: Mapping[Place, Sequence[Place]]) -> list[Place]:
    """The whole tree, every place before those below it."""
    places = [root]
    for place in places:
        places.extend(below.get(place, ()))
    return places


def _summed(root: Place, below: Mapping[Place, Sequence[Place]], table: Table[Place]) -> dict[Place, Numbers]:
    """The counts of every place, in the order of the categories."""
    sums: dict[Place, Numbers] = {}
    for place in reversed(_places(root, below)):
        if rows := [sums[lower] for lower in below.get(place, ())]:
            sums[place] = _added(rows)
        else:
            counts = table.counts.get(place, {})
            sums[place] = [counts.get(category, 0) for category in table.categories]
    if sum(sums[root]) != sum(sum(counts.values()) for counts in table.counts.values()):
        raise ValueError("some plans are counted at no unit of the tree or in no category of the table")
    return sums


def _walk(root: Place, below: Mapping[Place, Sequence[Place]], withheld: Withheld,
          split: Callable[[Sequence[Place], Withheld], tuple[set[Place], Withheld]],
          ) -> Iterator[tuple[Place, bool, Withheld]]:
    """Every place but the root, block by block: whether `split` closes it, and what is withheld if not.

    A unit that stands beside groups goes down with them, or a closed one would be missing from its block."""
    blocks = [([root], withheld)]
    while blocks:
        block, withheld = blocks.pop()
        places = [lower for place in block for lower in below.get(place) or (place,)]
        if places == block:
            continue
        closed, withheld = split(places, withheld)
        yield from ((place, place in closed, withheld) for place in places)
        blocks += [([place], withheld) for place in places if place not in closed]
        blocks.append(([place for place in places if place in closed], withheld))


def _closed(root: Place, below: Mapping[Place, Sequence[Place]], totals: Mapping[Place, Numbers],
            threshold: int) -> set[Place]:
    """The places that tell no total, and so nothing in any table: the small ones and those that hide them."""
    def short(rows: Collection[Numbers]) -> list[int]:
        return [table for table, column in enumerate(zip(*rows, strict=True)) if not _hide(column, threshold)]

    def split(places: Sequence[Place], withheld: Withheld) -> tuple[set[Place], Withheld]:
        rows = {place: totals[place] for place in places}
        touchy = {table for row in rows.values() for table, total in enumerate(row) if 0 < total < threshold}
        small = {place for place, row in rows.items() if any(row[table] < threshold for table in touchy)}
        return _joined(rows, small, short), withheld

    if any(0 < total < threshold for total in totals[root]):
        return set(totals)
    return {place for place, closed, _ in _walk(root, below, frozenset(), split) if closed}


def _withheld(root: Place, below: Mapping[Place, Sequence[Place]], sums: Mapping[Place, Numbers],
              closed: Collection[Place], threshold: int) -> dict[Place, Withheld]:
    """The categories of one table that each place withholds."""
    def split(places: Sequence[Place], withheld: Withheld) -> tuple[set[Place], Withheld]:
        return _split({place: sums[place] for place in places}, withheld, closed, threshold)

    def tellable(tail: Withheld) -> bool:
        others = [sums[root][index] for index in tail]
        return not _short(_merged(sums[root], tail), threshold) and _hide(others, threshold)

    everything = frozenset(range(len(sums[root])))
    if root in closed:
        return dict.fromkeys(sums, everything)
    start = next(filter(tellable, _tails(sums[root], frozenset())), everything)
    return {root: start} | {place: everything if shut else tail
                            for place, shut, tail in _walk(root, below, start, split)}


def _split(sums: Mapping[Place, Numbers], withheld: Withheld, closed: Collection[Place],
           threshold: int) -> tuple[set[Place], Withheld]:
    """What to close and withhold of one block, so that the most numbers are told."""
    def short(rows: Collection[Numbers]) -> list[int]:
        return _short(_added(rows), threshold)

    most, best = 0, (set(sums), withheld)
    block = _added(sums.values())
    for tail in _tails(block, withheld):
        rows = {place: _merged(numbers, tail) for place, numbers in sums.items()}
        small = {place for place, row in rows.items() if place in closed or _short(row, threshold)}
        shut = _joined(rows, small, short)
        told = (len(sums) - len(shut)) * (len(block) - len(tail))
        if told > most:
            most, best = told, (shut, tail)
    return best


def _tails(numbers: Numbers, withheld: Withheld) -> Iterator[Withheld]:
    """What else may be withheld of a block: nothing, or every category that is smaller than some other."""
    for limit in sorted({number for index, number in enumerate(numbers) if index not in withheld}):
        yield withheld | {index for index, number in enumerate(numbers) if number < limit}


def _merged(numbers: Numbers, tail: Withheld) -> Numbers:
    """The told categories, and last the others as one."""
    if not tail:
        return numbers
    told = [number for index, number in enumerate(numbers) if index not in tail]
    return [*told, sum(numbers) - sum(told)]


def _added(rows: Collection[Numbers]) -> Numbers:
    return [*map(sum, zip(*rows, strict=True))]


def _short(row: Numbers, threshold: int) -> list[int]:
    """The columns that keep a merged row from being told: the small, or all if under twice the threshold."""
    small = [index for index, number in enumerate(row) if 0 < number < threshold]
    return small or [*range(len(row))] * (0 < sum(row) < 2 * threshold)


def _joined(rows: Mapping[Place, Numbers], closed: set[Place],
            short: Callable[[Collection[Numbers]], list[int]]) -> set[Place]:
    """`closed` with further places, in their order, until together they fall short in no column."""
    while closed and (columns := short([rows[place] for place in closed])):
        further = next((place for place, row in rows.items()
                        if place not in closed and any(row[column] for column in columns)), None)
        if further is None:  # the closed have all of the block there, which is told
            break
        closed = closed | {further}
    return closed


def _hide(numbers: Collection[int], threshold: int) -> bool:
    """Whether numbers hide each other: enough in all, and not each as large as a small one can be."""
    return not any(numbers) or (sum(numbers) >= 2 * threshold and any(n != threshold - 1 for n in numbers))
