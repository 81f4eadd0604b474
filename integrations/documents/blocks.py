"""What a document is made of: facts, texts and tables for plan.typ; withheld is left out, empty is said."""
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from integrations.documents.wording import Wording

Node = Mapping[str, Any]
Block = dict[str, Any]
Cell = list[str] | None  # the main line, then lines in smaller type; None where nothing was released


def at(node: Node | None, *path: str) -> Any:
    """The value at the end of `path`, None where any step of it was withheld."""
    value: Any = node
    for key in path:
        value = value.get(key) if value is not None else None
    return value


def facts(rows: Iterable[tuple[str, str | None]]) -> Block:
    return {"kind": "facts", "rows": [[label, value] for label, value in rows if value is not None]}


def text(label: str | None, body: str | None) -> list[Block]:
    return [] if body is None else [{"kind": "text", "label": label, "body": body}]


def cell(*lines: str | None) -> Cell:
    return [line for line in lines if line] or None


def table(words: Wording, label: str | None, columns: Sequence[tuple[str, float]],
          rows: Sequence[Sequence[Cell]]) -> Block:
    """`columns`: heading and width. A column with nothing in any row was left out, and so is its heading."""
    shown = [index for index in range(len(columns)) if any(row[index] for row in rows)]
    return {"kind": "table", "label": label, "none": words.label("none"),
            "heads": [words.label(columns[index][0]) for index in shown],
            "widths": [columns[index][1] for index in shown],
            "rows": [[row[index] or ["–"] for index in shown] for row in rows]}


def numbered(part: Callable[[int, Node, Wording], list[Block]], nodes: Sequence[Node],
             words: Wording) -> list[Block]:
    if not nodes:
        return [{"kind": "none", "body": words.label("none")}]
    return list(chain.from_iterable(part(number, node, words) for number, node in enumerate(nodes, 1)))
