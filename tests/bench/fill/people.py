"""Units of unequal size, 60,000 persons, and who leads. A person's identity number follows from the name."""
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from db.rules.words import AddressProtection, Post
from db.seal import Seal
from tests.bench.fill.rows import Rows

PLANS, PERSONS, UNITS, GROUPS = 10_000, 60_000, 80, 4
NURSES, TEACHERS, PROVIDERS = 250, 2_000, 4_000  # some 80 plans each, 5, and 5
NUMBERS = 90_000_000_000  # eleven digits that are nobody's: no month is 00
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Child:
    id: UUID
    born: date
    protected: bool  # their address is


@dataclass(frozen=True)
class People:
    """Who can be given a part: ids, by what they are."""
    units: tuple[UUID, ...]
    nurses: tuple[UUID, ...]
    teachers: tuple[UUID, ...]
    providers: tuple[UUID, ...]
    guardians: tuple[UUID, ...]
    children: tuple[Child, ...]


class Populating:
    """The municipality's people being made, those who are in no plan last."""

    def __init__(self, rows: Rows, rnd: random.Random, seal: Seal, now: datetime) -> None:
        self.rows, self.rnd, self.seal, self.now = rows, rnd, seal, now
        self.numbers = iter(range(PERSONS))
        self.groups = [rows.add("unit_group", name=f"Gruppe {n}") for n in range(GROUPS)]
        self.units = tuple(
            rows.add("unit", group_id=self.groups[n % GROUPS], name=f"Enhet {n}",
                     organisation_number=f"9740{n:05}", fagsystem="fagsystem") for n in range(UNITS))

    def people(self) -> People:
        nurses, teachers = self.employed(NURSES, "Helsesykepleier"), self.employed(TEACHERS, "Kontaktlærer")
        providers = self.employed(PROVIDERS, "PP-rådgiver")
        self.leaders()
        guardians = tuple(self.person(next(self.numbers)) for _ in range(2 * PLANS))
        children = tuple(self.child() for _ in range(PLANS))
        for n in self.numbers:
            self.person(n)
        return People(self.units, nurses, teachers, providers, guardians, children)

    def employed(self, count: int, position: str) -> tuple[UUID, ...]:
        return tuple(
            self.person(next(self.numbers), position=position, workplace_id=self.rnd.choice(self.units))
            for _ in range(count))

    def leaders(self) -> None:
        """One of each unit, of each group and of the whole, and one who only counts."""
        posts = [*(("unit_id", unit, Post.UNIT_ADMINISTRATOR) for unit in self.units),
                 *(("group_id", group, Post.GROUP_ADMINISTRATOR) for group in self.groups),
                 ("unit_id", None, Post.LOCAL_ADMINISTRATOR), ("unit_id", None, Post.ANALYST)]
        for leader, (scope, place, post) in zip(self.employed(len(posts), "Leder"), posts, strict=True):
            reached = {"unit_id": None, "group_id": None, scope: place}
            self.rows.add("assignment", person_id=leader, **reached, post=post, since=self.now - 1_000 * DAY)

    def child(self) -> Child:
        born, protected = self.now.date() - self.rnd.randrange(400, 6_200) * DAY, self.rnd.random() < 0.005
        protection = AddressProtection.CONFIDENTIAL if protected else AddressProtection.NONE
        key = self.person(next(self.numbers), birth_date=born, address_protection=protection)
        return Child(key, born, protected)

    def person(self, n: int, **known: object) -> UUID:
        name, born = f"Person nummer {n}", date(1960, 1, 1) + self.rnd.randrange(14_000) * DAY
        number, usual = identity_number(name), {
            "birth_date": born, "position": None, "workplace_id": None,
            "address_protection": AddressProtection.NONE}
        return self.rows.add(
            "person", identity_sealed=self.seal.close(number.encode(), "person.identity_number"),
            identity_mark=self.seal.mark(number), name=name, email=f"person{n}@example.no",
            mobile=f"+47400{n:05}", hides_mobile=self.rnd.random() < 0.15, **usual | known)


def identity_number(name: str) -> str:
    """What the person of that name signs in with."""
    return str(NUMBERS + int(name.rpartition(" ")[2]))
