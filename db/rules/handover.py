"""The baton: how it passes from one stafettholder to the next, of whom there is always one (domain.md §4)."""
from collections.abc import Collection
from uuid import UUID

from db.rules.errors import Refused
from db.rules.post import LEADS
from db.rules.rights import Right
from db.rules.words import HandoverState, PlanStatus, Post


def check_propose(mask: Right, posts: Collection[Post], field: str) -> None:
    """By the holder, or by those who lead the plan's unit."""
    if not (mask & Right.ADMINISTRATION_WRITE or LEADS & set(posts)):
        raise Refused("NOT_ALLOWED", field)


def check_successor(holder: UUID, successor: UUID, *, takes_part: bool, named: bool) -> None:
    """One who takes part in the plan, under a consent in force that names them or their service."""
    if successor == holder:
        raise Refused("HOLDS_IT", "personId")
    if not takes_part:
        raise Refused("NOT_TAKING_PART", "personId")
    if not named:
        raise Refused("NOT_NAMED", "personId")


def check_forced(status: PlanStatus, holder: UUID, successor: UUID, *, in_force: bool, named: bool) -> None:
    """While a consent is in force, one whom it names; without one nobody reads content, so any employee."""
    if status is PlanStatus.CLOSED:
        raise Refused("PLAN_CLOSED", "planId")
    if successor == holder:
        raise Refused("HOLDS_IT", "personId")
    if in_force and not named:
        raise Refused("NOT_NAMED", "personId")


def check_answer(state: HandoverState, successor: UUID, by: UUID) -> None:
    """Only the one whom it was proposed to answers, and once."""
    if by != successor:
        raise Refused("NOT_YOURS", "handoverId")
    if state is not HandoverState.PROPOSED:
        raise Refused("ANSWERED", "handoverId")
