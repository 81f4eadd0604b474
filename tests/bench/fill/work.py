"""A plan's goals and activities, and the comments on both."""
import random
from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from db.rules.grant import Part
from db.rules.words import Arena, WorkStatus

LONG = "Avtalt på møtet med foresatte og skolen, og gjort kjent for alle som er med i stafettloggen. " * 2
SAID = "Det går fremover: tre av fem dager denne uken gikk som avtalt, og vi fortsetter til neste møte."


def work(add: Callable[..., UUID], rnd: random.Random, parts: list[tuple[UUID, Part]], said_at: datetime,
         due: date) -> None:
    """Four goals of three activities; a comment on each goal, six on activities."""
    def comment(**on: UUID | None) -> None:
        author = rnd.choice(parts[1:])[1].person
        add("comment", **on, author_id=author, body=SAID, created_at=said_at)

    for g in range(4):
        goal = add("goal", position=g, arena=Arena.SCHOOL, description=LONG, deadline=due, version=1,
                   title=f"Lese {g + 10} minutter hver dag, hjemme og på skolen", status=WorkStatus.OPEN)
        comment(goal_id=goal, activity_id=None)
        for a in range(3):
            activity = add(
                "activity", goal_id=goal, responsible_id=parts[3 + (g + a) % 5][0], position=a,
                arena=Arena.HOME, title=f"Følge opp lesingen hver uke, trinn {a}", description=LONG,
                deadline=due, status=WorkStatus.DONE if a == 0 else WorkStatus.OPEN, version=1)
            if (g * 3 + a) % 2:
                comment(goal_id=None, activity_id=activity)
