"""Invitations: sent as a notice with a single-use link, and accepted by the very person whom they are to."""
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select

from db.engine import Writing
from db.rules.delivery import FactKind
from db.rules.errors import Refused
from db.rules.invitation import asks_for, check_accept, ends, may_sign_in
from db.rules.words import NoticeKind, PlanStatus
from db.seal import Seal
from db.tables.delivery import Delivery
from db.tables.participant import Participant
from db.tables.person import Person
from db.tables.plan import Plan
from db.write import coverage, notice, participant
from db.write.find import Who, lock
from db.write.plan import municipality


def code(seal: Seal, invited: Participant) -> str:
    """Of the last link. It is kept nowhere: who has the keys makes it anew, and the database has its hash."""
    return seal.invitation_code(invited.id, invited.link_number)


async def last_code(session: Writing, seal: Seal, delivery: Delivery) -> str:
    """Of the link that an invitation carries now; asked for when it goes out, while it is still awaited."""
    return code(seal, (await session.scalars(select(Participant).where(
        Participant.municipality_id == delivery.municipality_id, Participant.plan_id == delivery.plan_id,
        Participant.person_id == delivery.recipient_id, Participant.link_hash.is_not(None)))).one())


async def old_enough(session: Writing, who: Who, invited: Participant) -> bool:
    person = await session.get_one(Person, (who.municipality, invited.person_id))
    home = await municipality(session, who.municipality)
    return may_sign_in(invited.role, person.birth_date, home.consent_age, who.now)


async def send(session: Writing, who: Who, seal: Seal, plan: Plan, invited: Participant) -> None:
    """Asks for what is still awaited of somebody: by a new link, with which the last one dies; of one who has
    joined, a declaration. Nothing where nothing is awaited, or of one who can't sign in: a child that is too
    young, or who has no identity number, and signs on paper."""
    await session.flush()
    person = await session.get_one(Person, (who.municipality, invited.person_id))
    asked = asks_for(accepted=invited.accepted_at is not None,
                     undeclared=invited.must_declare and invited.declared_at is None,
                     signs_in=person.identity_mark is not None and await old_enough(session, who, invited))
    if asked is None:
        return
    if asked is NoticeKind.INVITATION:
        invited.link_number += 1
        invited.link_hash = _hash(code(seal, invited))
        invited.invited_until = ends(who.now, (await municipality(session, who.municipality)).invitation_days)
    await notice.tell(session, who, plan, [invited.person_id], asked)


async def send_all(session: Writing, who: Who, seal: Seal, plan: Plan) -> None:
    """To all who have come with a new plan."""
    for part in await participant.standing(session, who, plan):
        await send(session, who, seal, plan, part)


async def accept(session: Writing, who: Who, typed: str) -> tuple[Plan, Participant]:
    """By the very person, once, in time: they have joined, and take part in every plan that they are invited
    to here and that is not closed. Refused, in one way whatever is wrong.

    The person is locked, then every plan in the order that re-granting locks them in, and all is read anew:
    of two who accept at once the second finds no link, and whoever was ended meanwhile is not let in."""
    person = await session.get_one(Person, (who.municipality, who.person), populate_existing=True,
                                   with_for_update={"key_share": True})
    key = await session.scalar(select(Participant.id).where(
        Participant.municipality_id == who.municipality, Participant.link_hash == _hash(typed),
        Participant.person_id == who.person))
    if key is None:
        raise Refused("INVITATION_DEAD", "code")
    plans = {plan: await lock(session, who, plan)
             for plan in await participant.plans_awaiting(session, who)}
    invited = await session.get_one(Participant, (who.municipality, key), populate_existing=True)
    plan = plans.get(invited.plan_id)
    if plan is None:
        raise Refused("INVITATION_DEAD", "code")
    check_accept(plan.recorded_status, is_last=invited.link_hash == _hash(typed),
                 invited_until=invited.invited_until, until=invited.until, now=who.now)
    person.joined_at = person.joined_at or who.now
    for one in plans.values():
        await _accept(session, who, one)
    return plan, invited


async def _accept(session: Writing, who: Who, plan: Plan) -> None:
    """A closed plan's invitations stay as they are."""
    if plan.recorded_status is PlanStatus.CLOSED:
        return
    for part in await participant.waiting(session, who, plan, who.person):
        if part.accepted_at is None:
            participant.accept(who, part)
            plan.changed_at = who.now
    await coverage.settle(session, who, plan, FactKind.WITHDRAWN)


def _hash(typed: str) -> bytes:
    return sha256(typed.encode()).digest()


async def accepted_on_paper(session: Writing, who: Who, plan: Plan, signer: UUID) -> None:
    """Who has signed the consent takes part: they must be able to withdraw it, in one call, at any time."""
    for part in await participant.waiting(session, who, plan, signer):
        participant.accept(who, part)
