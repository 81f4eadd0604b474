"""What a rule refuses with."""
from collections.abc import Callable

from db.rules.errors import Refused


def code(check: Callable[[], object]) -> str | None:
    """The code of the first problem; None where nothing is refused."""
    try:
        check()
    except Refused as refused:
        return refused.problems[0].code
    return None
