"""A request as it comes from outside, and what is said to it."""
from dataclasses import replace
from typing import Any

import orjson

from schema.operation import Answer, Request
from schema.root import schema
from tests.support.asking import Asking


async def asked(asking: Asking, text: str, variables: dict[str, Any] | None = None, *,
                name: str | None = None, part: str = "guardian1", language: str = "en",
                key: str | None = None, safe: bool = False) -> Answer:
    """The answer; nothing is written to the access log."""
    request = Request(text, name, variables or {}, asking.viewer(part), language, key, safe)
    return await schema.answer(request, replace(asking.hub, log=False))


def data(answer: Answer) -> Any:
    assert (answer.errors, answer.started) == ([], True)
    return orjson.loads(orjson.dumps(answer.data))


def refusal(answer: Answer) -> tuple[str, str]:
    """The code and the sentence of the one error of a request that was not begun."""
    assert (answer.data, answer.started, len(answer.errors)) == (None, False, 1)
    return answer.errors[0]["extensions"]["code"], answer.errors[0]["message"]
