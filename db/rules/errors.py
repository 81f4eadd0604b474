"""How a rule says no: a code for machines, the input field, and values for the sentence people read."""
import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """`field` is the input's name as the API spells it, with dots inside.

    The sentence is `errors.<code>` in the words."""
    code: str
    field: str
    values: dict[str, object] = dataclasses.field(default_factory=dict)


class Refused(Exception):
    """What was asked is not done; the transaction that it stands in rolls back whole."""

    def __init__(self, code: str, field: str, **values: object) -> None:
        super().__init__(code)
        self.problems: tuple[Problem, ...] = (Problem(code, field, values),)

    @classmethod
    def because_of(cls, problems: list[Problem]) -> "Refused":
        """All of several problems at once."""
        refused = cls(problems[0].code, problems[0].field)
        refused.problems = tuple(problems)
        return refused
