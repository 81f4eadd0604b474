"""People who do not exist: common Norwegian and Sami names, and identity numbers of the synthetic series."""
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from db.seal import synthetic
from db.write.person import AtWork

CHILDREN = (
    "Nora", "Emma", "Ella", "Olivia", "Sofie", "Maja", "Ingrid", "Astrid", "Frida", "Selma", "Tiril", "Hedda",
    "Live", "Ylva", "Iben", "Amina", "Jakob", "Emil", "Noah", "Oliver", "Filip", "Lukas", "Aksel", "Oskar",
    "Theo", "Håkon", "Sander", "Mikkel", "Elias", "Yusuf", "Øyvind", "Åse")
ADULTS = (
    "Anne", "Marit", "Hilde", "Silje", "Camilla", "Kristin", "Heidi", "Ragnhild", "Solveig", "Turid",
    "Monica", "Berit", "Zofia", "Fatima", "Lars", "Knut", "Morten", "Geir", "Trond", "Øystein", "Espen",
    "Stian", "Kjetil", "Håvard", "Terje", "Rune", "Ahmed", "Marek", "Åshild", "Torill")
FAMILIES = (
    "Hansen", "Johansen", "Olsen", "Larsen", "Andersen", "Pedersen", "Nilsen", "Kristiansen", "Solberg",
    "Bakken", "Haugen", "Strand", "Moen", "Lunde", "Myhre", "Sæther", "Ødegård", "Aasen", "Fjeld", "Nygård",
    "Tveit", "Rønning", "Brekke", "Vågen", "Kleppe", "Øvrebø", "Nowak", "Hassan")
SAMI_CHILDREN = ("Áilu", "Máret", "Iŋgá", "Ánte", "Niillas", "Risten", "Sárá", "Mihkkal", "Láilá", "Jovnna")
SAMI_ADULTS = ("Áslat", "Biret", "Ovllá", "Elle", "Máhtte", "Ánne", "Piera", "Káre", "Issát", "Márjá")
SAMI_FAMILIES = ("Čáhcevárri", "Luođđajohka", "Guovžavárri", "Šaldejávri", "Ruoŧajávri", "Áŋŋelsiida")
SAMI_SHARE = 0.15  # of the families


@dataclass(frozen=True)
class Someone:
    """An invented person, before any municipality knows of them."""
    name: str
    born: date
    identity_number: str
    mobile: str
    email: str


def at_work(email: str, mobile: str) -> AtWork:
    """Beside one's own: another address, another mobile, and a telephone."""
    name, number = email.partition("@")[0], mobile[-6:]
    return AtWork(f"{name}@arbeid.example.no", f"+4790{number}", f"+4755{number}")


class Strangers:
    """Draws people, never the same name or number twice; the same draws give the same people."""

    def __init__(self, random: Random, series: int, taken: Collection[date] = ()) -> None:
        """`series`: 1, 2, … share no number; `taken`: birth dates whose first number the parts have."""
        self.random, self._series, self._numbers = random, series, Counter(taken)
        self._names: set[str] = set()

    def family(self) -> str:
        return self.random.choice(SAMI_FAMILIES if self.random.random() < SAMI_SHARE else FAMILIES)

    def child(self, born: date, family: str) -> Someone:
        return self._drawn(born, SAMI_CHILDREN if family in SAMI_FAMILIES else CHILDREN, family)

    def adult(self, born: date, family: str) -> Someone:
        return self._drawn(born, SAMI_ADULTS if family in SAMI_FAMILIES else ADULTS, family)

    def guardian(self, child: date, family: str) -> Someone:
        """A parent's age: 24 to 42 when the child was born."""
        return self.adult(child - timedelta(days=self.random.randint(24 * 365, 42 * 365)), family)

    def employee(self, today: date) -> Someone:
        """27 to 63 years old."""
        return self.adult(today - timedelta(days=self.random.randint(27 * 365, 63 * 365)), self.family())

    def _drawn(self, born: date, given: tuple[str, ...], family: str) -> Someone:
        """Where all names are used up there is a second given name."""
        name = f"{self.random.choice(given)} {family}"
        while name in self._names:
            first, second = self.random.sample(given, 2)
            name = f"{first} {second} {family}"
        self._names.add(name)
        number = 1000 * self._series + len(self._names)  # the parts have the first
        index = 30 * (self._series - 1) + self._numbers[born]
        self._numbers[born] += 1
        return Someone(name, born, synthetic(born, index), f"+474000{number}", f"person{number}@example.no")
