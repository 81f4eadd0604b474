"""The baton: proposed, answered, passed on; there is one holder at any time."""
from sqlalchemy import select

from db.engine import Writing
from db.rules.words import HandoverState, Role
from db.tables.handover import Handover
from db.tables.participant import Participant
from db.tables.person import Person
from db.tables.plan import Plan
from db.write import participant
from db.write.find import Who


async def propose(session: Writing, who: Who, plan: Plan, successor: Person, reason: str) -> Handover:
    """The holder keeps the baton until the successor answers; what was proposed before lapses."""
    await lapse(session, who, plan)
    return await _kept(session, who, plan, successor, reason, HandoverState.PROPOSED)


async def force(session: Writing, who: Who, plan: Plan, successor: Person,
                reason: str) -> tuple[Handover, Participant]:
    """Without an answer; the one who held it is out, for somebody absent keeps no access."""
    await lapse(session, who, plan)
    made = await _kept(session, who, plan, successor, reason, HandoverState.FORCED)
    return made, await _pass(session, who, plan, successor)


async def accept(session: Writing, who: Who, plan: Plan, handover: Handover, *, stays: bool) -> None:
    """The baton passes now; the one who held it `stays` as a provider, where the consent names them."""
    handover.state, handover.answered_at = HandoverState.ACCEPTED, who.now
    before = await session.get_one(Person, (who.municipality, handover.holder_id))
    await _pass(session, who, plan, await session.get_one(Person, (who.municipality, handover.successor_id)))
    here = {part.person_id for part in await participant.standing(session, who, plan, Role.PROVIDER)}
    if stays and before.id not in here:
        await participant.add(session, who, plan, before.id, Role.PROVIDER, before.workplace_id)


def decline(who: Who, handover: Handover, answer: str | None) -> None:
    handover.state, handover.answered_at, handover.answer = HandoverState.DECLINED, who.now, answer


async def lapse(session: Writing, who: Who, plan: Plan) -> None:
    """What is proposed and not answered is answered no more."""
    for handover in await session.scalars(select(Handover).where(
            Handover.municipality_id == who.municipality, Handover.plan_id == plan.id,
            Handover.state == HandoverState.PROPOSED)):
        handover.state, handover.answered_at = HandoverState.LAPSED, who.now
    await session.flush()


async def _kept(session: Writing, who: Who, plan: Plan, successor: Person, reason: str,
                state: HandoverState) -> Handover:
    made = Handover(
        municipality_id=who.municipality, plan_id=plan.id, holder_id=plan.stafettholder_id,
        successor_id=successor.id, by_id=who.by, state=state, reason=reason, proposed_at=who.now,
        answered_at=None if state is HandoverState.PROPOSED else who.now)
    session.add(made)
    await session.flush()
    return made


async def _pass(session: Writing, who: Who, plan: Plan, successor: Person) -> Participant:
    """The old part ends where the new one begins; flushed between, or the database would see two holders."""
    (old,) = await participant.standing(session, who, plan, Role.STAFETTHOLDER)
    participant.end(who, plan, old)
    await session.flush()
    plan.stafettholder_id = successor.id
    made = await participant.add(session, who, plan, successor.id, Role.STAFETTHOLDER, successor.workplace_id)
    await session.flush()
    return made
