"""Notices to people: ordered with the change that they tell of, and asked about again when they go out."""
from collections.abc import Collection
from uuid import UUID

from db.engine import Writing
from db.rules import notice as rules
from db.rules.delivery import CancelReason, FactKind
from db.rules.words import Channel, NoticeKind
from db.tables.delivery import Delivery
from db.tables.municipality import Municipality
from db.tables.person import Person
from db.tables.plan import Plan
from db.write import participant
from db.write.delivery import Key, order, wake
from db.write.find import Who, mask_in
from db.write.plan import consent_in_force, municipality

TO_THE_INVITED = frozenset({NoticeKind.INVITATION, NoticeKind.DECLARATION_TO_SIGN})


async def tell(session: Writing, who: Who, plan: Plan, persons: Collection[UUID], about: NoticeKind) -> None:
    """A notice to each, but not to the one whose deed it is, nor to whom nothing reaches."""
    home, keys = await municipality(session, who.municipality), set[Key]()
    for key in sorted(set(persons) - {who.person}):
        person = await session.get_one(Person, (who.municipality, key))
        channel = reached(home, person)
        target = channel and carriers(home)[channel]
        if target:
            await order(session, who, plan, Delivery(
                target=target, kind=FactKind.NOTICE, notice=about, channel=channel, recipient_id=key))
            keys.add(Key(who.municipality, plan.id, target, key))
    await wake(session, keys)


def carriers(home: Municipality) -> dict[Channel, str | None]:
    """The targets that carry a municipality's notices."""
    return {Channel.SMS: home.sms, Channel.EMAIL: home.email}


def reached(home: Municipality, person: Person) -> Channel | None:
    """How a person is reached today."""
    addresses = {Channel.SMS: person.mobile, Channel.EMAIL: person.email}
    return rules.channel(person.channel, [c for c, to in carriers(home).items() if to and addresses[c]])


async def withheld(session: Writing, who: Who, plan: Plan, delivery: Delivery) -> CancelReason | None:
    """Why a notice may not go out any more; the plan is locked, so that no right ends meanwhile."""
    key = (who.municipality, delivery.recipient_id)
    person = await session.get_one(Person, key, populate_existing=True)
    home = await municipality(session, who.municipality)
    to = Who(who.municipality, person.id, who.now)
    business = (await _awaited(session, to, plan, delivery.notice) if delivery.notice in TO_THE_INVITED
                else bool(await mask_in(session, to, plan.id)))
    return rules.cancelled_because(delivery.channel, reached(home, person), business=business)


async def _awaited(session: Writing, who: Who, plan: Plan, about: NoticeKind | None) -> bool:
    """Whether it is still awaited of somebody to accept, or to declare, and that would open something."""
    consent = await consent_in_force(session, who, plan)
    for part in await participant.waiting(session, who, plan, who.person):
        in_time = part.invited_until is not None and who.now < part.invited_until
        asked = rules.awaited(
            about, plan.recorded_status, accepted=part.accepted_at is not None, in_time=in_time)
        if asked and await participant.covered(session, who, consent.id if consent else None, part):
            return True
    return False
