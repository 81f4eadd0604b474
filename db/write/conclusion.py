"""The conclusion of a meeting, for the fagsystem of the one who asks for it and no other (domain.md §9)."""
from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select

from db.engine import Writing
from db.rules.delivery import CancelReason, FactKind, Service
from db.rules.rights import Element
from db.rules.words import PlanStatus, Role
from db.seal import Seal
from db.tables.conclusion import Conclusion
from db.tables.delivery import Delivery
from db.tables.plan import Plan
from db.write import delivery as deliveries, log, participant
from db.write.coverage import services
from db.write.fact import ABOUT, About
from db.write.find import Who, mask_in
from db.write.plan import municipality

SEALED_AS = "conclusion.text"
UNDER = Element.MESSAGES  # what minutes are under: who reads these may send the conclusion


async def mine(session: Writing, who: Who, plan: Plan, person: UUID) -> frozenset[Service]:
    """The services that a person takes part for now, under the consent in force, while the plan runs."""
    units = await _units(session, who, plan, person)
    covered = await services(session, who, plan)
    return frozenset(service for service in covered if service[0] in units)


async def _units(session: Writing, who: Who, plan: Plan, person: UUID) -> Collection[UUID | None]:
    return {part.unit_id for part in await participant.active(session, who, plan, person=person)
            if part.role in (Role.PROVIDER, Role.STAFETTHOLDER)}


async def send(session: Writing, who: Who, seal: Seal, plan: Plan, service: Service,
               said: tuple[date, str]) -> Delivery:
    """Ordered behind what the service is to be told of the plan; `said`: held on which day, and what."""
    (unit, target), (held_on, text) = service, said
    made = Delivery(target=target, kind=FactKind.CONCLUSION)
    await deliveries.order(session, who, plan, made)
    session.add(Conclusion(
        municipality_id=who.municipality, plan_id=plan.id, delivery_id=made.id, unit_id=unit,
        by_id=who.person, held_on=held_on, text_sealed=seal.close(text.encode(), SEALED_AS)))
    log.was_concluded(session, who, plan, unit, UNDER.read)
    await deliveries.wake(session, [deliveries.Key(who.municipality, plan.id, target)])
    return made


async def of(session: Writing, plan: Plan, delivery: Delivery) -> tuple[Conclusion, About]:
    """What is sent, and what is known of its plan and its unit at this moment."""
    sent = (await session.scalars(select(Conclusion).where(
        Conclusion.municipality_id == delivery.municipality_id, Conclusion.delivery_id == delivery.id))).one()
    known = await session.execute(ABOUT, {
        "municipality": plan.municipality_id, "plan": plan.id, "unit": sent.unit_id,
        "target": delivery.target, "now": session.info["now"]})
    return sent, About._make(known.one())


async def withheld(session: Writing, who: Who, plan: Plan, delivery: Delivery) -> CancelReason | None:
    """Why it may not go out any more: to whoever sent it, or to their service, the plan is open no longer, or
    not what minutes are under; or the municipality sends none."""
    sent, about = await of(session, plan, delivery)
    if not (await municipality(session, who.municipality)).sends_conclusions:
        return CancelReason.TURNED_OFF
    by = Who(who.municipality, sent.by_id, who.now)
    reads = await mask_in(session, by, plan.id) & UNDER.read
    there = sent.unit_id in await _units(session, who, plan, sent.by_id)
    if not (reads and there and about.covered and plan.recorded_status is PlanStatus.ACTIVE):
        return CancelReason.CONSENT_ENDED
    return None if about.numbered else CancelReason.NO_IDENTITY_NUMBER
