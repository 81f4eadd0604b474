"""The baton: how it passes from one stafettholder to the next, of whom there is always one (domain.md §4)."""
from collections.abc import Collection
from uuid import UUID

from db.rules.errors import Refused
from db.rules.words import HandoverState, PlanStatus, Role

RELATIVES = frozenset({Role.OWNER, Role.GUARDIAN, Role.NEXT_OF_KIN})


def check_successor(status: PlanStatus, holder: UUID, successor: UUID, *, may_hold: bool) -> None:
    """One refusal for all reasons: those who lead see neither who takes part nor whom the consent names."""
    if status is PlanStatus.CLOSED:
        raise Refused("PLAN_CLOSED", "planId")
    if successor == holder:
        raise Refused("HOLDS_IT", "personId")
    if not may_hold:
        raise Refused("CANNOT_HOLD", "personId")


def may_take(roles: Collection[Role], *, named: bool) -> bool:
    """One who takes part as a provider, under a consent in force that names them or their service."""
    return Role.PROVIDER in roles and named and not RELATIVES & set(roles)


def may_be_given(roles: Collection[Role], *, in_force: bool, named: bool) -> bool:
    """While a consent is in force, one whom it names; without one nobody reads content, so any employee.

    Never one of the family, who would decide over their own plan."""
    return (named or not in_force) and not RELATIVES & set(roles)


def check_answer(state: HandoverState, successor: UUID, by: UUID) -> None:
    """Only the one whom it was proposed to answers, and once."""
    if by != successor:
        raise Refused("NOT_YOURS", "handoverId")
    if state is not HandoverState.PROPOSED:
        raise Refused("ANSWERED", "handoverId")
