"""The moves of a plan's status, and who may make them (domain.md §3)."""
from collections.abc import Collection

from db.rules.errors import Refused
from db.rules.rights import Right
from db.rules.words import PlanStatus, PlanType, Post, Role

S = PlanStatus
# its activities always have a responsible participant and a deadline
NEEDS_A_DEADLINE = frozenset({PlanType.STAFETTLOGG})


def check_create(posts: Collection[Post]) -> None:
    if Post.PLAN_CREATOR not in posts:
        raise Refused("NOT_ALLOWED", "unitId")


def when_sent(status: PlanStatus) -> PlanStatus:
    """A consent was sent for signing: what is active goes on under the old one until the new one holds."""
    if status is S.CLOSED:
        raise Refused("PLAN_CLOSED", "planId")
    return status if status is S.ACTIVE else S.AWAITING_CONSENT


def when_opened(status: PlanStatus, *, begun: bool) -> PlanStatus:
    """All have signed; before its period has begun a consent changes nothing yet."""
    if status is S.CLOSED:
        raise Refused("PLAN_CLOSED", "consentId")
    return S.ACTIVE if begun else status


def by_clock(status: PlanStatus, *, in_force: bool) -> PlanStatus:
    """What time alone makes of a status: a consent runs out, or one that was signed
    before its period begins."""
    if status is S.ACTIVE and not in_force:
        return S.PASSIVE
    return S.ACTIVE if status is S.AWAITING_CONSENT and in_force else status


def when_withdrawn(status: PlanStatus) -> PlanStatus:
    """A withdrawal rests the plan, and a closed one stays closed."""
    return status if status is S.CLOSED else S.PASSIVE


def close(status: PlanStatus) -> PlanStatus:
    if status is S.CLOSED:
        raise Refused("PLAN_CLOSED", "planId")
    return S.CLOSED


def reopen(status: PlanStatus, *, in_force: bool) -> PlanStatus:
    """Passive and closed plans wait for consent again, unless one is in force."""
    if status not in (S.PASSIVE, S.CLOSED):
        raise Refused("NOT_CLOSED", "planId")
    return S.ACTIVE if in_force else S.AWAITING_CONSENT


def check_write(mask: Right, needed: Right, field: str) -> None:
    """Whether a change to what can be read is allowed: a clear refusal,
    for it is no secret that the thing exists."""
    if not mask & needed:
        raise Refused("NOT_ALLOWED", field)


def check_add(role: Role, *, in_force: bool, named: bool) -> None:
    """Who may be added: before consent only those who will sign it; then whom the consent in force names."""
    if role in (Role.OWNER, Role.STAFETTHOLDER):
        raise Refused("ONLY_ONE", "role", role=role)
    if not in_force and role is not Role.GUARDIAN:
        raise Refused("CONSENT_MISSING", "personId")
    if in_force and not named:
        raise Refused("NOT_NAMED", "personId")


def check_end(role: Role, status: PlanStatus) -> None:
    """A plan is never without its owner and a stafettholder, nor without a guardian who has agreed to it:
    one who was
    entered by mistake can be taken out until then."""
    if role in (Role.OWNER, Role.STAFETTHOLDER) or (role is Role.GUARDIAN
                                                    and status not in (S.DRAFT, S.AWAITING_CONSENT)):
        raise Refused("MUST_STAY", "participantId")
