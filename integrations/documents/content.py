"""What stands in a plan's document, element by element: withheld is left out, empty is said."""
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from integrations.documents import consents
from integrations.documents.blocks import Block, Cell, Node, at, cell, facts, numbered, table, text
from integrations.documents.text import one_line
from integrations.documents.wording import Wording

DAYS = ("startDate", "endDate", "nextEvaluationDate")
HEADING = 200  # characters; a heading is repeated in the outline, where PDF/A takes 32,767 bytes at most
OVERVIEW = ("presentation", "initiative", "strengths", "challenges", "ownVoice")


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
        text(words.label(key), overview[key] or words.label("blank"))
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


def _comments(number: int, goal: Node, words: Wording) -> list[Block]:
    """The evaluation of a goal and of its activities, in one table unless all of it was left out."""
    sources = [(words.label("goal", number=number), goal.get("comments"))]
    sources += [(one.get("title"), one.get("comments")) for one in goal.get("activities") or ()]
    if all(comments is None for _, comments in sources):
        return []
    columns = ("comment", 2.6), ("about", 1.2), ("by", 1.2)
    return [table(words, words.label("comments"), columns, [
        [cell(one.get("body")), cell(about),
         cell(at(one, "author", "name"), words.moment(one.get("createdAt")))]
        for about, comments in sources for one in comments or ()])]


def _goal(number: int, goal: Node, words: Wording) -> list[Block]:
    title, activities = goal.get("title") or "", goal.get("activities")
    return [
        {"kind": "part", "label": words.label("goal", number=number), "title": one_line(title, HEADING)},
        *text(None, title if len(title) > HEADING else None),
        facts([(words.label("arena"), words.code("arena", goal.get("arena"))),
                (words.label("deadline"), words.day(goal.get("deadline"))),
                (words.label("status"), words.code("workStatus", goal.get("status")))]),
        *text(None, goal.get("description")),
        *([] if activities is None else [_activities(activities, words)]),
        *_comments(number, goal, words),
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


def _access_log(entries: Sequence[Node], words: Wording) -> list[Block]:
    """A line for each who has read or archived, and each unit whose fagsystem was told, in the order they
    began: what, how often, and when."""
    readers: dict[tuple[Any, Any], list[Node]] = {}
    for entry in sorted(entries, key=lambda entry: entry.get("at") or ""):
        reader = at(entry, "person", "id") or at(entry, "unit", "id")
        readers.setdefault((reader, entry.get("action")), []).append(entry)
    columns = ("name", 1.2), ("event", 0.8), ("read", 1.6), ("entries", 0.9), ("period", 1.1)
    return [table(words, None, columns, [_reader(of, words) for of in readers.values()])]


def _reader(entries: Sequence[Node], words: Wording) -> list[Cell]:
    """`entries` are one reader's, of one sort, the oldest first."""
    first, last = entries[0], entries[-1]
    read = {words.code("element", element) for entry in entries for element in entry.get("read") or ()}
    reader = at(first, "person", "name") or at(first, "unit", "name")
    return [cell(reader), cell(words.code("action", first.get("action"))),
            cell(", ".join(sorted(filter(None, read)))), cell(str(len(entries))),
            cell(words.days(first.get("at"), last.get("at")))]


ELEMENTS: Mapping[str, Callable[[Any, Wording], list[Block]]] = {
    "overview": _overview,
    "goals": partial(numbered, _goal),
    "participants": _participants,
    "consents": partial(numbered, consents.told),
    "accessLog": _access_log,
}


def sections(plan: Node, words: Wording) -> list[Block]:
    """One per element that was released; an element that is null has no heading either."""
    return [{"heading": words.label(element), "blocks": blocks}
            for element, build in ELEMENTS.items()
            if plan.get(element) is not None and (blocks := build(plan[element], words))]
