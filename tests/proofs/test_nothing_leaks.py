"""What you may not see can't change what you see: it is all changed, and every answer stays the same, byte for byte."""
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


@pytest.mark.parametrize("part", VIEWERS)
async def test_what_is_withheld_changes_no_answer(own: AskingCrowd, questions: Questions, part: str) -> None:
    await answers(own, part, questions)  # leaves its rows in the access log; within the hour there will be no more
    before = await answers(own, part, questions)
    assert scramble(own.url, own.viewer(part), own.now) > 200
    after = await answers(own, part, questions)
    assert {name: answer for name, answer in after.items() if answer != before[name]} == {}
