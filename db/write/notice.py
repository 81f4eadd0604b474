"""Notices to people: ordered with the change that they tell of, and asked about again when they go out."""
import json
from collections.abc import AsyncIterator, Collection, Mapping
from uuid import UUID

from sqlalchemy import or_, select

from db.engine import Writing
from db.gate.task import shown_to
from db.rules import notice as rules
from db.rules.delivery import DONE, CancelReason, FactKind
from db.rules.handover import RELATIVES
from db.rules.task import TOGETHER
from db.rules.words import Channel, NoticeKind
from db.seal import Seal
from db.tables.delivery import Delivery
from db.tables.municipality import Municipality
from db.tables.participant import Participant
from db.tables.person import Person
from db.tables.plan import Plan
from db.write import alert, participant
from db.write.delivery import Key, order, wake
from db.write.find import Who, mask_in
from db.write.plan import consent_in_force, municipality

TO_THE_INVITED = frozenset({NoticeKind.INVITATION, NoticeKind.DECLARATION_TO_SIGN})

SEALED_AS = "delivery.address"


async def tell(session: Writing, who: Who, plan: Plan, persons: Collection[UUID], about: NoticeKind) -> None:
    """A notice to each, but not to the one whose deed it is, nor to whom nothing reaches."""
    keys = set[Key]()
    async for person, channel, target, _ in _reachable(session, who, plan, persons):
        await order(session, who, plan, Delivery(
            target=target, kind=FactKind.NOTICE, notice=about, channel=channel, recipient_id=person.id))
        keys.add(Key(who.municipality, plan.id, target, person.id))
    await wake(session, keys)


async def tell_last(session: Writing, who: Who, seal: Seal, plan: Plan, persons: Collection[UUID],
                    about: NoticeKind) -> None:
    """To those who may be gone with the plan: where it goes to is sealed in it until it has arrived, and who
    they were is not said."""
    home, keys = await municipality(session, who.municipality), set[Key]()
    async for person, channel, target, address in _reachable(session, who, plan, persons):
        to = json.dumps([address, person.language or home.language])
        await order(session, who, plan, Delivery(
            target=target, kind=FactKind.NOTICE, notice=about, channel=channel,
            body_sealed=seal.close(to.encode(), SEALED_AS)))
        keys.add(Key(who.municipality, plan.id, target))
    await wake(session, keys)


async def _reachable(session: Writing, who: Who, plan: Plan, persons: Collection[UUID],
                     ) -> AsyncIterator[tuple[Person, Channel, str, str | None]]:
    """Each with channel, target and address as they are reached today; not the one whose deed it is, nor who
    has no identity number: a notice bids one sign in, and they can't."""
    home = await municipality(session, who.municipality)
    for key in sorted(set(persons) - {who.person}):
        person = await session.get_one(Person, (who.municipality, key))
        if person.identity_mark is None:
            continue
        at = await addresses(session, person, plan.id)
        channel = reached(home, person, at)
        target = channel and carriers(home)[channel]
        if channel and target:
            yield person, channel, target, at[channel]


async def addressed(session: Writing, seal: Seal, delivery: Delivery) -> tuple[str | None, str]:
    """Where a notice goes to at this moment, and in which language."""
    if delivery.body_sealed is not None:
        kept: tuple[str | None, str] = json.loads(seal.open(delivery.body_sealed, SEALED_AS))
        return kept
    person = await session.get_one(Person, (delivery.municipality_id, delivery.recipient_id))
    language = person.language or (await municipality(session, delivery.municipality_id)).language
    if delivery.alert_id is not None:
        return alert.address(person), language
    at = await addresses(session, person, delivery.plan_id)
    return delivery.channel and at[delivery.channel], language


def carriers(home: Municipality) -> dict[Channel, str | None]:
    """The targets that carry a municipality's notices."""
    return {Channel.SMS: home.sms, Channel.EMAIL: home.email}


async def addresses(session: Writing, person: Person, plan_id: UUID | None) -> dict[Channel, str | None]:
    """Where a person is told of a plan today: at work or in private, by whether it is their family's."""
    family = await session.scalar(select(Participant.id).where(
        Participant.municipality_id == person.municipality_id, Participant.plan_id == plan_id,
        Participant.person_id == person.id, Participant.role.in_(RELATIVES)).limit(1)) is not None
    return {Channel.SMS: rules.address(person.mobile, person.work_mobile, family=family),
            Channel.EMAIL: rules.address(person.email, person.work_email, family=family)}


def reached(home: Municipality, person: Person, at: Mapping[Channel, str | None]) -> Channel | None:
    """How a person is reached today, who has these addresses."""
    return rules.channel(person.channel, [c for c, to in carriers(home).items() if to and at[c]])


async def tell_of_tasks(session: Writing, who: Who, key: UUID, about: NoticeKind) -> None:
    """That there is something to note in the unit's own system; of no plan, and all that comes together in
    one."""
    home = (await session.scalars(select(Municipality).where(
        Municipality.municipality_id == who.municipality).with_for_update(key_share=True))).one()
    person = await session.get_one(Person, (who.municipality, key))
    channel = reached(home, person, await addresses(session, person, None))
    target = channel and carriers(home)[channel]
    told = await session.scalar(select(Delivery.id).where(
        Delivery.municipality_id == who.municipality, Delivery.plan_id.is_(None), Delivery.notice == about,
        Delivery.recipient_id == key, or_(Delivery.ordered_at > who.now - TOGETHER,
                                          Delivery.state.not_in(DONE))).limit(1))
    if target and told is None and person.identity_mark is not None:
        await order(session, who, None, Delivery(
            target=target, kind=FactKind.NOTICE, notice=about, channel=channel, recipient_id=key))
        await wake(session, {Key(who.municipality, None, target, key)})


async def withheld_outside(session: Writing, who: Who, delivery: Delivery) -> CancelReason | None:
    """Why a notice that is of no plan may not go out any more: of an alert, or of tasks, if none is left."""
    if delivery.alert_id is not None:
        return await alert.withheld(session, who, delivery)
    person = await session.get_one(Person, (who.municipality, delivery.recipient_id), populate_existing=True)
    home, seen = await municipality(session, who.municipality), shown_to(who.asking, "seen")
    waits = await session.scalar(select(seen.c.delivery_id).where(seen.c.person_id == person.id).limit(1))
    now = reached(home, person, await addresses(session, person, None))
    return rules.cancelled_because(delivery.channel, now, business=waits is not None)


async def withheld(session: Writing, who: Who, plan: Plan, delivery: Delivery) -> CancelReason | None:
    """Why a notice may not go out any more; the plan is locked, so that no right ends meanwhile."""
    key = (who.municipality, delivery.recipient_id)
    person = await session.get_one(Person, key, populate_existing=True)
    home = await municipality(session, who.municipality)
    to = Who(who.municipality, person.id, who.now)
    business = (await _awaited(session, to, plan, delivery.notice) if delivery.notice in TO_THE_INVITED
                else bool(await mask_in(session, to, plan.id)))
    now = reached(home, person, await addresses(session, person, plan.id))
    return rules.cancelled_because(delivery.channel, now, business=business)


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
