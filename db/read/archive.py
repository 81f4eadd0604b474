"""What the archive is given of a plan: its own question, compiled and released like any other's."""
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson

from db.engine import Reader
from db.read.compile import Statement, compiled
from db.read.page import NOBODY
from db.read.selection import Asked, Selection

PERSON: dict[str, Any] = {"name": None}
COMMENTS = ("Comment", {"body": None, "created_at": None, "author": ("Person", PERSON)})
WORK: dict[str, Any] = {
    "title": None, "description": None, "arena": None, "deadline": None, "status": None, "comments": COMMENTS}
NAMES = ("ConsentName", {
    "whereabouts": None, "person": ("Person", PERSON), "unit": ("Unit", {"name": None}),
    "restrictions": ("ConsentRestriction", {"element": None, "level": None})})
QUESTION = ("Plan", {
    "short_name": None, "type": None, "status": None, "level": None, "start_date": None, "end_date": None,
    "next_evaluation_date": None, "owner": ("Person", {"name": None, "birth_date": None}),
    "unit": ("Unit", {"name": None}), "stafettholder": ("Person", PERSON),
    "overview": ("Overview", dict.fromkeys(
        ("presentation", "initiative", "strengths", "challenges", "own_voice"))),
    "goals": ("Goal", {**WORK, "activities": ("Activity", {
        **WORK, "responsible": ("Participant", {"role": None, "person": ("Person", PERSON)})})}),
    "participants": ("Participant", {
        "role": None, "responsibility": None, "since": None, "until": None,
        "person": ("Person", {"name": None, "position": None, "workplace": ("Unit", {"name": None})})}),
    "consents": ("Consent", {
        "state": None, "valid_from": None, "valid_until": None, "sent_at": None, "opened_at": None,
        "declined_at": None, "withdrawn_at": None, "superseded_at": None,
        "texts": ("ConsentText", {"language": None, "direction": None, "text": None}),
        "signatures": ("ConsentSignature", {
            "person": ("Person", PERSON), "signed_at": None, "method": None, "language": None}),
        "names": NAMES}),
    "access_log": ("AccessLog", {  # opened only where it is asked for by name
        "action": None, "at": None, "read": None, "person": ("Person", {"id": None, **PERSON}),
        "unit": ("Unit", {"id": None, "name": None})}),
})


def selection(noun: str, shape: dict[str, Any]) -> Selection:
    return Selection(noun, tuple(Asked(camel(name), name, selection(*below) if below else None)
                                 for name, below in shape.items()))


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def compiled_for(question: tuple[str, dict[str, Any]]) -> Statement:
    """About one plan, under a mask that is chosen."""
    return compiled(Selection("Query", (Asked("plan", "archived", selection(*question)),)), log=False)


@cache
def statement() -> Statement:
    return compiled_for(QUESTION)


async def archived(reader: Reader, municipality: int, now: datetime, plan: UUID,
                   elements: int) -> dict[str, Any]:
    """The plan as the archive may see it; what is not in `elements`, the mask that was chosen, is null.

    LookupError: there is no such plan."""
    return await told(reader, statement(), municipality, now, plan, elements)


async def told(reader: Reader, asked: Statement, municipality: int, now: datetime, plan: UUID,
               elements: int) -> dict[str, Any]:
    """What a statement of `compiled_for` answers of a plan. LookupError: there is no such plan."""
    values = asked.values({"$municipality": municipality, "$viewer": NOBODY, "$now": now,
                           "$plan": plan, "$elements": elements})
    (text,) = await reader.answer(asked.sql, values)
    if text is None:
        raise LookupError(plan)
    answer: dict[str, Any] = orjson.loads(text)
    return answer
