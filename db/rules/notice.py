"""Notices: how a person is reached, and why one does not go out any more (domain.md §4, §12)."""
from collections.abc import Collection

from db.rules.delivery import CancelReason
from db.rules.words import Channel, NoticeKind, PlanStatus


def channel(chosen: Channel | None, possible: Collection[Channel]) -> Channel | None:
    """The one that the person chose, else SMS, else e-mail; `possible`: those that there is an address for,
    and that the municipality has. None where nothing reaches them."""
    wanted = [*([chosen] if chosen else []), Channel.SMS, Channel.EMAIL]
    return next((one for one in wanted if one in possible), None)


def address(private: str | None, work: str | None, *, family: bool) -> str | None:
    """Where one is told of a plan: the family in private, those who work with it at work; each at the other
    where that is all there is."""
    return (private or work) if family else (work or private)


def awaited(about: NoticeKind | None, status: PlanStatus, *, accepted: bool, in_time: bool) -> bool:
    """Whether what an invitation, or the request for a declaration, asks of somebody is still to be done."""
    if status is PlanStatus.CLOSED:
        return False
    return accepted if about is NoticeKind.DECLARATION_TO_SIGN else in_time and not accepted


def cancelled_because(ordered: Channel | None, now: Channel | None, *,
                      business: bool) -> CancelReason | None:
    """Why a notice may not go out any more, asked again at every attempt; None where it may.

    `business`: whether the plan is there for the person; `now`: the channel that would be used today."""
    if not business:
        return CancelReason.NO_BUSINESS
    return None if ordered is now else CancelReason.NO_ADDRESS
