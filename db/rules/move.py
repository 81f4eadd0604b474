"""The plan follows the child: how it moves from one unit to the next (domain.md §3)."""
from uuid import UUID

from db.rules.errors import Refused
from db.rules.rights import Right
from db.rules.words import PlanStatus


def check_move(status: PlanStatus, mask: Right, now: UUID, unit: UUID) -> None:
    """A plan that is not closed, to another unit.

    Where it is now is told by a refusal to those alone who may know: one who may not would find it by trying
    unit after unit, and moves it to where it is, as to any other."""
    if status is PlanStatus.CLOSED:
        raise Refused("PLAN_CLOSED", "planId")
    if unit == now and mask & Right.WHEREABOUTS:
        raise Refused("SAME_UNIT", "unitId")


def check_covered(mask: Right, *, in_force: bool, named: bool, without: bool) -> None:
    """Whether the consent in force names the new unit, or the one who moves the plan goes on `without` that.

    Those who do not see which units a consent names (who lead; and where an address is protected) are always
    asked to: what they are told must not follow from whom it names."""
    if not in_force or without:
        return
    if not (mask & Right.CONSENT_READ and mask & Right.WHEREABOUTS):
        raise Refused("COVER_UNSEEN", "withoutConsent")
    if not named:
        raise Refused("UNIT_NOT_COVERED", "withoutConsent")
