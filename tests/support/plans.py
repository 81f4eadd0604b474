"""Plans as the archive is given them, by chance: whatever its own question asks for is filled in."""
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from graphql import GraphQLEnumType, GraphQLList, GraphQLObjectType, get_named_type, get_nullable_type
from hypothesis import strategies as st

from db.read.archive import QUESTION, camel
from db.read.form import QUESTION as FORM
from db.rules.words import FormLanguage
from schema.root import schema

SENTENCES = (
    "", "Sove bedre om natta.", "Går bedre enn før!\n\nMen ikke hver dag:\n– mandag\n– fredag",
    "čđŋšŧž ČĐŊŠŦŽ á", "نوافق على أن تتعاون المدرسة", "ትግርኛ", "👩‍👩‍👧‍👦 👍🏽 🇳🇴", "漢字",
    "a\u0301\u0323 i\u0307")
MARKUP = (
    "#set page(width: 1cm)", "$x^2$ *b* _k_ `c`", r"\ #{panic()} \u{41}", "= h - l + n / t: u",
    "<l> @ref [a] {b}", '"); #read("/etc/hosts") // /*', "<b>&amp;</b>]]>")
STRANGE = st.characters(
    categories=("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Mc", "Me", "Zs", "Zl", "Zp", "So", "Lo"))
TYPED = st.sampled_from([*SENTENCES, *MARKUP]) | st.text(max_size=80) | st.text(STRANGE, max_size=30)
UNITS = st.text(min_size=1, max_size=6) | st.text(STRANGE, min_size=1, max_size=3)
SIZES = (2_000, 2_000, 20_000, 20_000, 20_000, 100_000)
LONG = st.builds(lambda unit, size: (unit * size)[:size], UNITS, st.sampled_from(SIZES))
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
SCALARS: Mapping[str, st.SearchStrategy[Any]] = {
    "String": TYPED, "ID": st.uuids().map(str), "Int": st.integers(0, 3), "Boolean": st.booleans(),
    "Date": DAYS.map(str),
    "DateTime": st.builds(lambda day, hour: datetime(day.year, day.month, day.day, hour, 59, tzinfo=UTC)
                          .isoformat(), DAYS, st.integers(0, 23))}
LANGUAGES = st.sampled_from([*FormLanguage, "apc", "zh-Hant", "sr-Latn-RS", "es-419"])
WHOLE = ("ConsentText", "ConsentRestriction")  # all of one is released, or nothing
MOST = 2  # rows of a list: with three, a document costs half as much again to look at


def plans() -> st.SearchStrategy[dict[str, Any]]:
    """Any of it withheld, empty or whatever somebody can type; one text in some as long as they come."""
    return st.builds(_with, _rows(*QUESTION), _seldom(LONG, st.none()), st.integers(0, 10_000))


def forms() -> st.SearchStrategy[tuple[dict[str, Any], dict[str, Any]]]:
    """A plan and a consent of it, as a signed form is made of them: nothing withheld."""
    noun, shape = FORM
    plan = {name: below for name, below in shape.items() if name != "consents"}
    consent: tuple[str, Mapping[str, Any]] = shape["consents"]  # type: ignore[assignment]  # is no leaf
    return st.tuples(_rows(noun, plan, whole=True), _rows(*consent, whole=True))


def _seldom(what: st.SearchStrategy[Any], usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Once in eight."""
    return st.integers(1, 8).flatmap(lambda n: what if n == 8 else usual)


def _rows(noun: str, shape: Mapping[str, Any], *, whole: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    kind = schema._schema.type_map[noun]
    assert isinstance(kind, GraphQLObjectType)
    fields = {camel(name): _values(name, kind.fields[camel(name)].type, below, whole=whole)
              for name, below in shape.items()}
    return st.fixed_dictionaries({
        name: values if whole or noun in WHOLE else _seldom(st.none(), values)
        for name, values in fields.items()})


def _values(name: str, kind: Any, below: tuple[str, Mapping[str, Any]] | None, *,
            whole: bool) -> st.SearchStrategy[Any]:
    """Of a field; the archive is given as a list what the API gives in pages."""
    named = get_named_type(kind)
    if below is not None:
        rows = _rows(*below, whole=whole)
        many = isinstance(get_nullable_type(kind), GraphQLList) or named.name.endswith("Connection")
        return _seldom(st.just([]), st.lists(rows, min_size=1, max_size=MOST)) if many else rows
    if isinstance(get_nullable_type(kind), GraphQLList):
        return st.lists(st.sampled_from(sorted(named.values)), max_size=MOST)
    if isinstance(named, GraphQLEnumType):
        return st.sampled_from(sorted(named.values))
    return LANGUAGES if name == "language" else SCALARS[named.name]


def _with(plan: dict[str, Any], long: str | None, place: int) -> dict[str, Any]:
    """The plan with one of its texts exchanged, the same by the same number."""
    texts = [] if long is None else [
        (row, name) for row in _objects(plan) for name, value in row.items() if value in SENTENCES]
    if texts:
        row, name = texts[place % len(texts)]
        row[name] = long
    return plan


def _objects(value: Any) -> list[dict[str, Any]]:
    """Every object in it, outermost first."""
    match value:
        case list():
            return [row for one in value for row in _objects(one)]
        case dict():
            return [value, *_objects(list(value.values()))]
        case _:
            return []
