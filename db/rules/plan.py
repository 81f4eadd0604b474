"""The moves of a plan's status, and who may make them (domain.md §3)."""
from collections.abc import Collection
from datetime import date, datetime

from db.rules.errors import Refused
from db.rules.grant import birthday
from db.rules.rights import Right
from db.rules.words import CloseReason, PlanStatus, PlanType, Post, Role

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
    """What time alone makes of a status: a consent runs out, or one that was signed ahead begins."""
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


def check_follows(reason: CloseReason, *, named: bool, fits: bool) -> None:
    """What is closed for an individual plan names it: one that runs, of the same owner (domain.md §3).

    One refusal for all that does not fit: who may not see a plan must not learn that it is there."""
    if reason is CloseReason.INDIVIDUAL_PLAN_OPENED and not named:
        raise Refused("REQUIRED", "successorId")
    if named and not (fits and reason is CloseReason.INDIVIDUAL_PLAN_OPENED):
        raise Refused("NOT_A_SUCCESSOR", "successorId")


def reopen(status: PlanStatus, *, in_force: bool) -> PlanStatus:
    """Passive and closed plans wait for consent again, unless one is in force."""
    if status not in (S.PASSIVE, S.CLOSED):
        raise Refused("NOT_CLOSED", "planId")
    return S.ACTIVE if in_force else S.AWAITING_CONSENT


def check_level(now: int, level: int) -> None:
    """A change of level is a change, to one of the four that there are (domain.md §3)."""
    if not 0 <= level <= 3:
        raise Refused("BAD_LEVEL", "level")
    if level == now:
        raise Refused("SAME_LEVEL", "level")


def check_write(mask: Right, needed: Right, field: str) -> None:
    """Whether a change to what can be read is allowed.

    The refusal is clear, for it is no secret that the thing exists."""
    if not mask & needed:
        raise Refused("NOT_ALLOWED", field)


def check_add(role: Role, *, in_force: bool, named: bool, taking_part: bool) -> None:
    """Whom the consent in force names, and who does not take part already: nobody is family and helper both.

    The family is no employee's to add: it comes with the plan, or as guardians."""
    if role not in (Role.PROVIDER, Role.NEXT_OF_KIN):
        raise Refused("NOT_BY_THIS", "role", role=role)
    if not in_force:
        raise Refused("CONSENT_MISSING", "personId")
    if not named:
        raise Refused("NOT_NAMED", "personId")
    if taking_part:
        raise Refused("ALREADY_PARTICIPANT", "personId")


def check_guardian(born: date, now: datetime, field: str, *, taking_part: bool) -> None:
    """A guardian reads everything by the role, so nobody who works in the plan or is its child can be one."""
    if now < birthday(born, 18):
        raise Refused("NOT_OF_AGE", field)
    if taking_part:
        raise Refused("ALREADY_PARTICIPANT", field)


def check_before_consent(*, sent: bool, field: str) -> None:
    """Who must sign stands fast once a form has gone out; until then guardians can be added and taken out."""
    if sent:
        raise Refused("CONSENT_SENT", field)


def check_lasts(until: datetime | None, now: datetime) -> None:
    """A part that has ended is history."""
    if until is not None and until <= now:
        raise Refused("ALREADY_ENDED", "participantId")


def check_end(role: Role, *, sent: bool) -> None:
    """A plan is never without its owner and a stafettholder, nor a guardian who was asked to agree to it."""
    if role in (Role.OWNER, Role.STAFETTHOLDER):
        raise Refused("MUST_STAY", "participantId")
    if role is Role.GUARDIAN:
        check_before_consent(sent=sent, field="participantId")
