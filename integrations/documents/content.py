"""What stands in a plan's document, as blocks for plan.typ: withheld is left out, empty is said."""
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from integrations.documents.text import one_line
from integrations.documents.wording import Wording

Node = Mapping[str, Any]
Block = dict[str, Any]
Cell = list[str] | None  # the main line, then lines in smaller type; None where nothing was released
DAYS = ("startDate", "endDate", "nextEvaluationDate")
HEADING = 200  # characters; a heading is repeated in the outline, where PDF/A takes 32,767 bytes at most
OVERVIEW = ("presentation", "initiative", "strengths", "challenges", "ownVoice")


def at(node: Node | None, *path: str) -> Any:
    """The value at the end of `path`, None where any step of it was withheld."""
    value: Any = node
    for key in path:
        value = value.get(key) if value is not None else None
    return value


def facts(rows: Iterable[tuple[str, str | None]]) -> Block:
    return {"kind": "facts", "rows": [[label, value] for label, value in rows if value is not None]}


def _text(label: str | None, body: str | None) -> list[Block]:
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


def title_facts(plan: Node, words: Wording) -> Block:
    """The lines under the title."""
    return facts([
        (words.label("owner"), at(plan, "owner", "name")),
        (words.label("birthDate"), words.day(at(plan, "owner", "birthDate"))),
        (words.label("status"), words.code("planStatus", plan.get("status"))),
        (words.label("level"), words.code("level", plan.get("level"))),
        (words.label("unit"), at(plan, "unit", "name")),
        (words.label("stafettholder"), at(plan, "stafettholder", "name")),
        *((words.label(day), words.day(plan.get(day))) for day in DAYS),
    ])


def _overview(overview: Node, words: Wording) -> list[Block]:
    return list(chain.from_iterable(
        _text(words.label(key), overview[key] or words.label("blank"))
        for key in OVERVIEW if overview.get(key) is not None))


def _activities(activities: Sequence[Node], words: Wording) -> Block:
    columns = ("activity", 2.2), ("responsible", 1.2), ("deadline", 1), ("status", 1)
    return table(words, words.label("activities"), columns, [
        [cell(one.get("title"), one.get("description"), words.code("arena", one.get("arena"))),
         cell(at(one, "responsible", "person", "name"),
               words.code("role", at(one, "responsible", "role"))),
         cell(words.day(one.get("deadline"))),
         cell(words.code("workStatus", one.get("status")))]
        for one in activities])


def _comments(goal: Node, words: Wording) -> list[Block]:
    """The evaluation of a goal and of its activities, under one heading unless all of it was left out."""
    sources = [(None, goal.get("comments"))]
    sources += [(one.get("title"), one.get("comments")) for one in goal.get("activities") or ()]
    if all(comments is None for _, comments in sources):
        return []
    rows = [{"about": about, "author": at(one, "author", "name"),
             "when": words.moment(one.get("createdAt")), "body": one.get("body")}
            for about, comments in sources for one in comments or ()]
    return [{"kind": "comments", "label": words.label("comments"), "none": words.label("none"), "rows": rows}]


def _goal(number: int, goal: Node, words: Wording) -> list[Block]:
    title, activities = goal.get("title") or "", goal.get("activities")
    return [
        {"kind": "part", "label": words.label("goal", number=number), "title": one_line(title, HEADING)},
        *_text(None, title if len(title) > HEADING else None),
        facts([(words.label("arena"), words.code("arena", goal.get("arena"))),
                (words.label("deadline"), words.day(goal.get("deadline"))),
                (words.label("status"), words.code("workStatus", goal.get("status")))]),
        *_text(None, goal.get("description")),
        *([] if activities is None else [_activities(activities, words)]),
        *_comments(goal, words),
    ]


def _participants(participants: Sequence[Node], words: Wording) -> list[Block]:
    columns = ("name", 1.2), ("role", 1), ("position", 1.2), ("responsibility", 1.3), ("period", 1.1)
    return [table(words, None, columns, [
        [cell(at(one, "person", "name")),
         cell(words.code("role", one.get("role"))),
         cell(at(one, "person", "position"), at(one, "person", "workplace", "name")),
         cell(one.get("responsibility")),
         cell(words.period(one.get("since"), one.get("until")))]
        for one in participants])]


def _consent(number: int, consent: Node, words: Wording) -> list[Block]:
    signatures = consent.get("signatures")
    columns = ("name", 1.4), ("signedAt", 1.2), ("method", 1)
    rows = [[cell(at(one, "person", "name")),
             cell(words.moment(one.get("signedAt"))),
             cell(words.code("method", one.get("method")))]
            for one in signatures or ()]
    return [
        {"kind": "part", "label": words.label("consent", number=number), "title": ""},
        facts([(words.label("status"), words.code("consentState", consent.get("state"))),
                (words.label("valid"), words.period(consent.get("validFrom"), consent.get("validUntil")))]),
        *(block for _, block in signed_texts(consent, words)),
        *([] if signatures is None else [table(words, words.label("signatures"), columns, rows)]),
    ]


def signed_texts(consent: Node, words: Wording) -> Iterator[tuple[Node, Block]]:
    """The form as it was signed; in every language that it has while nobody has signed it."""
    signed = {one["language"] for one in consent.get("signatures") or () if one.get("language")}
    for text in consent.get("texts") or ():
        if not signed or text["language"] in signed:
            label = words.label("textIn", tongue=words.language_name(text["language"]))
            yield text, {"kind": "text", "label": label, "body": text["text"],
                        "language": text["language"], "direction": text.get("direction")}


def _numbered(part: Callable[[int, Node, Wording], list[Block]], nodes: Sequence[Node],
              words: Wording) -> list[Block]:
    if not nodes:
        return [{"kind": "none", "body": words.label("none")}]
    return list(chain.from_iterable(part(number, node, words) for number, node in enumerate(nodes, 1)))


ELEMENTS: Mapping[str, Callable[[Any, Wording], list[Block]]] = {
    "overview": _overview,
    "goals": partial(_numbered, _goal),
    "participants": _participants,
    "consents": partial(_numbered, _consent),
}


def sections(plan: Node, words: Wording) -> list[Block]:
    """One per element that was released; an element that is null has no heading either."""
    return [{"heading": words.label(element), "blocks": blocks}
            for element, build in ELEMENTS.items()
            if plan.get(element) is not None and (blocks := build(plan[element], words))]
