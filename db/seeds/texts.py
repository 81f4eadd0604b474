"""What the demo's plans say, read from the .toml files: stories, consent forms, small talk."""
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from db.rules.words import Arena, PlanType

NUMBERS = dict(enumerate(
    ("to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni", "ti", "elleve", "tolv"), start=2))
OVERVIEW = ("presentation", "initiative", "strengths", "challenges", "own_voice")
SCHOOL_YEAR = 8  # begins in August


@dataclass(frozen=True)
class Task:
    """An activity; `by`: FAMILY, OWNER, HOLDER, COLLEAGUE (of the holder) or SERVICE (another one)."""
    title: str
    by: str
    weeks: int  # from the meeting to its deadline
    how: str
    told: str  # how it went


@dataclass(frozen=True)
class Aim:
    """A goal with its activities."""
    title: str
    arena: Arena
    why: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Story:
    """What one plan is about."""
    overview: Mapping[str, str]
    aims: tuple[Aim, ...]


@dataclass(frozen=True)
class Form:
    """A consent form as the municipality's template has it."""
    title: str
    text: str


@dataclass(frozen=True)
class Book:
    """All texts of one language."""
    stories: Mapping[str, Story]
    forms: Mapping[PlanType, Form]
    responsibility: Mapping[str, str]
    helped: tuple[str, ...]  # said of something that worked
    hard: tuple[str, ...]  # said of what was given up


@cache
def book(language: str) -> Book:
    read = _read(language)
    stories = {name: _story(told) for name, told in read["stories"].items()}
    talk = read["talk"]
    return Book(stories, _forms(read["templates"]), read["responsibility"], tuple(talk["helped"]),
                tuple(talk["hard"]))


@cache
def forms() -> Mapping[str, Mapping[PlanType, Form]]:
    """The consent forms in use, by language: the municipalities' own, and what some are translated to."""
    own = {language: book(language).forms for language in ("nb", "nn")}
    return own | {language: _forms(read) for language, read in _read("forms").items()}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))


def _forms(read: dict[str, Any]) -> dict[PlanType, Form]:
    return {PlanType(kind): Form(form["title"], form["text"].strip()) for kind, form in read.items()}


def _story(told: dict[str, Any]) -> Story:
    return Story({part: told[part] for part in OVERVIEW}, tuple(
        Aim(aim["title"], Arena(aim["arena"]), aim["why"], tuple(Task(**task) for task in aim["activities"]))
        for aim in told["goals"]))


@dataclass(frozen=True)
class Subject:
    """Whom a story is told of, on a day."""
    given_name: str
    born: date
    day: date

    def __call__(self, text: str) -> str:
        """The text with its places filled."""
        return text.format(name=self.given_name, age=NUMBERS.get(self.age, str(self.age)), grade=self.grade)

    @property
    def age(self) -> int:
        had_birthday = (self.day.month, self.day.day) >= (self.born.month, self.born.day)
        return self.day.year - self.born.year - (not had_birthday)

    @property
    def grade(self) -> int:
        """The first in the calendar year in which one turns six (opplæringslova), the tenth at most."""
        began = self.day.year if self.day.month >= SCHOOL_YEAR else self.day.year - 1
        return min(max(began - self.born.year - 5, 1), 10)
