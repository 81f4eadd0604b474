"""Invitations: who can have one, how long it is good, who must declare confidentiality (domain.md §4)."""
from collections.abc import Collection
from datetime import date, datetime, timedelta

from db.rules.errors import Refused
from db.rules.grant import birthday
from db.rules.post import LEADS
from db.rules.rights import Right
from db.rules.words import NoticeKind, PlanStatus, Post, Role

BY_LAW = frozenset({Role.OWNER, Role.GUARDIAN})  # it is their own: they need declare nothing
ATTEMPT = 100  # of the budget for what is new: thirty codes a minute


def must_declare(role: Role, *, employed: bool) -> bool:
    """Whether confidentiality must be declared: a position brings the duty with it (fvl. § 13), but not for
    what one hears as next of kin."""
    return role not in BY_LAW and (role is Role.NEXT_OF_KIN or not employed)


def may_sign_in(role: Role, born: date, consent_age: int, now: datetime) -> bool:
    """The owner of a plan signs in from the age at which they consent; all others are grown up."""
    return role is not Role.OWNER or now >= birthday(born, consent_age)


def check_accept(status: PlanStatus, *, is_last: bool, invited_until: datetime | None,
                 until: datetime | None, now: datetime) -> None:
    """One refusal for all that can be wrong with a code: whoever tries one learns nothing.

    `is_last`: it is the code of the last link, not used yet; `until`: when the participation ends."""
    in_time = invited_until is not None and now < invited_until
    stands = until is None or now < until
    if not (is_last and in_time and stands) or status is PlanStatus.CLOSED:
        raise Refused("INVITATION_DEAD", "code")


def asks_for(*, accepted: bool, undeclared: bool, signs_in: bool) -> NoticeKind | None:
    """What is asked of one who takes part, or is to; None where nothing is, or they can't sign in.

    `undeclared`: they must declare confidentiality, and have not."""
    if not signs_in:
        return None
    if accepted:
        return NoticeKind.DECLARATION_TO_SIGN if undeclared else None
    return NoticeKind.INVITATION


def check_may_invite(mask: Right, posts: Collection[Post], *, holder: bool) -> None:
    """By the stafettholder; and a stafettholder who has not accepted yet, by those who lead the plan's unit:
    they see no other participant."""
    if not mask & Right.PARTICIPANTS_WRITE and not (holder and LEADS & set(posts)):
        raise Refused("NOT_ALLOWED", "planId")


def check_invite(status: PlanStatus, *, waits: bool, has_number: bool, old_enough: bool,
                 reached: bool) -> None:
    """Whether somebody who takes part, or is to, can be sent a new link.

    `waits`: they have not accepted yet, or not declared; `has_number`: an identity number, by which one signs
    in; `reached`: there is an address, and a carrier."""
    if status is PlanStatus.CLOSED:
        raise Refused("PLAN_CLOSED", "planId")
    if not waits:
        raise Refused("HAS_JOINED", "personId")
    if not has_number:
        raise Refused("CANT_SIGN_IN", "personId")
    if not old_enough:
        raise Refused("TOO_YOUNG", "personId")
    if not reached:
        raise Refused("NOT_REACHED", "personId")


def ends(now: datetime, days: int) -> datetime:
    """When a link that is sent now dies: after a month ⚙."""
    return now + timedelta(days=days)
