"""Deleting a plan: who asks, who decides, and how far the plan must have come first (domain.md §10)."""
from dataclasses import dataclass
from uuid import UUID

from db.rules.errors import Refused
from db.rules.rights import Right
from db.rules.words import DeletionState, PlanStatus

# Owners who are old enough, and guardians until they are of age: the access log is theirs alone, too.
ASKS = Right.ACCESS_LOG_READ


@dataclass(frozen=True)
class Ending:
    """How far a plan has come towards its end."""
    asked: bool  # a request stands, of one who may still ask
    status: PlanStatus
    archived: bool  # the archive has confirmed a whole version of the plan as it is
    told: bool  # nothing is on its way out, and no service believes that the child has the plan


def check_delete(ending: Ending) -> None:
    """What is missing first. A running plan is closed first, for that archives it and has the services told:
    whoever works by it must not find it gone."""
    if not ending.asked:
        raise Refused("DELETION_NOT_ASKED", "planId")
    if ending.status is not PlanStatus.CLOSED:
        raise Refused("CLOSE_FIRST", "planId")
    if not ending.archived:
        raise Refused("ARCHIVE_FIRST", "planId")
    if not ending.told:
        raise Refused("TELL_FIRST", "planId")


def check_stands(state: DeletionState) -> None:
    """A request is answered or withdrawn once."""
    if state is not DeletionState.ASKED:
        raise Refused("REQUEST_ENDED", "requestId")


def check_own(asker: UUID, by: UUID) -> None:
    if asker != by:
        raise Refused("NOT_ALLOWED", "requestId")
