"""What is asked for, as plain data: nouns and attributes by the names they have in `db.tables`."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Given:
    """An argument's value: from the variables at `path`, or written in the document.

    `shape` is what may change the statement (an enum's name, an id's noun); the rest becomes a bind."""
    path: tuple[str, ...] = ()
    literal: Any = None
    shape: Any = None
    many: bool = False

    def read(self, variables: Mapping[str, Any]) -> Any:
        value: Any = variables if self.path else self.literal
        for step in self.path:
            value = value[step]
        return value


@dataclass(frozen=True)
class Asked:
    """One field of the answer: its response key, the attribute's name, arguments, and what is asked below."""
    key: str
    name: str
    below: "Selection | None" = None
    arguments: Mapping[str, Any] = field(default_factory=dict)  # Given, or a mapping of them


@dataclass(frozen=True)
class Selection:
    """The fields asked of one type; `noun` is the type's name, the same in GraphQL and in the tables."""
    noun: str
    fields: tuple[Asked, ...]
