"""Who is likely the same person: born on the same day, and with a word of the name in common."""
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import literal, select

from db.tables.person import likely
from db.write.find import transaction
from tests.support.asking import Asking

BORN = date(1990, 1, 1)


async def same(town: Asking, known: str, typed: str, born: date = BORN) -> bool:
    person = SimpleNamespace(name=literal(known), birth_date=literal(BORN))
    async with transaction(town.writer, town.now) as session:
        return bool(await session.scalar(select(likely(person, literal(typed), literal(born)))))


@pytest.mark.parametrize("known, typed, are", (
    ("Ada Nordmo", "Ada Nordmo", True), ("Ada Nordmo", " ADA  Berg ", True), ("Ada Dahl", "Dahl, A.", True),
    ("Ada Nordmo", "Adam Nord", False), ("Ada Nordmo", "Liv Berg", False),  # a part of a word is none
    ("Anne-Marie Vik", "Anne Dahl", True), ("Fatima al-Hassan", "HASSAN, F.", True),
    ("Siobhan O’Brien", "S. o'brien", True), ("Åse Vik", "ÅSE Lie", True), ("Åse Vik", "Åse Lie", True),
    ("José Pérez", "Jose Lie", True), ("Bjørn Vik", "Björn Lie", True), ("Bjørn Vik", "Bjorn Lie", True),
    ("Kjærsti Vik", "Kjärsti Lie", True), ("Łukasz Vik", "lukasz", True), ("Đorđe Vik", "Dorde", True),
    ("محمد علی", "علی", True), ("Οδυσσεύς Vik", "ΟΔΥΣΣΕΎΣ", True), ("Straß Vik", "STRASS", True),
    ("Ola (Per)", "Liv (Siv)", False), ("—", "—", False)), ids=str)
async def test_a_word_in_common_makes_two_names_alike(
        town: Asking, known: str, typed: str, *, are: bool) -> None:
    assert await same(town, known, typed) is are
    assert await same(town, typed, known) is are


async def test_another_day_is_another_person(town: Asking) -> None:
    assert not await same(town, "Ada Nordmo", "Ada Nordmo", date(1990, 1, 2))
