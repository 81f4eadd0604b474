"""What statistics may be told: counts of plans by unit, group and municipality, without those that point at a child.

How. Some places are closed and some categories withheld until, with the closed places of a block merged into one and
the withheld categories into one ("the others"), every number is zero or at least the threshold. What is told is that
merged table and its sums, nothing else, so whatever can be computed from it is a sum of such numbers. Blocks go down
the tree: an open place is a block to the places below it, and the closed ones together are another.

Promised, for all that one `release` tells, in however many questions: for every count from 1 to threshold - 1, of
every place, table and total, there is a municipality with the very same answers where that count is at least the
threshold. Nobody can show it to be small, let alone what it is. What is closed is chosen by the order of the places
and by numbers told elsewhere, hardly by the hidden ones, so that even this source, run on every municipality there
could be, tells no such count (tests/rules/test_disclosure.py tries all of a small size).

Zero is under the threshold. It is told in an open place, where nobody stands behind it; but a unit without plans is
closed with its small neighbours, or else five closed units with five plans would be known to have one each. A place
is open only from twice the threshold: a smaller one can be split in two tellable numbers only if all are alike, and
then each one's value is told. (Of ten and more who are all alike, that is told.)

Not promised, and for the caller to see to:
- One question, one release: the same places in the same order, all tables of the same plans together, and kept: an
  answer for a time that is past must not change with later corrections or another threshold, or two can be compared.
- Times: HalfYear is the only period, so that none can be taken from another, told when it is over. Running plans are
  counted as at its end, CLOSED by what was closed in it: a stock with closed plans in it would, from one half-year to
  the next, tell what was opened. Opened and closed go into one release, and are then told together or not at all;
  with the stocks they give each other away but for reopened and moved plans, which therefore are told nowhere.
- What someone knows already, such as their own child's plan, may be taken off any number."""
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Self, TypeVar

Place = TypeVar("Place")  # a municipality, group or unit, by whatever id the caller has
Numbers = tuple[int, ...]
Withheld = frozenset[int]  # categories by index
LOWEST_THRESHOLD = 3  # at 2 a closed count could only be 1


@dataclass(frozen=True, order=True)
class HalfYear:
    """January to June (half 1) or July to December (half 2): the only period that is told, as archiving goes by it."""
    year: int
    half: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The half-year the day is in."""
        return cls(day.year, 1 if day.month <= 6 else 2)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 1 if self.half == 1 else 7, 1)

    @property
    def after(self) -> date:
        """The day after its last: from then on it is told."""
        return date(self.year, 7, 1) if self.half == 1 else date(self.year + 1, 1, 1)


@dataclass(frozen=True)
class Table(Generic[Place]):
    """Plans by one dimension, counted at the units: each plan once, so that the categories sum to the total."""
    categories: tuple[str, ...]
    counts: Mapping[Place, Mapping[str, int]]  # what is missing is zero


@dataclass(frozen=True)
class Row:
    """One place in a released table; None is withheld, which may be any number, zero too."""
    total: int | None
    counts: Mapping[str, int | None]


def release(root: Place, below: Mapping[Place, Sequence[Place]], tables: Mapping[str, Table[Place]],
            threshold: int = 5) -> dict[str, dict[Place, Row]]:
    """Every table as it may be told of the municipality `root` and of all places below it, by table and place.

    `below` is the tree, in an order that does not follow the counts: a small place takes the next in order with it.
    A place whose total is small in one table is closed in all. ValueError: a threshold under 3, or plans that are
    counted at no unit or in no category."""
    if threshold < LOWEST_THRESHOLD:
        raise ValueError(f"the threshold is at least {LOWEST_THRESHOLD}")
    sums = {name: _summed(root, below, table) for name, table in tables.items()}
    totals = {place: tuple(sum(numbers[place]) for numbers in sums.values()) for place in _places(root, below)}
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
            sums[place] = tuple(map(sum, zip(*rows, strict=True)))
        else:
            counts = table.counts.get(place, {})
            sums[place] = tuple(counts.get(category, 0) for category in table.categories)
    if sum(sums[root]) != sum(sum(counts.values()) for counts in table.counts.values()):
        raise ValueError("some plans are counted at no unit of the tree or in no category of the table")
    return sums


def _walk(root: Place, below: Mapping[Place, Sequence[Place]], withheld: Withheld,
          split: Callable[[Sequence[Place], Withheld], tuple[set[Place], Withheld]],
          ) -> Iterator[tuple[Place, bool, Withheld]]:
    """Every place but the root, block by block downwards: whether `split` closes it, and what is withheld if not.

    A unit beside groups is carried down, so that it can be told apart from the units of groups closed with it."""
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
    """The places that show no total, and so nothing in any table: the small ones and those that hide them."""
    def short(rows: Collection[Numbers]) -> list[int]:
        return [index for index, column in enumerate(zip(*rows, strict=True)) if not _hide(column, threshold)]

    def split(places: Sequence[Place], withheld: Withheld) -> tuple[set[Place], Withheld]:
        rows = {place: totals[place] for place in places}
        touchy = {index for row in rows.values() for index, total in enumerate(row) if 0 < total < threshold}
        small = {place for place, row in rows.items() if any(row[index] < threshold for index in touchy)}
        return _joined(rows, small, short), withheld

    if any(0 < total < threshold for total in totals[root]):
        return set(totals)
    return {place for place, closed, _ in _walk(root, below, frozenset(), split) if closed}


def _withheld(root: Place, below: Mapping[Place, Sequence[Place]], sums: Mapping[Place, Numbers],
              closed: Collection[Place], threshold: int) -> dict[Place, Withheld]:
    """The withheld categories of one table at every place. Of each block, the split that shows most numbers."""
    everything = frozenset(range(len(sums[root])))

    def short(rows: Collection[Numbers]) -> list[int]:
        merged = [sum(column) for column in zip(*rows, strict=True)]
        small = [index for index, number in enumerate(merged) if 0 < number < threshold]
        return small or [*range(len(merged))] * (0 < sum(merged) < 2 * threshold)

    def split(places: Sequence[Place], withheld: Withheld) -> tuple[set[Place], Withheld]:
        most, best = -1, (set(places), withheld)
        for tail in _tails([*map(sum, zip(*(sums[place] for place in places), strict=True))], withheld):
            rows = {place: _merged(sums[place], tail) for place in places}
            shut = _joined(rows, {place for place, row in rows.items() if place in closed or short([row])}, short)
            shown = (len(places) - len(shut)) * len(everything - tail)
            if shown > most:
                most, best = shown, (shut, tail)
        return best

    def tellable(tail: Withheld) -> bool:
        return not short([_merged(sums[root], tail)]) and _hide([sums[root][index] for index in tail], threshold)

    if root in closed:
        return dict.fromkeys(sums, everything)
    start = next(filter(tellable, _tails(sums[root], frozenset())), everything)
    return {root: start} | {place: everything if shut else tail
                            for place, shut, tail in _walk(root, below, start, split)}


def _tails(numbers: Sequence[int], withheld: Withheld) -> Iterator[Withheld]:
    """What more may be withheld: nothing, or all up to a number. Both go by numbers that are told of the block."""
    yield withheld
    for limit in sorted({number for index, number in enumerate(numbers) if index not in withheld}):
        yield withheld | {index for index, number in enumerate(numbers) if number <= limit}


def _merged(numbers: Numbers, tail: Withheld) -> Numbers:
    """The told categories, and last the others as one."""
    if not tail:
        return numbers
    told = tuple(number for index, number in enumerate(numbers) if index not in tail)
    return (*told, sum(numbers) - sum(told))


def _joined(rows: Mapping[Place, Numbers], closed: set[Place],
            short: Callable[[Collection[Numbers]], list[int]]) -> set[Place]:
    """`closed` with further places, first come first taken, until together they fall short in no column."""
    while closed and (columns := short([rows[place] for place in closed])):
        further = next((place for place, row in rows.items()
                        if place not in closed and any(row[index] for index in columns)), None)
        if further is None:  # the block is all closed in that column, so its own number is the sum, and is told
            break
        closed = closed | {further}
    return closed


def _hide(numbers: Collection[int], threshold: int) -> bool:
    """Whether numbers withheld together hide each other: enough in all, and not each as large as a small one can be."""
    return not any(numbers) or sum(numbers) >= 2 * threshold and any(n != threshold - 1 for n in numbers)
