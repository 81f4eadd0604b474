"""What you may not see can't change what you see: all of it is changed, and every answer stays the same, byte for byte."""
from asyncio import gather
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from pytest import MonkeyPatch

from db.gate.release import Place
from db.read import filter as filters
from db.read.archive import archived
from db.read.page import Sorted
from db.read.source import NOUNS
from db.rules.rights import ARCHIVE, BARE, CONTENT, Element, Right
from db.tables.goal import Comment
from db.tables.held import Base, Held
from db.tables.person import Person
from db.tables.plan import Plan
from schema.recent import Recent
from schema.root import schema
from tests.support.changes import AIMED, BESIDE, NEVER_WAS, all_changes, document
from tests.support.coverage import askable, asked
from tests.support.crowd import VIEWERS, AskingCrowd
from tests.support.questions import Question, golden
from tests.support.samples import samples
from tests.support.scramble import scramble, unseen

Questions = dict[str, Question]
LOGGED = {"guardian1", "guardian2"}  # see the access log, and in it what they have just asked
COUNTING = {"leader", "group leader", "admin", "analyst"}  # are told counts, which have a proof of their own
NOT_THEIRS = {"plan 2", "plan 3", "statistics 0", "plan.participants 0"}  # the last is one id
PUBLIC = ("units", "unit ", "municipality", "consentTemplate", "node Unit", "node Municipality", "node ConsentTemplate")


@pytest.fixture(scope="session")
async def questions(asking: AskingCrowd) -> Questions:
    return golden(await samples(asking))


def for_part(questions: Questions, part: str) -> Questions:
    return {n: q for n, q in questions.items() if not (part in COUNTING and n.startswith("statistics"))}


async def answers(asking: AskingCrowd, part: str, questions: Questions) -> dict[str, bytes]:
    given = await gather(*(asking.bytes(part, q.text, **q.variables) for q in questions.values()))
    told = dict(zip(questions, given, strict=True))
    assert {name: answer for name, answer in told.items() if not answer.endswith(b',"errors":[]}')} == {}
    return told


def changed(before: Any, after: Any, at: str) -> Iterator[str]:
    """The places in an answer that are not what they were."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before | after:
            yield from changed(before.get(name), after.get(name), f"{at}.{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for n, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from changed(one, other, f"{at}[{n}]")
    elif before != after:
        yield at


def leaks(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    return [place for name, was in before.items() if was != after[name]
            for place in changed(orjson.loads(was), orjson.loads(after[name]), name)]


def test_the_questions_leave_nothing_out(questions: Questions) -> None:
    assert askable() - asked(q.text for q in questions.values()) == set()


@pytest.mark.parametrize("part", VIEWERS)
async def test_what_is_withheld_changes_no_answer(own: AskingCrowd, questions: Questions, part: str) -> None:
    questions = for_part(questions, part)
    if part in LOGGED:
        await answers(own, part, questions)  # what they ask is logged now; within the hour no more is written
    before = await answers(own, part, questions)
    assert scramble(own.url, own.viewer(part), own.now) > 200
    assert leaks(before, await answers(own, part, questions)) == []


@pytest.mark.parametrize("elements", [ARCHIVE, ARCHIVE & ~CONTENT | BARE | Element.GOALS.read])
async def test_the_archive_is_given_what_was_chosen_alone(own: AskingCrowd, elements: Right) -> None:
    async def given() -> Any:
        return await archived(own.reader, own.town.municipality, own.now, own.town.plan, elements)
    before = await given()
    scramble(own.url, own.viewer("fagsystem"), own.now, archive=(own.town.plan, int(elements)))
    assert list(changed(before, await given(), "plan")) == []


async def test_what_was_changed_is_seen_by_those_who_may(own: AskingCrowd, questions: Questions) -> None:
    parts = ("stafettholder", "guardian1")
    before = {part: await answers(own, part, questions) for part in parts}
    scramble(own.url, own.viewer("stranger"), own.now)
    after = {part: await answers(own, part, questions) for part in parts}
    same = {name for name in questions if all(before[p][name] == after[p][name] for p in parts)}
    assert {name for name in same if not name.startswith(PUBLIC)} == NOT_THEIRS


def raw_level(compiler: Any, place: Place, given: Any) -> Any:
    return place.row.level == compiler.bind(given.read, place.row.level.type)


def raw_order(compiler: Any, asked: Any, place: Place) -> Sorted:
    name = asked.arguments["order_by"].shape.lower() if "order_by" in asked.arguments else place.noun.__order__
    key = name.removesuffix("_desc")
    value = getattr(place.row, key) if key in Plan.__table__.columns else compiler.attribute(key, place)
    return Sorted(name, value, place.row.id, name != key)


def hold(patch: MonkeyPatch, noun: type[Base], column: str, held: Held) -> None:
    patch.setitem(noun.__table__.columns[column].info, "held", held)


def row_right(patch: MonkeyPatch) -> None:
    patch.setattr(Comment, "__right__", Right.SHELL)
    hold(patch, Comment, "id", Held(Right.SHELL))


SABOTAGE: dict[str, tuple[str, str, Callable[[MonkeyPatch], None]]] = {  # who would notice, and by which question
    "a right is taken off a column": (
        "leader", "{ plans { edges { node { level } } } }", lambda p: hold(p, Plan, "level", Held(Right.PUBLIC))),
    "a filter looks at the column": (
        "leader", "{ plans(filter: {level: 2}) { totalCount } }",
        lambda p: p.setitem(filters.TESTS, ("Plan", "level"), raw_level)),
    "an order looks at the column": (
        "leader", "{ plans(orderBy: LEVEL_DESC) { edges { cursor } } }", lambda p: p.setattr(filters, "order", raw_order)),
    "a rule is dropped": (
        "nurse", "{ plans { edges { node { participants { person { mobile } } } } } }",
        lambda p: hold(p, Person, "mobile", Held(Right.CONTACT))),
    "rows open without their right": ("nurse", "node Comment 0", row_right)}


@pytest.mark.parametrize("sabotage", SABOTAGE)
async def test_a_broken_gate_is_noticed(own: AskingCrowd, questions: Questions, sabotage: str) -> None:
    part, question, apply = SABOTAGE[sabotage]
    few = {question: questions.get(question, Question(question, {}))}
    async def told() -> dict[str, bytes]:
        with MonkeyPatch.context() as patch:
            patch.setattr(schema, "statements", Recent(1))
            apply(patch)
            return await answers(own, part, few)
    before = await told()
    scramble(own.url, own.viewer(part), own.now)
    assert leaks(before, await told()) != []


async def told_alike(own: AskingCrowd, part: str, change: str, noun: str, arguments: str, every: int) -> list[str]:
    """Changes to rows that are not there for the viewer, which are told of otherwise than one that never was."""
    hidden = unseen(own.url, own.viewer(part), own.now, NOUNS[noun])[::every]
    ids = [f"{noun}:{key}" for key in (NEVER_WAS, *hidden)]
    said = await own.told(part, document(change, arguments, ids))
    return [f"{change} {row}" for n, row in enumerate(ids) if said[f"a{n}"] != said["a0"]]


@pytest.mark.parametrize("part", ["nurse", "leader", "stranger", "neighbour"])
async def test_a_change_to_what_is_not_yours_ends_as_one_to_what_never_was(own: AskingCrowd, part: str) -> None:
    assert all_changes() == set(AIMED)
    assert [row for change, (noun, given) in AIMED.items() for row in await told_alike(own, part, change, noun, given, 5)] == []


@pytest.mark.parametrize(("change", "noun", "given"), BESIDE)
async def test_naming_what_is_not_yours_ends_as_naming_what_never_was(
        own: AskingCrowd, change: str, noun: str, given: str) -> None:
    (goal, *_) = (await own.told("stafettholder", '{ plan(id: "Plan:%s") { goals { id } } }' % own.town.plan))["plan"]["goals"]
    arguments = given.format(plan=f"Plan:{own.town.plan}", goal=goal["id"], unit=f"Unit:{own.town.units['Nordmo skole']}")
    assert await told_alike(own, "stafettholder", change, noun, arguments, 1) == []
