"""What a target is asked about at night, and what it answered, written down."""
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import aliased

from db.engine import Writing
from db.rules.delivery import ENDING, DeliveryState, FactKind, RecordState
from db.tables.delivery import Delivery
from db.tables.reconciliation import Reconciliation
from db.tables.target import Target

ASKED = timedelta(days=30)  # how long what is over is asked about: an end that was told, an archived version
AT_ONCE = 100


async def begin(session: Writing, name: str, now: datetime) -> list[Reconciliation]:
    """One for each municipality that uses the target."""
    begun = [Reconciliation(municipality_id=target.municipality_id, target_id=target.id, started_at=now)
             for target in await session.scalars(select(Target).where(
                 Target.name == name, Target.paused_at.is_(None)))]
    session.add_all(begun)
    await session.flush()
    return begun


async def told(session: Writing, municipality: int, name: str, after: UUID,
               now: datetime) -> Sequence[Delivery]:
    """What it has confirmed and nothing has been ordered after, by id: of each plan and unit the last fact;
    and the versions of the last days."""
    later = aliased(Delivery)
    of_same = and_(later.municipality_id == Delivery.municipality_id, later.plan_id == Delivery.plan_id,
                   later.target == Delivery.target, later.unit_id == Delivery.unit_id)
    superseded = exists().where(of_same, later.seq > Delivery.seq, or_(
        later.state != DeliveryState.CANCELLED, later.attempt_count > 0))
    lately = Delivery.confirmed_at > now - ASKED
    fact = and_(Delivery.unit_id.is_not(None), ~superseded, or_(Delivery.kind.not_in(ENDING), lately))
    version = and_(Delivery.kind == FactKind.ARCHIVED, lately)
    asked = select(Delivery).where(
        Delivery.municipality_id == municipality, Delivery.target == name, Delivery.id > after,
        Delivery.state == DeliveryState.CONFIRMED, or_(fact, version)).order_by(Delivery.id).limit(AT_ONCE)
    return (await session.scalars(asked)).all()


async def note(session: Writing, begun: Reconciliation, answers: Mapping[UUID, RecordState | None],
               now: datetime) -> None:
    """None: it did not answer for this one. What has been ordered meanwhile is left alone."""
    for key, record in answers.items():
        if record is not None:
            await session.execute(update(Delivery).where(
                Delivery.municipality_id == begun.municipality_id, Delivery.id == key,
                Delivery.state == DeliveryState.CONFIRMED).values(record=record, compared_at=now))
    count = Counter(answers.values())
    await session.execute(update(Reconciliation).where(
        Reconciliation.municipality_id == begun.municipality_id, Reconciliation.id == begun.id).values(
        same=Reconciliation.same + count[RecordState.SAME],
        missing=Reconciliation.missing + count[RecordState.MISSING],
        different=Reconciliation.different + count[RecordState.DIFFERENT],
        unanswered=Reconciliation.unanswered + count[None]))


async def end(session: Writing, begun: Reconciliation, now: datetime) -> None:
    await session.execute(update(Reconciliation).where(
        Reconciliation.municipality_id == begun.municipality_id, Reconciliation.id == begun.id,
    ).values(ended_at=now))


async def differing(session: Writing, target: Target) -> int:
    """How many were not there as told, by the last comparison that came to its end."""
    return await session.scalar(select(Reconciliation.missing + Reconciliation.different).where(
        Reconciliation.municipality_id == target.municipality_id, Reconciliation.target_id == target.id,
        Reconciliation.ended_at.is_not(None)).order_by(Reconciliation.started_at.desc()).limit(1)) or 0
