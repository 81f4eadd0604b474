"""What you may not see can't change what you see: it is all changed, and every answer stays the same, byte for byte."""
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.support.crowd import VIEWERS, AskingCrowd
from tests.support.questions import Question, golden
from tests.support.samples import samples
from tests.support.scramble import scramble

Questions = dict[str, Question]


@pytest.fixture(scope="session")
async def questions(asking: AskingCrowd) -> Questions:
    return golden(await samples(asking))


async def answers(asking: AskingCrowd, part: str, questions: Questions) -> dict[str, bytes]:
    told = {name: await asking.bytes(part, asked.text, **asked.variables) for name, asked in questions.items()}
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


@pytest.mark.parametrize("part", VIEWERS)
async def test_what_is_withheld_changes_no_answer(own: AskingCrowd, questions: Questions, part: str) -> None:
    await answers(own, part, questions)  # leaves its rows in the access log; within the hour there will be no more
    before = await answers(own, part, questions)
    assert scramble(own.url, own.viewer(part), own.now) > 200
    assert leaks(before, await answers(own, part, questions)) == []
