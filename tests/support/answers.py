"""Answers to many questions, and where they are not what they were."""
from asyncio import gather
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from tests.support.crowd import AskingCrowd
from tests.support.questions import Question

Answers = dict[str, bytes]


async def answers(asking: AskingCrowd, part: str, questions: Mapping[str, Question]) -> Answers:
    """All at once; one that failed would show nothing, and so leak nothing."""
    given = await gather(*(asking.bytes(part, q.text, **q.variables) for q in questions.values()))
    told = dict(zip(questions, given, strict=True))
    assert {name: answer for name, answer in told.items() if not answer.endswith(b',"errors":[]}')} == {}
    return told


def leaks(before: Answers, after: Answers) -> list[str]:
    """The places that have changed; the whole answer, where only its bytes have."""
    return [place for name, was in before.items() if was != after[name]
            for place in changed(orjson.loads(was), orjson.loads(after[name]), name) or [name]]


def changed(before: Any, after: Any, at: str) -> list[str]:
    return list(_changed(before, after, at))


def _changed(before: Any, after: Any, at: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before | after:
            yield from _changed(before.get(name), after.get(name), f"{at}.{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for n, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _changed(one, other, f"{at}[{n}]")
    elif before != after:
        yield at
