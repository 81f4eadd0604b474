"""What the API counts for those who run it: questions and changes, never what was asked or by whom."""
from collections.abc import Awaitable
from time import perf_counter

from prometheus_client import Counter, Histogram

from schema.operation import Answer

SECONDS = Histogram("hub_answer_seconds", "How long it takes to answer a question or to make a change.",
                    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15))
ERRORS = Counter("hub_answer_errors", "Errors in answers; a refusal by the rules is none.", ("code",))


async def counted(answering: Awaitable[Answer]) -> Answer:
    started = perf_counter()
    answer = await answering
    SECONDS.observe(perf_counter() - started)
    for error in answer.errors:
        ERRORS.labels(error["extensions"]["code"]).inc()
    return answer
